"""Refits from the weights before (`--warm`) beside refits from scratch: error and time."""

import time
from dataclasses import asdict, replace
from statistics import median

import numpy as np
import pandas as pd

from forecast.data import samples
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.naive import Last
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import WalkForward
from tests.benchmarks.record import Gate, Result

ROUNDS = 7
TICKERS = ("GOOG", "AAPL", "IBM", "MSFT")
SETTING = WalkForward()
FORMATS = {"cold seconds": ".2f", "warm seconds": ".2f", "cold over warm": ".1f"} | dict.fromkeys(
    ("cold error", "warm error"), ".4f"
)


def run() -> Result:
    """One row for each ticker."""
    table = pd.DataFrame([_row(ticker) for ticker in TICKERS])
    worse = (table["warm error"] - table["cold error"]).max()
    return Result(
        question="What does a refit from the weights before (a tenth of the epochs and of the"
        " patience) cost in error, and save in time, against learning from scratch?",
        settings={"rounds": ROUNDS} | asdict(SETTING),
        table=table,
        formats=FORMATS,
        gates=[
            Gate(
                "warm is at most .002 worse in RMSE over the last close's, on every ticker",
                f"{worse:+.4f} at worst",
                bool(worse <= 0.002),
            ),
        ],
        notes=[
            "Errors are RMSE over that of repeating the last close; bundled samples, default"
            " settings, the last 30 %. Warm learns its refits one after the other, and only the"
            " first from scratch; cold learns all of them at once, as one stack."
        ],
    )


def _row(ticker: str) -> dict[str, object]:
    prices, own = samples.load(ticker), Recurrent()
    last = walk_forward(prices, {"last": Last()}, SETTING)
    errors, rounds = dict[str, float](), list[dict[str, float]]()
    for _ in range(ROUNDS):
        seconds = dict[str, float]()
        for name, warm in (("cold", False), ("warm", True)):
            started = time.perf_counter()
            answers = walk_forward(prices, {name: own}, replace(SETTING, warm=warm))
            seconds[name] = time.perf_counter() - started
            errors[name] = _rmse(answers) / _rmse(last)
        rounds.append(seconds)
    return {
        "ticker": ticker,
        "cold over warm": median(each["cold"] / each["warm"] for each in rounds),
        **{f"{name} error": each for name, each in errors.items()},
        **{f"{name} seconds": median(each[name] for each in rounds) for name in errors},
    }


def _rmse(answers: pd.DataFrame) -> float:
    return float(np.sqrt(np.square(answers["actual"] - answers["forecast"]).mean()))

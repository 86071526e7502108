"""The usual tutorial's own file and protocol: where does its recipe land, where do our defaults?

732 sessions of Google, the first 512 of them history, then the next close again and again, learned
once. The usual way to a nicer figure scales the sessions to be forecast by their own minimum and
maximum; tests/evaluation/test_leak_of_the_tutorial.py shows what is wrong with it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.evaluation.metrics import rmse
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.base import Forecaster
from forecast.forecasters.naive import Drift, Last
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Inputs, Training, WalkForward
from tests.benchmarks.record import Gate, Result, shared_data

HISTORY, SEEDS = 512, range(10)
PROTOCOL = WalkForward(first=HISTORY, refit=0)
HONEST, HONEST_SPREAD = 9.75, 0.97
REFERENCE = {
    "last": "7.968",
    "drift": "7.958",
    "level": f"{HONEST} +- {HONEST_SPREAD}; 8.36 +- 0.38 with the leak",
}
FORMATS = dict.fromkeys(("RMSE", "spread", "best", "worst"), ".3f") | {"over last close": ".4f"}


def prices() -> Prices:
    """The tutorial's sessions, oldest first.

    Raises:
        AbsentError: the file is not beside this checkout.
    """
    table = pd.read_csv(shared_data("goog_seed004.csv.gz"), index_col="ds", parse_dates=["ds"])
    return Prices.of("GOOG", table, source="csv", place="goog_seed004.csv.gz", adjusted=False)


def recipe(seed: int) -> Recurrent:
    """The tutorial's network: price levels, window 7, hidden 10, 500 epochs, no validation."""
    return Recurrent(
        inputs=Inputs(inputs="level"), training=Training(epochs=500, validation=0.0, seed=seed)
    )


def run() -> Result:
    """One row for each forecaster; spread is the standard deviation over seeds."""
    sessions = prices()
    default = [Recurrent(training=Training(seed=seed)) for seed in SEEDS]
    found = {
        "last": _errors(sessions, [Last()], PROTOCOL),
        "drift": _errors(sessions, [Drift()], PROTOCOL),
        "level": _errors(sessions, [recipe(seed) for seed in SEEDS], PROTOCOL),
        "lstm": _errors(sessions, default, PROTOCOL),
        "lstm, refit every 20": _errors(sessions, default, WalkForward(first=HISTORY)),
    }
    return Result(
        question="The usual tutorial's file and protocol: where does its recipe land, honestly"
        " scaled, and where do our defaults? RMSE in dollars.",
        settings={"history": HISTORY, "window": 7, "targets": len(sessions.table) - HISTORY},
        table=_table(found, len(sessions.table) - HISTORY),
        formats=FORMATS,
        gates=_gates(found),
        notes=[
            "`level` reads MinMax-scaled prices, scaled by the history alone; `lstm` is our"
            " default. The leak is reproduced only in a test that says why it is wrong."
        ],
    )


def _errors(sessions: Prices, forecasters: list[Forecaster], setting: WalkForward) -> list[float]:
    answers = walk_forward(
        sessions, {str(at): each for at, each in enumerate(forecasters)}, setting
    )
    return [
        rmse(part["actual"].to_numpy(), part["forecast"].to_numpy())
        for _, part in answers.groupby("forecaster", sort=False)
    ]


def _table(found: Mapping[str, list[float]], targets: int) -> pd.DataFrame:
    last = found["last"][0]
    return pd.DataFrame(
        {
            "forecaster": name,
            "n": targets,
            "seeds": len(errors),
            "RMSE": np.mean(errors),
            "spread": np.std(errors, ddof=1) if len(errors) > 1 else np.nan,
            "best": min(errors),
            "worst": max(errors),
            "over last close": np.mean(errors) / last,
            "reference": REFERENCE.get(name, ""),
        }
        for name, errors in found.items()
    )


def _gates(found: Mapping[str, list[float]]) -> list[Gate]:
    level, last = float(np.mean(found["level"])), found["last"][0]
    landing = Gate(
        f"the recipe lands on {HONEST} +- {HONEST_SPREAD}",
        f"{level:.2f}",
        abs(level - HONEST) <= HONEST_SPREAD,
    )
    ours = [
        Gate(
            f"{name}, mean over seeds, is at or below the last close x 1.002",
            f"x {np.mean(found[name]) / last:.4f}, worst seed x {max(found[name]) / last:.4f}",
            bool(np.mean(found[name]) <= 1.002 * last),
        )
        for name in ("lstm", "lstm, refit every 20")
    ]
    return [landing, *ours]

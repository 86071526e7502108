"""Walk-forward with refits on one ticker: ours beside a plain loop and other libraries.

Each of 32 folds learns from scratch, 300 steps, and then answers 20 sessions. The plain loop is the
usual tutorial, honestly scaled: `nn.LSTM`, Adam, one fold after the other. Other libraries take
part where FORECAST_PEERS names their environments; see `tests.benchmarks.peers`.
"""

import statistics
import time
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from forecast.data import samples
from forecast.data.prices import Prices
from forecast.evaluation.metrics import rmse
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Training, WalkForward
from forecast.shapes import Series
from tests.benchmarks.peers import Told, ask, present
from tests.benchmarks.record import AbsentError, Gate, Result

FOLDS, REFIT, STEPS, WINDOW, HIDDEN, ROUNDS = 32, 20, 300, 7, 10, 7
# Other libraries walk the last of the folds, and their seconds are scaled up.
PEER_FOLDS = 4
RECURRENT = ("darts", "neuralforecast", "gluonts")
OURS = {"lstm": Recurrent(training=Training(epochs=STEPS, patience=STEPS))}
FORMATS = {"ours is faster by": ".1f", "seconds": ".2f", "forecasts": ".0f"} | dict.fromkeys(
    ("RMSE over last close's", "ours on the same"), ".4f"
)


def run() -> Result:
    """One row for each who walks; ours and the plain loop in turn, medians of the rounds."""
    prices = samples.load("GOOG")
    first = len(prices.table) - FOLDS * REFIT
    ours(prices, first), plain(prices.table, len(prices.table) - REFIT)  # what is made only once
    rounds = [(ours(prices, first), plain(prices.table, first)) for _ in range(ROUNDS)]
    mine, loop = ([each[at] for each in rounds] for at in (0, 1))
    found = {"forecast": _median(mine), "plain loop": _median(loop)}
    peers, absent = _peers(prices.table)
    table = _table(prices.table["close"].to_numpy("float64"), found | peers)
    return Result(
        question="Walk-forward with refits, GOOG's last 640 sessions: how long does it take, and"
        " what comes of it, beside a plain loop and other libraries?",
        settings={"folds": FOLDS, "sessions a fold": REFIT, "steps": STEPS, "window": WINDOW}
        | {"hidden": HIDDEN, "rounds": ROUNDS, "folds of other libraries": PEER_FOLDS},
        table=table,
        formats=FORMATS,
        gates=_gates(table),
        notes=[
            f"Other libraries walk the last {PEER_FOLDS} folds, once; their seconds are multiplied"
            f" by {FOLDS // PEER_FOLDS}, and errors, as ours beside them, are of these folds.",
            "All read five columns, but GluonTS, which has no plain LSTM: DeepAR reads the close"
            " and learns from 32 windows a step, NeuralForecast from 1,024, the others from all."
            " NeuralForecast goes on from the weights before instead of learning from scratch.",
            "Ours counts all that `walk_forward` does, calibrated quantiles among it.",
            *([f"Not installed here: {', '.join(absent)}."] if absent else []),
        ],
    )


def ours(prices: Prices, first: int) -> Told:
    """Every fold at once."""
    started = time.perf_counter()
    answers = walk_forward(prices, OURS, WalkForward(first=first, refit=REFIT))
    seconds = time.perf_counter() - started
    return Told(answers["forecast"].to_numpy(), seconds, version("forecast"))


def plain(table: pd.DataFrame, first: int) -> Told:
    """The tutorial's loop, fold after fold."""
    levels = table.to_numpy("float32")
    close = list(table.columns).index("close")
    started = time.perf_counter()
    found = [
        forecast
        for cutoff in range(first, len(levels), REFIT)
        for forecast in _fold(levels, close, cutoff)
    ]
    return Told(np.array(found), time.perf_counter() - started, torch.__version__)


class _Network(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.cell = nn.LSTM(features, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.head(self.cell(windows)[0][:, -1])


def _fold(levels: np.ndarray, close: int, cutoff: int) -> list[float]:
    """Learn from the rows before the cutoff, scaled by them alone, and answer the next rows."""
    torch.manual_seed(0)
    low, high = levels[:cutoff].min(axis=0), levels[:cutoff].max(axis=0)
    scaled = torch.from_numpy((levels - low) / (high - low))
    windows = scaled[:-1].unfold(0, WINDOW, 1).transpose(1, 2).contiguous()
    learn = cutoff - WINDOW
    network = _Network(levels.shape[1])
    adam = torch.optim.Adam(network.parameters(), lr=0.01)
    wanted = scaled[WINDOW:cutoff, close : close + 1]
    for _ in range(STEPS):
        adam.zero_grad()
        nn.functional.mse_loss(network(windows[:learn]), wanted).backward()
        adam.step()
    with torch.no_grad():
        answers = network(windows[learn : learn + REFIT])[:, 0].numpy()
    return (answers * (high - low)[close] + low[close]).tolist()


def _median(rounds: list[Told]) -> Told:
    seconds = statistics.median(each.seconds for each in rounds)
    return Told(rounds[0].forecasts, seconds, rounds[0].version)


def _peers(table: pd.DataFrame) -> tuple[dict[str, Told], list[str]]:
    """What the libraries that are here answered, and which are not here."""
    try:
        interpreters = present()
    except AbsentError:
        interpreters = {}
    given = {"first": len(table) - PEER_FOLDS * REFIT, "stop": len(table)}
    given |= {"refit": REFIT, "steps": STEPS}
    found = {
        name: ask(interpreters[name], name, "walk", table, given)
        for name in RECURRENT
        if name in interpreters
    }
    return found, [name for name in RECURRENT if name not in interpreters]


def _table(closes: Series, found: dict[str, Told]) -> pd.DataFrame:
    mine = found["forecast"]
    rows = list[dict[str, Any]]()
    for name, told in found.items():
        count = len(told.forecasts)
        seconds = told.seconds * FOLDS * REFIT / count
        rows.append(
            {
                "who": name,
                "ours is faster by": seconds / mine.seconds,
                "RMSE over last close's": _error(closes, told.forecasts),
                "ours on the same": _error(closes, mine.forecasts[-count:]),
                "seconds": seconds,
                "forecasts": count,
                "version": told.version,
            }
        )
    return pd.DataFrame(rows)


def _error(closes: Series, forecasts: Series) -> float:
    """RMSE of forecasts of the last closes, over that of repeating the close before each."""
    actual, last = closes[-len(forecasts) :], closes[-len(forecasts) - 1 : -1]
    return rmse(actual, forecasts) / rmse(actual, last)


def _gates(table: pd.DataFrame) -> list[Gate]:
    rows = table.set_index("who")
    others = rows.drop(index="forecast")
    faster, worse = others["ours is faster by"], rows["ours on the same"]
    no_worse = bool((others["RMSE over last close's"] >= worse[others.index]).all())
    gates = [
        Gate(
            "at least 8 times as fast as the plain loop",
            f"{faster['plain loop']:.1f} times",
            faster["plain loop"] >= 8,
        ),
        Gate("at no worse RMSE than any of them", "so" if no_worse else "not so", no_worse),
    ]
    if len(others) > 1:
        nearest = float(faster.drop("plain loop").min())
        found = f"{nearest:.1f} times ({faster.drop('plain loop').idxmin()})"
        gates.append(Gate("at least 30 times as fast as the fastest library", found, nearest >= 30))
    return gates

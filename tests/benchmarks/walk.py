"""Walk-forward with refits on one ticker: ours beside a plain loop and other libraries.

Each of 32 folds learns from scratch, 300 steps, and then answers 20 sessions: from 128 windows a
step, as libraries learn, and from all of them, as tutorials do. The plain loop is the usual
tutorial, honestly scaled: `nn.LSTM`, fused Adam, one fold after the other. Other libraries take
part where FORECAST_PEERS names their environments; see `tests.benchmarks.peers`.
"""

import math
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path
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
from forecast.settings import Inputs, Training, WalkForward
from forecast.shapes import Series
from tests.benchmarks.peers import Told, ask, present
from tests.benchmarks.record import AbsentError, Gate, Result

FOLDS, REFIT, STEPS, WINDOW, HIDDEN, ROUNDS = 32, 20, 300, 7, 10, 7
BATCH, ALL = 128, 0  # windows a step
# Other libraries walk the last of the folds, and their seconds are scaled up.
PEER_FOLDS = 4
# From how many windows a step each library learns: NeuralForecast and GluonTS from their default.
LIBRARIES = {"neuralforecast": BATCH, "darts": BATCH, "gluonts": 32}
# Ours by default, and as the tutorial has it: levels, and whatever was learned is answered.
TUTORIAL = "forecast, as the tutorial"
OURS = {"forecast": ("changes", 0.2), TUTORIAL: ("level", 0.0)}
FORMATS = {"ours is faster by": ".1f", "seconds": ".2f", "forecasts": ".0f"} | dict.fromkeys(
    ("RMSE over last close's", "ours on the same"), ".4f"
)


def run() -> Result:
    """One row for each who walks; all of them in turn, medians of the rounds."""
    prices = samples.load("GOOG")
    table, first = prices.table, len(prices.table) - FOLDS * REFIT
    interpreters, absent = _libraries()
    ours(prices, first, ALL, "forecast"), plain(table, len(table) - REFIT, ALL)  # made only once
    walks = {batch: _own(prices, first, batch) for batch in (BATCH, ALL)}
    given = {"first": len(table) - PEER_FOLDS * REFIT, "stop": len(table), "warm_up": REFIT}
    given |= {"refit": REFIT, "steps": STEPS}
    for name, python in interpreters.items():
        job = given | {"batch": LIBRARIES[name]}
        walks[BATCH][name] = partial(ask, python, name, "walk", table, job)
    closes = table["close"].to_numpy("float64")
    tables = {batch: _beside(closes, _rounds(own), batch) for batch, own in walks.items()}
    return Result(
        question="Walk-forward with refits, GOOG's last 640 sessions: how long does it take, and"
        " what comes of it, beside a plain loop and other libraries?",
        settings={"folds": FOLDS, "sessions a fold": REFIT, "steps": STEPS, "window": WINDOW}
        | {"hidden": HIDDEN, "rounds": ROUNDS, "folds of other libraries": PEER_FOLDS},
        table=pd.concat(tables.values(), ignore_index=True),
        formats=FORMATS,
        gates=_gates(tables),
        notes=[
            f"Other libraries walk the last {PEER_FOLDS} folds, after one that is not timed; their"
            f" seconds are multiplied by {FOLDS // PEER_FOLDS}, and errors, as ours beside them,"
            " are of these folds.",
            f"From {BATCH} windows a step learns whoever is compared with a library:"
            " NeuralForecast's default; Darts' and GluonTS' is 32. All are up to 2,121. An epoch's"
            " last batch is smaller, and ours by default learns from the first 80 % of a history.",
            *_from_all(tables),
            "Where validation does not support a network, as here, ours by default answers as the"
            f" drift does. '{TUTORIAL}' reads MinMax levels and answers what it has learned.",
            "All read five columns, but GluonTS, which has no plain LSTM: DeepAR reads the close."
            " NeuralForecast goes on from the weights before instead of learning from scratch.",
            "Ours counts all that `walk_forward` does, calibrated quantiles among it.",
            *([f"Not installed here: {', '.join(absent)}."] if absent else []),
        ],
    )


def _own(prices: Prices, first: int, batch: int) -> dict[str, Callable[[], Told]]:
    """Who walks in this process."""
    walks = {name: partial(ours, prices, first, batch, name) for name in OURS}
    return {**walks, "plain loop": partial(plain, prices.table, first, batch)}


def _rounds(walks: Mapping[str, Callable[[], Told]]) -> dict[str, Told]:
    """All of them in turn, again and again: forecasts, and the median of the seconds."""
    rounds = [{name: walk() for name, walk in walks.items()} for _ in range(ROUNDS)]
    return {name: _median([each[name] for each in rounds]) for name in walks}


def ours(prices: Prices, first: int, batch: int, name: str) -> Told:
    """Every fold at once; an epoch goes through all windows of the longest history once."""
    inputs, validation = OURS[name]
    learned = int((1 - validation) * (len(prices.table) - REFIT - WINDOW))
    epochs = round(STEPS / math.ceil(learned / batch)) if batch else STEPS
    how = Training(epochs=epochs, patience=epochs, batch=batch, validation=validation)
    models = {"lstm": Recurrent(inputs=Inputs(inputs=inputs), training=how)}
    started = time.perf_counter()
    answers = walk_forward(prices, models, WalkForward(first=first, refit=REFIT))
    seconds = time.perf_counter() - started
    return Told(answers["forecast"].to_numpy(), seconds, version("forecast"))


def plain(table: pd.DataFrame, first: int, batch: int) -> Told:
    """The tutorial's loop, fold after fold."""
    levels = table.to_numpy("float32")
    close = list(table.columns).index("close")
    started = time.perf_counter()
    found = [
        forecast
        for cutoff in range(first, len(levels), REFIT)
        for forecast in _fold(levels, close, cutoff, batch)
    ]
    return Told(np.array(found), time.perf_counter() - started, torch.__version__)


class _Network(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.cell = nn.LSTM(features, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        return self.head(self.cell(windows)[0][:, -1])


def _fold(levels: np.ndarray, close: int, cutoff: int, batch: int) -> list[float]:
    """Learn from the rows before the cutoff, scaled by them alone, and answer the next rows."""
    torch.manual_seed(0)
    low, high = levels[:cutoff].min(axis=0), levels[:cutoff].max(axis=0)
    scaled = torch.from_numpy((levels - low) / (high - low))
    windows = scaled[:-1].unfold(0, WINDOW, 1).transpose(1, 2).contiguous()
    learn = cutoff - WINDOW
    network = _Network(levels.shape[1])
    adam = torch.optim.Adam(network.parameters(), lr=0.01, fused=True)
    wanted = scaled[WINDOW:cutoff, close : close + 1]
    for _ in range(STEPS):
        drawn = torch.randint(learn, (batch,)) if batch else slice(learn)
        adam.zero_grad()
        nn.functional.mse_loss(network(windows[drawn]), wanted[drawn]).backward()
        adam.step()
    with torch.no_grad():
        answers = network(windows[learn : learn + REFIT])[:, 0].numpy()
    return (answers * (high - low)[close] + low[close]).tolist()


def _median(rounds: list[Told]) -> Told:
    seconds = statistics.median(each.seconds for each in rounds)
    return Told(rounds[0].forecasts, seconds, rounds[0].version)


def _libraries() -> tuple[dict[str, Path], list[str]]:
    """The environments of libraries that are here, and which are not here."""
    try:
        interpreters = present()
    except AbsentError:
        interpreters = {}
    here = {name: interpreters[name] for name in LIBRARIES if name in interpreters}
    return here, [name for name in LIBRARIES if name not in here]


def _beside(closes: Series, found: dict[str, Told], batch: int) -> pd.DataFrame:
    mine = found["forecast"]
    rows = list[dict[str, Any]]()
    for name, told in found.items():
        count, windows = len(told.forecasts), LIBRARIES.get(name, batch)
        seconds = told.seconds * FOLDS * REFIT / count
        rows.append(
            {
                "who": name,
                "windows a step": f"{windows}" if windows else "all",
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


def _from_all(tables: Mapping[int, pd.DataFrame]) -> list[str]:
    """How the libraries stand beside ours where that learns from more windows than they do."""
    mine = tables[ALL].set_index("who")["seconds"]["forecast"]
    rows = tables[BATCH].set_index("who")["seconds"]
    told = ", ".join(f"{name} {rows[name] / mine:.1f}" for name in LIBRARIES if name in rows)
    return [f"Libraries' seconds over ours from all windows: {told}."] if told else []


def _gates(tables: Mapping[int, pd.DataFrame]) -> list[Gate]:
    others = pd.concat(tables.values())
    others = others[~others["who"].isin(OURS)]
    no_worse = bool((others["RMSE over last close's"] >= others["ours on the same"]).all())
    faster = {batch: table.set_index("who")["ours is faster by"] for batch, table in tables.items()}
    loops = [float(each["plain loop"]) for each in faster.values()]
    gates = [
        Gate(
            "at least 8 times as fast as the plain loop",
            " and ".join(f"{each:.1f}" for each in loops) + " times",
            min(loops) >= 8,
        ),
        Gate("at no worse RMSE than any of them", "so" if no_worse else "not so", no_worse),
    ]
    libraries = faster[BATCH].drop([*OURS, "plain loop"])
    if len(libraries):
        nearest = float(libraries.min())
        found = f"{nearest:.1f} times ({libraries.idxmin()})"
        promise = f"at least 30 times as fast as the fastest library, from {BATCH} windows a step"
        gates.append(Gate(promise, found, nearest >= 30))
    return gates

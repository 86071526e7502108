"""Does what comes later move the forecasts that other libraries make of a past?

The same question that `forecast audit` asks: everything after a row is changed, and forecasts of
rows before it must stay as they were, to the last bit.
"""

from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from forecast.data import samples
from forecast.data.prices import Prices
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Training, WalkForward
from forecast.shapes import Series
from tests.benchmarks.peers import ask, present
from tests.benchmarks.record import Result

ROWS, FIRST, SHOCK, STEPS = 340, 300, 320, 20
BEFORE = SHOCK - FIRST


class Case(NamedTuple):
    """What is called, in words, and how it is asked for."""

    peer: str
    called: str
    job: str
    given: dict[str, Any]


SCALED = {"scaler": "minmax"}
CASES = (
    Case("darts", "historical_forecasts, scalers handed over", "walk", {"refit": 10}),
    Case("darts", "fit on all rows, then historical_forecasts", "again", {}),
    Case("neuralforecast", "cross_validation", "crossed", {}),
    Case("neuralforecast", "cross_validation, refit=10", "walk", {"refit": 10}),
    Case("neuralforecast", "cross_validation, local_scaler_type='minmax'", "crossed", SCALED),
    Case(
        "neuralforecast",
        "the same, scaler_type='identity'",
        "crossed",
        SCALED | {"inner": "identity"},
    ),
    Case("neuralforecast", "fit on all rows, then cross_validation", "again", {}),
    Case("gluonts", "train on the history, predict", "walk", {"refit": 10}),
    Case("skforecast", "backtesting_forecaster, ridge, MinMaxScaler", "ridge", {}),
    Case("skforecast", "backtesting of ForecasterRnn", "network", {}),
    Case("skforecast", "fit on all rows, then backtesting of it", "network", {"fitted": True}),
    Case("sktime", "evaluate, ridge, MinMaxScaler in a pipeline", "ridge", {}),
)


def run() -> Result:
    """One row for each case, and one for ours."""
    interpreters = present()
    calm = samples.load("GOOG").table.iloc[-ROWS:]
    wild = calm.copy()
    wild.iloc[SHOCK:] *= 3.0
    table = pd.DataFrame(
        [
            _ours(calm, wild),
            *(_row(interpreters, each, calm, wild) for each in CASES if each.peer in interpreters),
        ]
    )
    absent = sorted({each.peer for each in CASES} - set(interpreters))
    return Result(
        question="Do later rows move the forecasts that other libraries make of a past?",
        settings={"rows": ROWS, "first history": FIRST, "changed from row": SHOCK, "steps": STEPS},
        table=table,
        formats={"moved by at most": ".5%"},
        notes=[
            "From the row named on all prices are trebled; what is asked is whether forecasts of"
            f" the {BEFORE} rows before it move. Where they do, the same call on the same prices"
            " was made again: `repeats` says whether that gives the same forecasts, so that it is"
            " the later rows that moved them, and not chance.",
            "What is not named is as the library sets it; window 7, hidden 10. The LSTM of"
            " NeuralForecast scales each window by itself, unless scaler_type says otherwise: that"
            " hides most of what its scaler of all rows has seen.",
            *([f"Not installed here: {', '.join(absent)}."] if absent else []),
        ],
    )


def _ours(calm: pd.DataFrame, wild: pd.DataFrame) -> dict[str, Any]:
    how = {"lstm": Recurrent(training=Training(epochs=STEPS))}
    setting = WalkForward(first=FIRST, refit=10)
    first, second = (
        walk_forward(Prices.of("GOOG", each), how, setting)["forecast"].to_numpy()[:BEFORE]
        for each in (calm, wild)
    )
    return _told("forecast", version("forecast"), "walk_forward", first, second) | {"repeats": ""}


def _row(
    interpreters: dict[str, Any], case: Case, calm: pd.DataFrame, wild: pd.DataFrame
) -> dict[str, Any]:
    given = {"first": FIRST, "stop": ROWS, "steps": STEPS, **case.given}

    def asked(table: pd.DataFrame) -> tuple[Series, str]:
        told = ask(interpreters[case.peer], case.peer, case.job, table, given)
        return told.forecasts[:BEFORE], told.version

    (first, release), (second, _) = asked(calm), asked(wild)
    row = _told(case.peer, release, case.called, first, second)
    moved = row["later rows move it"] == "yes"
    repeats = "" if not moved else "yes" if np.array_equal(first, asked(calm)[0]) else "no"
    return row | {"repeats": repeats}


def _told(peer: str, release: str, called: str, first: Series, second: Series) -> dict[str, Any]:
    return {
        "library": peer,
        "version": release,
        "called": called,
        "later rows move it": "no" if np.array_equal(first, second) else "yes",
        "moved by at most": float(np.max(np.abs(second / first - 1))),
    }

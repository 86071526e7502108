"""Why the usual tutorial's figure cannot be had: it scales the sessions to be forecast by their own
minimum and maximum.

Those two numbers are known only when the last of these sessions is over. They tell a network that
reads levels how high and how low the price is going to be, which is most of what it lacks: so its
forecasts of the first of these sessions move when the last one does, and its error falls below
what the same network reaches with the scaling it learned from.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecast.data import samples
from forecast.evaluation.metrics import rmse
from forecast.features.inputs import BOUNDS, columns
from forecast.features.scaling import MinMax
from forecast.forecasters.recurrent import FittedRecurrent
from forecast.shapes import Series
from tests.benchmarks import tutorial
from tests.benchmarks.record import AbsentError

HISTORY = tutorial.HISTORY


def learned(table: pd.DataFrame, seeds: Sequence[int]) -> list[FittedRecurrent]:
    history = table.iloc[:HISTORY]
    return [tutorial.recipe(seed).fit_many([history], horizon=1)[0] for seed in seeds]


def leaking(fitted: FittedRecurrent, table: pd.DataFrame) -> FittedRecurrent:
    """The same network, its scaling taken from the sessions that it is going to forecast."""
    seen = columns(table.iloc[HISTORY - fitted.inputs.settings.window :], "level")
    scaling = MinMax.fit(seen, BOUNDS["level"])
    close = fitted.inputs.names.index("close")
    shift, spread = float(scaling.low[close]), float(1 / scaling.factor[close])
    return replace(
        fitted, inputs=replace(fitted.inputs, scaling=scaling, shift=shift, spread=spread)
    )


def forecasts(fitted: FittedRecurrent, table: pd.DataFrame) -> Series:
    """The next close, asked at every session from the end of the history on."""
    known = [table.iloc[:rows] for rows in range(HISTORY, len(table))]
    return fitted.forecast(known)[:, 0]


def error(fitted: FittedRecurrent, table: pd.DataFrame) -> float:
    return rmse(table["close"].to_numpy()[HISTORY:], forecasts(fitted, table))


def test_the_leak_reproduces_the_published_figure_and_hides_the_error() -> None:
    try:
        table = tutorial.prices().table
    except AbsentError as sentence:
        pytest.skip(str(sentence))
    nets = learned(table, seeds=range(2))
    honest = np.mean([error(net, table) for net in nets])
    leaky = np.mean([error(leaking(net, table), table) for net in nets])
    assert abs(leaky - 8.36) <= 0.38
    assert abs(honest - tutorial.HONEST) <= tutorial.HONEST_SPREAD
    assert leaky < honest - 0.5


def test_the_leak_moves_the_first_forecast_when_only_the_last_session_changes() -> None:
    calm = samples.load("GOOG").table.iloc[-(HISTORY + 60) :]
    wild = calm.copy()
    wild.iloc[-1] *= 3.0
    [honest] = learned(calm, seeds=[0])
    first, after_shock = (forecasts(honest, table)[:-1] for table in (calm, wild))
    assert np.array_equal(first, after_shock)
    told, told_otherwise = (forecasts(leaking(honest, table), table)[0] for table in (calm, wild))
    assert abs(told_otherwise / told - 1) > 0.05

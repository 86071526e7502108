"""What each target asks at every session of a series, and the outcome."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.features.variance import means_ahead, trailing_means, variances
from forecast.features.variance_inputs import volatility
from forecast.forecasters.intervals import Outcomes, close_outcomes, expected_scale, smoothed
from forecast.forecasters.volatility import DECAY
from forecast.settings import Target


@dataclass(frozen=True, slots=True, eq=False)
class OutcomesAhead:
    """The sessions of one ticker, and the outcomes 1, 2, ... sessions after each."""

    sessions: pd.DatetimeIndex
    outcomes: tuple[Outcomes, ...]


def outcomes_ahead(
    table: pd.DataFrame, horizon: int, target: Target | None = None
) -> OutcomesAhead:
    """What is asked on each row of `Prices.table`, for each horizon up to this one, and what came.

    That is the close for all targets but volatility: return and direction are made from it.

    Raises:
        DataError: the target needs columns that the table lacks.
    """
    target = target or Target()
    sessions = pd.DatetimeIndex(table.index)
    if target.target == "volatility":
        return OutcomesAhead(sessions, _volatilities(table, horizon, target))
    closes = table["close"].to_numpy("float64")
    scale = expected_scale(closes)
    ahead = range(1, horizon + 1)
    return OutcomesAhead(sessions, tuple(close_outcomes(closes, each, scale) for each in ahead))


def _volatilities(table: pd.DataFrame, horizon: int, target: Target) -> tuple[Outcomes, ...]:
    """Volatility of the sessions after each row; its error in logs is alike in calm and storm."""
    variance, rows = variances(table, target.variance), len(table)
    naive = np.concatenate([[math.nan], volatility(smoothed(variance, DECAY))])
    found = list[Outcomes]()
    for each in range(1, horizon + 1):
        actual, last = np.full(rows, math.nan), np.full(rows, math.nan)
        if len(variance) >= each:
            actual[:-each] = volatility(means_ahead(variance, each)[:, -1])
            last[each:] = volatility(trailing_means(variance, each))
        found.append(Outcomes(each, actual, last, naive, np.ones(rows)))
    return tuple(found)

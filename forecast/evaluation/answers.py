"""The answers table: one long table of every forecast made, its columns fixed.

| column | meaning |
|---|---|
| ticker, forecaster | whose price, whose forecast |
| cutoff | last session that the forecaster had seen |
| date | session that was asked for |
| horizon | sessions from cutoff to date; 1 is the next |
| last | close at the cutoff |
| actual | close at the date; NaN while unknown |
| forecast | close that was forecast |
| q025 q05 q10 ... q90 q95 q975 | quantiles of what may come: the ends of the 95 %, 90 % and 80 %
intervals, and the deciles between them; q50 is the middle |
| capped | whether a quantile lies beyond all errors seen so far, and was put at the farthest |

The forecast is the forecaster's own; the quantiles are made from it and its past errors, so that
the median lies above a forecast that is always too low.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.shapes import Series

KEYS = ("ticker", "forecaster", "cutoff", "date", "horizon")
PRICES = ("last", "actual", "forecast")
QUANTILES = {
    "q025": 0.025,
    "q05": 0.05,
    **{f"q{10 * decile}": decile / 10 for decile in range(1, 10)},
    "q95": 0.95,
    "q975": 0.975,
}
COLUMNS = (*KEYS, *PRICES, *QUANTILES, "capped")
COVERAGES = {0.8: ("q10", "q90"), 0.95: ("q025", "q975")}
LEVELS = np.array([*QUANTILES.values()])


def values_of(rows: pd.DataFrame) -> tuple[Series, Series, Series]:
    """The columns actual, forecast and last of an answers table, as arrays."""
    actual, forecast, last = (
        rows[name].to_numpy("float64") for name in ("actual", "forecast", "last")
    )
    return actual, forecast, last


def rise(last: float, quantiles: Sequence[float]) -> float:
    """The chance that a close ends above the last one, from the quantiles of the answers table.

    One minus the level of the quantile at the last close, interpolated linearly; so it rests on
    past errors, as the quantiles do. It is never beyond the outermost level, and NaN where there
    are no quantiles.

    >>> round(rise(100.0, [90 + i for i in range(13)]), 3)
    0.1
    """
    if math.isnan(quantiles[0]):
        return math.nan
    level: Any = np.interp(last, quantiles, LEVELS)
    return 1 - float(level)

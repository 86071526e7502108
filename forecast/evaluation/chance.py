"""The chance of a rise that the quantiles of an answer tell."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from forecast.evaluation.answers import QUANTILES

LEVELS = np.array([*QUANTILES.values()])


def rise(last: float, quantiles: Sequence[float]) -> float:
    """The chance that a close ends above the last one, from the quantiles of the answers table.

    One minus the level of the quantile that the last close would be, on a straight line between
    those there are; so it rests on past errors, as they do. It is never beyond the outermost, and
    NaN where there are none.

    >>> round(rise(100.0, [90 + i for i in range(13)]), 3)
    0.1
    """
    if math.isnan(quantiles[0]):
        return math.nan
    level: Any = np.interp(last, quantiles, LEVELS)
    return 1 - float(level)

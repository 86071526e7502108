"""How good intervals and quantiles are: held often enough, and no wider than needed.

In the unit of the arguments, without NaN unless said; the mean of no rows is NaN. `coverage` and
`level` are shares.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from forecast.evaluation.metrics.points import ratio
from forecast.shapes import Series

Levels = Float[np.ndarray, "level"]
Quantiles = Float[np.ndarray, "row level"]


def coverage(actual: Series, lower: Series, upper: Series) -> float:
    """Share of actuals inside [lower, upper], over the rows that have an interval; NaN if none has.

    >>> coverage(np.array([1.0, 5.0]), np.array([0.0, np.nan]), np.array([2.0, np.nan]))
    1.0
    """
    known = np.isfinite(lower) & np.isfinite(upper)
    inside = (lower <= actual) & (actual <= upper)
    return ratio(float(np.sum(inside & known)), float(np.sum(known)))


def width(last: Series, lower: Series, upper: Series) -> float:
    """Mean width of the intervals as a share of the last close; NaN if no row has an interval.

    >>> width(np.array([100.0]), np.array([98.0]), np.array([103.0]))
    0.05
    """
    known = np.isfinite(lower) & np.isfinite(upper)
    return ratio(float(np.sum(((upper - lower) / last)[known])), float(np.sum(known)))


def winkler(actual: Series, lower: Series, upper: Series, coverage: float) -> float:
    """Mean interval score: width, and 2 / (1 - coverage) for each unit that an actual lies outside.

    Winkler (1972); Gneiting and Raftery (2007), equation 43. In the unit of the arguments.

    >>> round(winkler(*map(np.array, ([5.0], [1.0], [4.0])), coverage=0.8), 9)
    13.0
    """
    outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    return _mean(upper - lower + 2 / (1 - coverage) * outside)


def pinball(actual: Series, quantile: Series, level: float) -> float:
    """Mean quantile loss, max(p (y - q), (p - 1) (y - q)) at level p; in the arguments' unit.

    Koenker and Bassett (1978).

    >>> round(pinball(np.array([5.0]), np.array([3.0]), level=0.9), 9)
    1.8
    """
    error = actual - quantile
    return _mean(np.maximum(level * error, (level - 1) * error))


def crps(actual: Series, quantiles: Quantiles, levels: Levels) -> float:
    """Continuous ranked probability score from a few quantiles: twice their mean pinball loss.

    CRPS is twice the integral of the pinball loss over all levels (Laio and Tamea, 2007); a
    coarse grid of levels approximates it, comparable only with the same levels.

    >>> round(crps(np.array([5.0]), np.array([[3.0, 6.0]]), np.array([0.1, 0.9])), 9)
    0.3
    """
    losses = [pinball(actual, q, p) for q, p in zip(quantiles.T, levels.tolist(), strict=True)]
    return 2 * float(np.mean(losses))


def crps_normal(actual: Series, mean: Series, spread: Series) -> float:
    """Continuous ranked probability score of normal forecasts, in closed form.

    s (z (2 N(z) - 1) + 2 n(z) - 1 / sqrt(pi)), z = (y - mean) / s for the standard deviation
    s = `spread`. Gneiting, Raftery, Westveld and Goldman (2005), equation 5.

    >>> round(crps_normal(np.zeros(1), np.zeros(1), np.ones(1)), 4)
    0.2337
    """
    z = (actual - mean) / spread
    density = np.exp(-np.square(z) / 2) / np.sqrt(2 * np.pi)
    return _mean(spread * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def wql(actual: Series, quantiles: Quantiles, levels: Levels) -> float:
    """Weighted quantile loss: twice the mean pinball loss over the mean of |actual|.

    Park et al. (2022) as GluonTS and utilsforecast (`scaled_crps`) compute it. On returns; on
    prices the denominator hides everything.

    >>> round(wql(np.array([-5.0]), np.array([[-7.0, -4.0]]), np.array([0.1, 0.9])), 9)
    0.06
    """
    return ratio(crps(actual, quantiles, levels), _mean(np.abs(actual)))


def _mean(values: Series) -> float:
    return ratio(float(np.sum(values)), float(len(values)))

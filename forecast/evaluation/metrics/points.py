"""How far forecasts are from what came, in money, in logs, and beside the naive ways.

`actual` and `forecast` are closes at the sessions asked for, `last` is the close at the cutoff;
all three in one currency, above zero, without NaN. A ratio whose denominator is zero is NaN.
"""

import numpy as np
from jaxtyping import Int

from forecast.shapes import Series


def mae(actual: Series, forecast: Series) -> float:
    """Mean absolute error, mean |y - f|, in the currency of the closes.

    >>> mae(np.array([10.0, 12.0]), np.array([11.0, 9.0]))
    2.0
    """
    return float(np.mean(np.abs(actual - forecast)))


def rmse(actual: Series, forecast: Series) -> float:
    """Root mean squared error, sqrt(mean (y - f)^2), in the currency of the closes.

    >>> round(rmse(np.array([10.0, 12.0]), np.array([11.0, 9.0])), 4)
    2.2361
    """
    return float(np.sqrt(np.mean(np.square(actual - forecast))))


def mape(actual: Series, forecast: Series) -> float:
    """Mean absolute error as a share of the actual, mean |y - f| / |y|.

    Small for any daily forecast of a price: compare it with that of the last close.

    >>> mape(np.array([10.0, 20.0]), np.array([11.0, 18.0]))
    0.1
    """
    return float(np.mean(np.abs(actual - forecast) / np.abs(actual)))


def skill(actual: Series, forecast: Series, last: Series) -> float:
    """Share of the last close's absolute error removed: 1 - MAE / MAE of the last close.

    1 - RelMAE of Hyndman and Koehler (2006), over the same targets. 0 is the last
    close itself, 1 is perfect, below 0 is worse than doing nothing.

    >>> skill(np.array([10.0, 12.0]), np.array([10.0, 11.0]), np.array([9.0, 9.0]))
    0.75
    """
    return 1 - ratio(mae(actual, forecast), mae(actual, last))


def skill_rmse(actual: Series, forecast: Series, last: Series) -> float:
    """Share of the last close's root mean squared error removed: 1 - RMSE / RMSE of the last close.

    >>> skill_rmse(np.array([10.0, 12.0]), np.array([10.0, 12.0]), np.array([9.0, 9.0]))
    1.0
    """
    return 1 - ratio(rmse(actual, forecast), rmse(actual, last))


def r2(actual: Series, forecast: Series, last: Series) -> float:
    """R2 of the log returns against the random walk: 1 - sum (r - r_f)^2 / sum r^2.

    r = ln(y / last) and r_f = ln(f / last): Campbell and Thompson (2008) with zero as the
    benchmark's return. Never on price levels, where even a stale moving average nears 1.

    >>> r2(np.array([110.0, 90.0]), np.array([100.0, 100.0]), np.array([100.0, 100.0]))
    0.0
    """
    missed = np.sum(np.square(np.log(actual / forecast)))
    return 1 - ratio(float(missed), float(np.sum(np.square(np.log(actual / last)))))


def expanding_means(closes: Series, cutoffs: Int[np.ndarray, "answer"]) -> np.ndarray:
    """Mean one-session log change of all sessions up to each cutoff, a row number above 0.

    >>> expanding_means(np.exp([0.0, 2.0, 3.0]), np.array([1, 2])).tolist()
    [2.0, 1.5]
    """
    logs = np.log(closes)
    return (logs[cutoffs] - logs[0]) / cutoffs


def r2_mean(actual: Series, forecast: Series, last: Series, mean: Series) -> float:
    """R2 of the log returns against the mean return so far: 1 - sum (r - r_f)^2 / sum (r - m)^2.

    Campbell and Thompson (2008), equation 1. `mean` is the mean return that was known at each
    cutoff, over as many sessions as the forecast spans; never the mean of what came.

    >>> prices = np.array([100.0, 100.0])
    >>> r2_mean(np.array([110.0, 90.0]), prices, prices, np.zeros(2))
    0.0
    """
    missed = np.sum(np.square(np.log(actual / forecast)))
    return 1 - ratio(float(missed), float(np.sum(np.square(np.log(actual / last) - mean))))


def naive_scale(closes: Series) -> float:
    """Mean absolute one-session log change of a history; NaN when it has no change to show.

    >>> round(naive_scale(np.array([100.0, 110.0, 100.0])), 4)
    0.0953
    """
    if len(closes) < 2:
        return float("nan")
    return float(np.mean(np.abs(np.diff(np.log(closes)))))


def mase(actual: Series, forecast: Series, scale: float) -> float:
    """Mean absolute error of log price over `scale`, the `naive_scale` of the history.

    Hyndman and Koehler (2006) with m = 1, on log price: in money the scale would come from
    another price era. The last close itself does not score 1, so show its own beside it.

    >>> round(mase(np.array([110.0]), np.array([100.0]), scale=0.0953), 3)
    1.0
    """
    return ratio(float(np.mean(np.abs(np.log(actual / forecast)))), scale)


def naive_root_scale(closes: Series) -> float:
    """Root mean squared one-session log change of a history; NaN when it has no change to show.

    >>> round(naive_root_scale(np.array([100.0, 110.0, 100.0])), 4)
    0.0953
    """
    if len(closes) < 2:
        return float("nan")
    return float(np.sqrt(np.mean(np.square(np.diff(np.log(closes))))))


def rmsse(actual: Series, forecast: Series, root_scale: float) -> float:
    """Root mean squared error of log price over `root_scale`, the history's `naive_root_scale`.

    Makridakis, Spiliotis and Assimakopoulos (2022), equation 1 with its root, on log price for
    the reason of `mase`.

    >>> round(rmsse(np.array([110.0]), np.array([100.0]), root_scale=0.0953), 3)
    1.0
    """
    return ratio(float(np.sqrt(np.mean(np.square(np.log(actual / forecast))))), root_scale)


def ratio(numerator: float, denominator: float) -> float:
    """The quotient, or NaN when the denominator is zero or NaN.

    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    (0.25, nan)
    """
    return numerator / denominator if denominator else float("nan")

"""What a row of scores is made of: each metric a plain function of arrays in time order.

`actual` and `forecast` are closes at the sessions asked for, `last` is the close at the cutoff;
all three in one currency, above zero, without NaN. A ratio whose denominator is zero is NaN.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from forecast.shapes import Series


class Direction(NamedTuple):
    """How often the sign of the change was forecast, and how often the price rose anyway.

    `share` is over the rows where forecast and actual both moved; `flat` is the share of the other
    rows. `up_rate` is over the rows where the actual moved: what always saying up would score.
    """

    share: float
    up_rate: float
    flat: float


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


def direction(actual: Series, forecast: Series, last: Series) -> Direction:
    """Share of changes whose sign was forecast, with the up rate to compare it with.

    >>> direction(*map(np.array, ([11.0, 9.0, 11.0], [11.0, 11.0, 10.0], [10.0, 10.0, 10.0])))
    Direction(share=0.5, up_rate=0.666..., flat=0.333...)
    """
    rose, said_up = np.sign(actual - last), np.sign(forecast - last)
    moved = (rose != 0) & (said_up != 0)
    hits = float(np.sum(moved & (rose == said_up)))
    up_rate = ratio(float(np.sum(rose > 0)), float(np.sum(rose != 0)))
    among = float(np.sum(moved))
    return Direction(ratio(hits, among), up_rate, 1 - ratio(among, float(len(moved))))


def lag(
    forecast: Float[np.ndarray, "answer"],
    closes: Series,
    targets: Int[np.ndarray, "answer"],
    longest: int = 3,
) -> int:
    """Sessions by which the forecasts trail: argmin over k of mean (f_t - y_{t-k})^2.

    `targets` are the rows of `closes` that were asked for; k = 0..`longest`. A lag
    equal to the horizon says that the forecast is mostly the last close, however well the two
    curves seem to agree.

    >>> closes = np.array([10.0, 12.0, 9.0, 13.0, 8.0, 14.0])
    >>> lag(closes[2:5], closes, np.array([3, 4, 5]))
    1
    """
    back = np.arange(min(longest, int(targets.min())) + 1)
    trailing = closes[targets - back[:, None]]
    return int(np.argmin(np.mean(np.square(forecast - trailing), axis=1)))


def correlation(actual: Series, forecast: Series, last: Series) -> float:
    """Pearson's correlation of forecast and actual log change; NaN when either never varies.

    >>> round(correlation(*map(np.array, ([11.0, 9.0], [10.5, 9.5], [10.0, 10.0]))), 6)
    1.0
    """
    real, said = np.log(actual / last), np.log(forecast / last)
    real, said = real - real.mean(), said - said.mean()
    return ratio(float(real @ said), float(np.sqrt((real @ real) * (said @ said))))


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
    return float(np.mean(upper - lower + 2 / (1 - coverage) * outside))


def pinball(actual: Series, quantile: Series, level: float) -> float:
    """Mean quantile loss, max(p (y - q), (p - 1) (y - q)) at level p; in the arguments' unit.

    Koenker and Bassett (1978).

    >>> round(pinball(np.array([5.0]), np.array([3.0]), level=0.9), 9)
    1.8
    """
    error = actual - quantile
    return float(np.mean(np.maximum(level * error, (level - 1) * error)))


def crps(
    actual: Series, quantiles: Float[np.ndarray, "row level"], levels: Float[np.ndarray, "level"]
) -> float:
    """Continuous ranked probability score from a few quantiles: twice their mean pinball loss.

    CRPS is twice the integral of the pinball loss over all levels (Laio and Tamea, 2007); a
    coarse grid of levels approximates it, comparable only with the same levels.

    >>> round(crps(np.array([5.0]), np.array([[3.0, 6.0]]), np.array([0.1, 0.9])), 9)
    0.3
    """
    losses = [pinball(actual, q, p) for q, p in zip(quantiles.T, levels.tolist(), strict=True)]
    return 2 * float(np.mean(losses))


def ratio(numerator: float, denominator: float) -> float:
    """The quotient, or NaN when the denominator is zero or NaN.

    >>> ratio(1.0, 4.0), ratio(1.0, 0.0)
    (0.25, nan)
    """
    return numerator / denominator if denominator else float("nan")

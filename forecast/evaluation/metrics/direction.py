"""Whether forecasts know which way prices go, and whether they only trail them.

Arrays are closes in time order, as in `points`.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from forecast.evaluation.metrics.points import ratio
from forecast.shapes import Series


class Direction(NamedTuple):
    """How often the sign of the change was forecast, and how often the price rose anyway.

    `share` is over the rows where forecast and actual both moved; `flat` is the share of the other
    rows. `up_rate` is over the rows where the actual moved: what always saying up would score.
    """

    share: float
    up_rate: float
    flat: float


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


def mcc(actual: Series, forecast: Series, last: Series) -> float:
    """Matthews' correlation of the signs of forecast and actual changes, from -1 to 1.

    (TP TN - FP FN) / sqrt((TP + FP) (TP + FN) (TN + FP) (TN + FN)), Matthews (1975), over the rows
    where both moved. 0 where one sign is constant: always saying up has no worth here.

    >>> round(mcc(*map(np.array, ([11.0, 9.0, 11.0], [11.0, 9.0, 9.0], [10.0] * 3))), 3)
    0.5
    """
    moved = (actual != last) & (forecast != last)
    rose, said_up = (actual > last)[moved], (forecast > last)[moved]
    counts = [float(np.sum(a & b)) for a in (rose, ~rose) for b in (said_up, ~said_up)]
    hit_up, missed_up, missed_down, hit_down = counts
    sides = (hit_up + missed_up) * (missed_down + hit_down)
    sides *= (hit_up + missed_down) * (missed_up + hit_down)
    if not len(rose):
        return float("nan")
    return (hit_up * hit_down - missed_up * missed_down) / math.sqrt(sides) if sides else 0.0


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
    # What differs by rounding alone does not vary.
    if any(np.ptp(each) <= 1e-9 * np.max(np.abs(each)) for each in (real, said)):
        return float("nan")
    real, said = real - real.mean(), said - said.mean()
    return ratio(float(real @ said), float(np.sqrt((real @ real) * (said @ said))))

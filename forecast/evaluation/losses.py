"""The losses of each target, and the reference that they are compared with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from forecast.settings import TargetName
from forecast.shapes import Series

# The reference of volatility.
REFERENCE = "har"


def qlike(actual: Series, forecast: Series) -> Series:
    """Loss of each volatility forecast: v / f - ln(v / f) - 1 of the variances.

    Patton (2011), equation 24 with b = -2, less its value at a perfect forecast.

    >>> qlike(np.array([2.0]), np.array([2.0])).tolist()
    [0.0]
    """
    ratio = np.square(actual / forecast)
    return ratio - np.log(ratio) - 1


def log_squares(actual: Series, forecast: Series) -> Series:
    """Squared error of each log variance.

    >>> log_squares(np.array([np.exp(1.0)]), np.array([1.0])).tolist()
    [4.0]
    """
    return np.square(2 * np.log(actual / forecast))


@dataclass(frozen=True, slots=True)
class Measure:
    """How answers to one target are scored over all tickers.

    Pooled skill is the share of the `plain` loss removed, ratios are of the `square` loss, which
    `named` describes; both are functions of (actual, forecast), and `change` is one of (value,
    last). The reference, called `beside` in words, is the forecaster `baseline`, or the column
    `last` where that is empty. `skilled` names the loss that a ticker's own skill is a share of.
    """

    plain: Callable[[Series, Series], Series]
    square: Callable[[Series, Series], Series]
    change: Callable[[Series, Series], Series]
    named: str
    beside: str
    skilled: str
    baseline: str = ""


def _logs(actual: Series, forecast: Series) -> Series:
    return np.log(actual / forecast)


_PRICES = Measure(
    plain=lambda actual, forecast: np.abs(_logs(actual, forecast)),
    square=lambda actual, forecast: np.square(_logs(actual, forecast)),
    change=_logs,
    named="squared error of log price",
    beside="the last close",
    skilled="last close's MAE",
)
MEASURES: Mapping[TargetName, Measure] = {
    "close": _PRICES,
    "return": _PRICES,
    # Of chances of a rise: log loss and Brier score.
    "direction": Measure(
        plain=lambda rose, chance: -np.log(np.abs(1 - rose - chance)),
        square=lambda rose, chance: np.square(rose - chance),
        change=lambda chance, last: chance - last,
        named="squared error of the chance",
        beside="the share of rises so far",
        skilled="base rate's Brier score",
    ),
    "volatility": Measure(
        plain=qlike,
        square=log_squares,
        change=_logs,
        named="squared error of log variance",
        beside="HAR",
        skilled="QLIKE of HAR",
        baseline=REFERENCE,
    ),
}

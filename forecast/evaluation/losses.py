"""How far a forecast of volatility misses the volatility that came."""

import numpy as np

from forecast.shapes import Series

# Beside whose losses all others are shown.
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

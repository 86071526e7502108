"""Technical indicators by name: `rsi`, `sma:50`; known at the close of their own session.

Each is free of scale, so that an adjustment factor leaves it as it is, and NaN until it has the
rows that its definition needs. A new one is a function here and a line in `INDICATORS`.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from forecast.errors import DataError, SettingError, unknown
from forecast.shapes import Series, Table

Indicator = Callable[[pd.DataFrame, int], Series]
LONGEST = 1000


def momentum(table: pd.DataFrame, length: int) -> Series:
    """Log: ln(c_t / c_{t-n})."""
    logs = np.log(_values(table, "close"))
    return np.concatenate([np.full(length, np.nan), logs[length:] - logs[:-length]])


def sma(table: pd.DataFrame, length: int) -> Series:
    """Log: ln(c_t / mean of the last n closes)."""
    closes = _values(table, "close")
    return np.log(closes / _lately(closes, length).mean(axis=1))


def ema(table: pd.DataFrame, length: int) -> Series:
    """Log: ln(c_t / e_t), e_t = e_{t-1} + 2 / (n + 1) (c_t - e_{t-1}), e_0 = c_0."""
    closes = _values(table, "close")
    return np.log(closes / _started(_exponential(closes, 2 / (length + 1)), length - 1))


def macd(table: pd.DataFrame, length: int) -> Series:
    """Exponential mean of n rows less that of 26/12 n, over c_t; Appel (1979)."""
    closes, rows = _values(table, "close"), round(length * 26 / 12)
    fast, slow = (_exponential(closes, 2 / (each + 1)) for each in (length, rows))
    return _started((fast - slow) / closes, rows - 1)


def rsi(table: pd.DataFrame, length: int) -> Series:
    """100 G / (G + L), G and L the smoothed gains and losses; Wilder (1978). 50 where none moved.

    The first G is the mean of n gains, then G_t = G_{t-1} + (gain_t - G_{t-1}) / n; L likewise.
    """
    steps = np.diff(_values(table, "close"))
    gains, losses = (_wilder(np.maximum(sign * steps, 0.0), length) for sign in (1, -1))
    total = gains + losses
    share = np.divide(gains, total, out=np.full_like(total, 0.5), where=total != 0)
    return np.concatenate([[np.nan], 100 * share])


def bollinger(table: pd.DataFrame, length: int) -> Series:
    """Place of the close between bands of 2 standard deviations, 0 to 1; Bollinger (2001), %b."""
    closes = _values(table, "close")
    lately = _lately(closes, length)
    spread = 4 * lately.std(axis=1)
    off = closes - lately.mean(axis=1)
    return _over(off, spread, otherwise=0.0) + 0.5


def atr(table: pd.DataFrame, length: int) -> Series:
    """The smoothed true range over c_t; Wilder (1978). Needs high and low."""
    closes, high, low = (_values(table, name) for name in ("close", "high", "low"))
    before = closes[:-1]
    ranges = np.maximum(high[1:], before) - np.minimum(low[1:], before)
    return np.concatenate([[np.nan], _wilder(ranges, length) / closes[1:]])


def stochastic(table: pd.DataFrame, length: int) -> Series:
    """Place of the close between lowest low and highest high of n rows, 0 to 1; Lane's %K."""
    closes, high, low = (_values(table, name) for name in ("close", "high", "low"))
    bottom, top = _lately(low, length).min(axis=1), _lately(high, length).max(axis=1)
    return _over(closes - bottom, top - bottom, otherwise=0.5)


def volatility(table: pd.DataFrame, length: int) -> Series:
    """Root of the mean square of the last n log changes."""
    squares = np.square(np.diff(np.log(_values(table, "close"))))
    return np.concatenate([[np.nan], np.sqrt(_lately(squares, length).mean(axis=1))])


def activity(table: pd.DataFrame, length: int) -> Series:
    """Log of (1 + volume) over (1 + its mean of n rows). Needs volume."""
    volume = _values(table, "volume")
    return np.log1p(volume) - np.log1p(_lately(volume, length).mean(axis=1))


# Each with its usual length.
INDICATORS: dict[str, tuple[Indicator, int]] = {
    "momentum": (momentum, 10),
    "sma": (sma, 20),
    "ema": (ema, 20),
    "macd": (macd, 12),
    "rsi": (rsi, 14),
    "bollinger": (bollinger, 20),
    "atr": (atr, 14),
    "stochastic": (stochastic, 14),
    "volatility": (volatility, 20),
    "activity": (activity, 20),
}


def indicators(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """A column `name:length` for each indicator, on the dates of the table.

    Raises:
        SettingError: an unknown name, or a length that is none.
        DataError: the table lacks a column that one needs.

    >>> table = pd.DataFrame({"close": [1.0, 2.0, 4.0, 8.0]})
    >>> indicators(table, ["momentum:2"])["momentum:2"].round(4).tolist()
    [nan, nan, 1.3863, 1.3863]
    """
    columns = dict[str, Series]()
    for name in names:
        indicator, length, full = parsed(name)
        columns[full] = (
            indicator(table, length) if len(table) > length else np.full(len(table), np.nan)
        )
    return pd.DataFrame(columns, index=table.index)


def parsed(name: str) -> tuple[Indicator, int, str]:
    """What computes an indicator, its length, and its whole name.

    Raises:
        SettingError: an unknown name, or a length that is none.
    """
    kind, colon, written = name.partition(":")
    if kind not in INDICATORS:
        raise unknown("no indicator is named", kind, INDICATORS)
    indicator, usual = INDICATORS[kind]
    length = int(written) if written.isascii() and written.isdigit() else 0 if colon else usual
    if not 2 <= length <= LONGEST:
        raise SettingError(f"an indicator's length is from 2 to {LONGEST}; got {name!r}")
    return indicator, length, f"{kind}:{length}"


def _values(table: pd.DataFrame, name: str) -> Series:
    if name not in table.columns:
        raise DataError(f"no column {name!r}, which an indicator needs; leave that indicator out")
    return table[name].to_numpy(dtype="float64")


def _lately(values: Series, length: int) -> Table:
    """The last `length` values at each row, NaN before the first."""
    padded = np.concatenate([np.full(length - 1, np.nan), values])
    return sliding_window_view(padded, length)


def _exponential(values: Series, weight: float) -> Series:
    level, levels = float(values[0]), np.empty(len(values))
    for row, value in enumerate(values.tolist()):
        level += weight * (value - level)
        levels[row] = level
    return levels


def _wilder(values: Series, length: int) -> Series:
    """Smoothed by 1 / n from the mean of the first n values on."""
    late = np.concatenate([[values[:length].mean()], values[length:]])
    return np.concatenate([np.full(length - 1, np.nan), _exponential(late, 1 / length)])


def _started(values: Series, row: int) -> Series:
    """NaN before a row."""
    return np.where(np.arange(len(values)) < row, np.nan, values)


def _over(part: Series, whole: Series, *, otherwise: float) -> Series:
    """The quotient; `otherwise` where the whole is zero, NaN where it is unknown."""
    return np.where(whole == 0, otherwise, part / np.where(whole == 0, 1.0, whole))

"""Series whose best forecast is known, so that a forecaster can be compared with the truth.

Each is a process of log changes, summed up to closes from 100. The optimum is the R2 against the
random walk that knowing the process would reach in the long run, one session ahead. The open, high
and low of a session are made from its own and the previous close and from noise of their own, as is
the volume: they hold no information about later closes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.errors import SettingError
from forecast.shapes import Series

FIRST_CLOSE = 100.0
# Standard deviation of a change, where the process does not say otherwise.
VOLATILITY = 0.01
# Changes made and thrown away, so that a series starts in the middle of its process.
BURN = 500
# E[m^2] / E[r^2] of the threshold process, by quadrature over its stationary density.
THRESHOLD_OPTIMUM = 0.131105887360
MOST_ROWS = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Prices, the best possible R2, and the best forecast itself.

    `expected` is the mean log change into each session given all before it, NaN for the first.
    """

    prices: Prices
    optimum: float
    expected: pd.Series


def random_walk(rows: int, seed: int, *, close_only: bool = False) -> Synthetic:
    """Independent normal changes: the last close is the best forecast.

    >>> random_walk(rows=100, seed=0).optimum
    0.0
    """
    changes = VOLATILITY * _shocks(rows, seed)
    return _synthetic(f"WALK-{seed}", changes, np.zeros_like(changes), 0.0, close_only=close_only)


def ar1(phi: float, rows: int, seed: int, *, close_only: bool = False) -> Synthetic:
    """r_t = phi r_{t-1} + e_t: the optimum is phi^2.

    >>> ar1(0.5, rows=100, seed=0).optimum
    0.25
    """
    if not -1 < phi < 1:
        raise SettingError(f"phi lies between -1 and 1; got {phi}")
    shocks = VOLATILITY * math.sqrt(1 - phi**2) * _shocks(rows, seed)
    changes, expected = _recursive(shocks, lambda before: phi * before)
    return _synthetic(f"AR-{seed}", changes, expected, phi**2, close_only=close_only)


def sine(
    rows: int, seed: int, *, period: float = 20.0, share: float = 0.5, close_only: bool = False
) -> Synthetic:
    """A sine of `period` sessions in the changes, under noise; it is `share` of their variance.

    That share is the optimum for a forecaster that knows the phase: 0.5 is a signal as strong as
    the noise, 1 has no noise.

    >>> sine(rows=100, seed=0, share=0.8).optimum
    0.8
    """
    if not (0 <= share <= 1 and period > 2):
        raise SettingError(f"share is from 0 to 1, period above 2; got {share} and {period}")
    shocks = _shocks(rows, seed)
    phase = 2 * np.pi * np.arange(len(shocks)) / period
    expected = VOLATILITY * math.sqrt(2 * share) * np.sin(phase)
    changes = expected + VOLATILITY * math.sqrt(1 - share) * shocks
    return _synthetic(f"SINE-{seed}", changes, expected, share, close_only=close_only)


def threshold(rows: int, seed: int, *, close_only: bool = False) -> Synthetic:
    """r_t = 0.6 (|r_{t-1}| - 0.85) + e_t, times 0.01: a linear model finds next to nothing.

    >>> round(threshold(rows=100, seed=0).optimum, 3)
    0.131
    """
    changes, expected = _recursive(_shocks(rows, seed), lambda before: 0.6 * (abs(before) - 0.85))
    changes, expected = VOLATILITY * changes, VOLATILITY * expected
    return _synthetic(
        f"THRESHOLD-{seed}", changes, expected, THRESHOLD_OPTIMUM, close_only=close_only
    )


def trend(rows: int, seed: int, *, share: float = 0.5, close_only: bool = False) -> Synthetic:
    """The same rise every session, under noise; it is `share` of the mean square of the changes.

    >>> trend(rows=100, seed=0).optimum
    0.5
    """
    _check_share(share)
    shocks = _shocks(rows, seed)
    expected = np.full_like(shocks, VOLATILITY * math.sqrt(share))
    changes = expected + VOLATILITY * math.sqrt(1 - share) * shocks
    return _synthetic(f"TREND-{seed}", changes, expected, share, close_only=close_only)


def weekdays(rows: int, seed: int, *, share: float = 0.5, close_only: bool = False) -> Synthetic:
    """Rises on Mondays and Wednesdays, falls on Tuesdays and Thursdays, under noise.

    These are `share` of the mean square of the changes.

    >>> weekdays(rows=100, seed=0).optimum
    0.5
    """
    _check_share(share)
    shocks = _shocks(rows, seed)
    # The first session is a Monday, and the change after the burn-in leads into the second.
    days = (np.arange(len(shocks)) - BURN + 1) % 5
    signs = np.array([1.0, -1.0, 1.0, -1.0, 0.0])[days] * math.sqrt(5 / 4)
    expected = VOLATILITY * math.sqrt(share) * signs
    changes = expected + VOLATILITY * math.sqrt(1 - share) * shocks
    return _synthetic(f"WEEKDAYS-{seed}", changes, expected, share, close_only=close_only)


def bounce(rows: int, seed: int, *, close_only: bool = False) -> Synthetic:
    """Independent noise around a level that stays: a change takes back what was off, by half.

    >>> bounce(rows=100, seed=0).optimum
    0.5
    """
    off = VOLATILITY / math.sqrt(2) * _shocks(rows + 1, seed)
    return _synthetic(f"BOUNCE-{seed}", np.diff(off), -off[:-1], 0.5, close_only=close_only)


def garch(
    rows: int, seed: int, *, alpha: float = 0.08, beta: float = 0.9, close_only: bool = False
) -> Synthetic:
    """Volatility in clusters and Student-t (6) shocks: the last close is the best forecast.

    r_t = sqrt(v_t) e_t, v_t = w + alpha r_{t-1}^2 + beta v_{t-1} (Bollerslev, 1986), w such that
    the standard deviation is 0.01 in the long run.

    >>> garch(rows=100, seed=0).optimum
    0.0
    """
    if not (alpha >= 0 and beta >= 0 and alpha + beta < 1):
        raise SettingError(
            f"alpha and beta are at least 0, their sum below 1; got {alpha} and {beta}"
        )
    # A Student t of 6 degrees has variance 6 / (6 - 2).
    shocks = _random(rows, seed).standard_t(6, BURN + rows - 1) / math.sqrt(6 / 4)
    long_run = variance = VOLATILITY**2
    changes = np.empty_like(shocks)
    for at, shock in enumerate(shocks):
        changes[at] = math.sqrt(variance) * shock
        variance = long_run * (1 - alpha - beta) + alpha * changes[at] ** 2 + beta * variance
    return _synthetic(f"GARCH-{seed}", changes, np.zeros_like(changes), 0.0, close_only=close_only)


def volatility_shift(
    rows: int, seed: int, *, at: int, factor: float = 2.5, close_only: bool = False
) -> Synthetic:
    """A random walk whose changes are `factor` times as large from row `at` on.

    >>> volatility_shift(rows=100, seed=0, at=50).optimum
    0.0
    """
    if not (1 <= at < rows and factor > 0):
        raise SettingError(
            f"at is from 1 to {rows - 1}, the last row, factor above 0; got {at} and {factor}"
        )
    changes = VOLATILITY * _shocks(rows, seed)
    changes[BURN + at - 1 :] *= factor
    return _synthetic(f"SHIFT-{seed}", changes, np.zeros_like(changes), 0.0, close_only=close_only)


def _check_share(share: float) -> None:
    if not 0 <= share <= 1:
        raise SettingError(f"share is from 0 to 1; got {share}")


def _random(rows: int, seed: int) -> np.random.Generator:
    if not 2 <= rows <= MOST_ROWS:
        raise SettingError(f"a synthetic series has 2 to {MOST_ROWS} rows; got {rows}")
    return np.random.default_rng(seed)


def _shocks(rows: int, seed: int) -> Series:
    """Standard normal shocks, one for each change."""
    return _random(rows, seed).standard_normal(BURN + rows - 1)


def _recursive(shocks: Series, mean: Callable[[float], float]) -> tuple[Series, Series]:
    """Changes that follow from the change before, and the mean of each."""
    changes, expected = np.empty_like(shocks), np.empty_like(shocks)
    before = 0.0
    for at, shock in enumerate(shocks.tolist()):
        expected[at] = mean(before)
        changes[at] = before = float(expected[at]) + shock
    return changes, expected


def _synthetic(
    ticker: str, changes: Series, expected: Series, optimum: float, *, close_only: bool
) -> Synthetic:
    closes = FIRST_CLOSE * np.exp(np.concatenate([[0.0], np.cumsum(changes[BURN:])]))
    # So early that even 50,000 sessions end in years that are read.
    index = pd.bdate_range("1900-01-01", periods=len(closes), name="date")
    # The shape of a session is drawn from the ticker, so that closes are the same without it.
    columns = {"close": closes} if close_only else _sessions(closes, ticker)
    table = pd.DataFrame(columns, index=index)
    prices = Prices.of(ticker, table, source="synthetic", place="forecast.data.synthetic")
    known = np.concatenate([[np.nan], expected[BURN:]])
    return Synthetic(prices, optimum, pd.Series(known, index=index, name="expected"))


def _sessions(closes: Series, ticker: str) -> dict[str, Series]:
    random = np.random.default_rng([*ticker.encode()])
    gap, above, below, volume = random.standard_normal((4, len(closes)))
    opens = np.concatenate([closes[:1], closes[:-1]]) * np.exp(VOLATILITY / 3 * gap)
    return {
        "open": opens,
        "high": np.maximum(opens, closes) * np.exp(VOLATILITY / 3 * np.abs(above)),
        "low": np.minimum(opens, closes) * np.exp(-VOLATILITY / 3 * np.abs(below)),
        "close": closes,
        "volume": np.rint(1e6 * np.exp(0.3 * volume)),
    }

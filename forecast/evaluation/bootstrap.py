"""The stationary bootstrap: resampled means of series whose neighbours depend on each other."""

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from forecast.shapes import Series

Resamples = Float[np.ndarray, "resample row"]

REPEATS = 1000
SEED = 0


def resampled_rows(
    rows: int, block: int | float, repeats: int = REPEATS
) -> Int[np.ndarray, "resample row"]:
    """Rows drawn in blocks of geometric length, `block` in the mean, around the circle of rows.

    Politis and Romano (1994), section 2. Row numbers from 0 to `rows` - 1.

    >>> resampled_rows(5, block=1e9, repeats=1).tolist()
    [[3, 4, 0, 1, 2]]
    """
    random = np.random.default_rng(SEED)
    fresh = random.random((repeats, rows)) < 1 / block
    fresh[:, 0] = True
    began = np.flatnonzero(fresh)
    starts = random.integers(0, rows, len(began))
    lengths = np.diff(began, append=fresh.size)
    drawn = np.repeat(starts - began, lengths) + np.arange(fresh.size)
    return drawn.reshape(repeats, rows) % rows


def shares(drawn: Int[np.ndarray, "resample row"]) -> Resamples:
    """How often each resample drew each row, as a share: shares @ values are resampled means.

    >>> shares(np.array([[0, 0, 1, 2]])).tolist()
    [[0.5, 0.25, 0.25, 0.0]]
    """
    rows = drawn.shape[1]
    counts = [np.bincount(each, minlength=rows) for each in drawn]
    return np.stack(counts) / rows


def usual_block(rows: int, overlap: int = 1) -> int:
    """Mean length of a block: the root of the rows, and no less than the forecasts that overlap.

    >>> usual_block(645), usual_block(100, overlap=20)
    (25, 20)
    """
    return max(overlap, int(rows**0.5), 1)


@lru_cache(maxsize=4)
def usual_shares(rows: int, overlap: int) -> Resamples:
    """The shares that every score of as many rows uses; seeded, read-only."""
    found = shares(resampled_rows(rows, usual_block(rows, overlap)))
    found.setflags(write=False)
    return found


def interval(values: Series, coverage: float = 0.95) -> tuple[float, float]:
    """The interval that holds this share of resampled values, as much of the rest on each side.

    >>> interval(np.arange(101.0), coverage=0.5)
    (25.0, 75.0)
    """
    low, high = np.quantile(values, [(1 - coverage) / 2, (1 + coverage) / 2])
    return float(low), float(high)

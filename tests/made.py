"""Prices made for tests: small, seeded, with every column."""

import numpy as np
import pandas as pd

from forecast.data.prices import Prices


def table(rows: int, seed: int = 0, signal: float = 0.0) -> pd.DataFrame:
    """Sessions of a random walk in logs, whose changes repeat by `signal` from day to day."""
    random = np.random.default_rng(seed)
    changes = 0.01 * random.standard_normal(rows)
    for row in range(1, rows):
        changes[row] += signal * changes[row - 1]
    close = 100 * np.exp(np.cumsum(changes))
    before = np.concatenate([[100.0], close[:-1]])
    wide = 1 + 0.002 * random.random((2, rows))
    return pd.DataFrame(
        {
            "open": before,
            "high": np.maximum(before, close) * wide[0],
            "low": np.minimum(before, close) / wide[1],
            "close": close,
            "volume": random.integers(1_000, 9_000, rows).astype(float),
        },
        index=pd.bdate_range("2020-01-01", periods=rows, name="date"),
    )


def prices(rows: int, seed: int = 0, signal: float = 0.0, ticker: str = "TEST") -> Prices:
    return Prices.of(ticker, table(rows, seed, signal), source="synthetic")

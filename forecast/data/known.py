"""Names of bundled samples and cached copies, without loading prices; for completion and hints."""

import os
from pathlib import Path

import platformdirs

from forecast.data.database import exists, opened
from forecast.errors import OutputError

_PACKAGE = Path(__file__).parents[1]


def samples() -> Path:
    """The folder of bundled samples: within an installed package, or at the top of a checkout."""
    installed = _PACKAGE / "datasets"
    return installed if installed.is_dir() else _PACKAGE.parent / "datasets"


def bundled() -> tuple[str, ...]:
    """Tickers that have a bundled sample.

    >>> bundled()
    ('AAPL', 'FB', 'GOOG', 'IBM', 'MSFT')
    """
    return tuple(sorted(path.stem for path in samples().glob("*.csv")))


def cache() -> Path:
    """The cache's folder: `FORECAST_CACHE` where it is set, else the system's place for caches."""
    chosen = os.environ.get("FORECAST_CACHE", "")
    return Path(chosen) if chosen else platformdirs.user_cache_path("forecast", appauthor=False)


def kept() -> tuple[str, ...]:
    """Tickers of which a copy is kept; none where the cache cannot be read."""
    if not exists(cache()):
        return ()
    try:
        with opened(cache()) as connection:
            rows = connection.execute("SELECT ticker FROM entry ORDER BY ticker").fetchall()
    except OutputError:
        return ()
    return tuple(str(ticker) for (ticker,) in rows)

"""The bundled samples: prices that are there without a network."""

from dataclasses import replace
from pathlib import Path

from forecast.data import csv
from forecast.data.prices import Prices
from forecast.errors import SourceError

_PACKAGE = Path(__file__).parents[1]


def tickers() -> tuple[str, ...]:
    """Tickers that have a bundled sample.

    >>> tickers()
    ('AAPL', 'FB', 'GOOG', 'IBM', 'MSFT')
    """
    return tuple(sorted(path.stem for path in _folder().glob("*.csv")))


def load(ticker: str) -> Prices:
    """The bundled sample of a ticker, adjusted for splits and dividends.

    Raises:
        SourceError: there is none.
    """
    if ticker not in tickers():
        raise SourceError(f"no bundled sample of {ticker!a}; there are {', '.join(tickers())}")
    prices = csv.read(_folder() / f"{ticker}.csv")
    place = f"datasets/{ticker}.csv"
    return replace(prices, receipt=replace(prices.receipt, source="sample", place=place))


def _folder() -> Path:
    """`datasets` within an installed package, or at the top of a checkout."""
    installed = _PACKAGE / "datasets"
    return installed if installed.is_dir() else _PACKAGE.parent / "datasets"

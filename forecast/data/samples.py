"""The bundled samples: prices that are there without a network."""

from dataclasses import replace

from forecast.data import csv, known
from forecast.data.prices import Prices
from forecast.errors import SourceError


def load(ticker: str) -> Prices:
    """The bundled sample of a ticker, adjusted for splits and dividends.

    Raises:
        SourceError: there is none.
    """
    if ticker not in known.bundled():
        raise SourceError(
            f"no bundled sample of {ticker!a}; there are {', '.join(known.bundled())}"
        )
    prices = csv.read(known.samples() / f"{ticker}.csv")
    place = f"datasets/{ticker}.csv"
    return replace(prices, receipt=replace(prices.receipt, source="sample", place=place))

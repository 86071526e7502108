"""Prices by name: of a file as it is read, of a ticker from the first source that has them."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from os import PathLike, fspath

from forecast.data import csv, yahoo
from forecast.data.lookup import Lookup
from forecast.data.names import means_file
from forecast.data.patience import PATIENCE, Patience
from forecast.data.prices import Prices
from forecast.data.span import Span
from forecast.data.tickers import check
from forecast.source_settings import Csv, Source

_log = logging.getLogger(__name__)


def load(
    name: str | PathLike[str],
    source: Source = Source(),
    how: Csv = Csv(),
    patience: Patience | None = None,
) -> Prices:
    """Prices of one file or ticker.

    For a ticker, `auto` takes a fresh cached copy, else Yahoo, else an older cached copy, else the
    bundled sample; the first note of the receipt says which, why, and its last session.

    Raises:
        SettingError: the name is neither, or could be both; or the span makes no sense.
        DataError: the file cannot be used as prices, or none are in the span.
        SourceError: no source has the ticker.
    """
    return load_many([name], source, how, patience)[0]


def load_many(
    names: Sequence[str | PathLike[str]],
    source: Source = Source(),
    how: Csv = Csv(),
    patience: Patience | None = None,
) -> list[Prices]:
    """Prices of several files or tickers, in order; every name is checked before any is fetched.

    Raises:
        ForecastError: as `load` does.
    """
    span, patience = Span.of(source), patience or replace(PATIENCE, total=source.timeout)
    written = [fspath(name) for name in names]
    files = [means_file(name, source.source) for name in written]
    lookup = Lookup(span, cache(partial(yahoo.pulse, patience)), patience)
    found = list[Prices]()
    for name, file in zip(written, files, strict=True):
        whole = csv.read(name, how) if file else lookup.prices(check(name), source.source)
        found.append(within(span, whole))
        told = found[-1].ticker, len(found[-1].table), found[-1].receipt.source
        _log.info("%s: %d sessions from source %s", *told)
    return found


def within(span: Span, prices: Prices) -> Prices:
    """The prices inside the span.

    Raises:
        DataError: there are none.
    """
    table = span.cut(prices.ticker, prices.table)
    return prices if len(table) == len(prices.table) else prices.with_table(table)

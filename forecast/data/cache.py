"""Quotes kept between runs, each ticker with a checksum over all that was written of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.data import known
from forecast.data.database import exists, opened
from forecast.data.prices import digest
from forecast.data.quotes import COLUMNS, Quotes
from forecast.data.tickers import check
from forecast.errors import OutputError

_PUT = """
INSERT INTO quote VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ticker, date) DO UPDATE
SET (open, high, low, close, volume, factor, fetched) = (excluded.open, excluded.high,
    excluded.low, excluded.close, excluded.volume, excluded.factor, excluded.fetched)
WHERE (open, high, low, close, volume, factor) IS NOT (excluded.open, excluded.high, excluded.low,
    excluded.close, excluded.volume, excluded.factor)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of one ticker; `fetched` is a UTC time."""

    ticker: str
    rows: int
    first: str
    last: str
    fetched: str


def entries(folder: Path | None = None) -> list[Entry]:
    """What is kept, by ticker.

    Raises:
        OutputError: the cache cannot be opened, or was damaged and has been set aside.
    """
    folder = folder or known.cache()
    if not exists(folder):
        return []
    with opened(folder) as connection:
        rows = connection.execute(
            "SELECT ticker, count(*), min(date), max(date), entry.fetched"
            " FROM entry JOIN quote USING (ticker) GROUP BY ticker ORDER BY ticker"
        ).fetchall()
    return [Entry(*row) for row in rows]


def read(ticker: str, folder: Path | None = None) -> Quotes | None:
    """What is kept of a ticker, or None.

    Raises:
        OutputError: the cache cannot be opened, or was damaged and has been set aside; or this
            ticker's rows are not what was written, and wait for being fetched again.
    """
    ticker, folder = check(ticker), folder or known.cache()
    if not exists(folder):
        return None
    with opened(folder) as connection:
        connection.execute("BEGIN")
        entry = connection.execute("SELECT * FROM entry WHERE ticker = ?", [ticker]).fetchone()
        rows = connection.execute(
            f"SELECT date, {', '.join(COLUMNS)} FROM quote WHERE ticker = ? ORDER BY date",
            [ticker],
        ).fetchall()
        connection.execute("COMMIT")
    return _quotes(entry, rows) if entry else None


def write(quotes: Quotes, folder: Path | None = None) -> None:
    """Keep quotes in place of what was kept of their ticker, whole or not at all.

    Each row's `fetched` is the time since which its numbers have not changed.

    Raises:
        OutputError: the cache cannot be written.
    """
    facts = ticker, _, _, fetched = _facts(quotes)
    dates = [f"{day:%Y-%m-%d}" for day in quotes.table.index]
    numbers = quotes.table[list(COLUMNS)].to_numpy().tolist()
    with opened(folder or known.cache()) as connection:
        connection.execute("BEGIN IMMEDIATE")
        kept = connection.execute("SELECT date FROM quote WHERE ticker = ?", [ticker]).fetchall()
        gone = {date for (date,) in kept} - set(dates)
        connection.executemany(
            "DELETE FROM quote WHERE ticker = ? AND date = ?", [(ticker, date) for date in gone]
        )
        connection.executemany(
            _PUT,
            [(ticker, date, *row, fetched) for date, row in zip(dates, numbers, strict=True)],
        )
        connection.execute(
            "INSERT OR REPLACE INTO entry VALUES (?, ?, ?, ?, ?)",
            [*facts, _checksum(quotes)],
        )
        connection.execute("COMMIT")


def clear(ticker: str | None = None, folder: Path | None = None) -> list[str]:
    """Forget one ticker, or all; the tickers that were forgotten.

    Raises:
        OutputError: the cache cannot be written.
    """
    wanted = None if ticker is None else check(ticker)
    names = [entry.ticker for entry in entries(folder) if wanted in (None, entry.ticker)]
    if names:
        with opened(folder or known.cache()) as connection:
            for table in ("quote", "entry"):
                connection.executemany(
                    f"DELETE FROM {table} WHERE ticker = ?", [(name,) for name in names]
                )
            connection.execute("VACUUM")
    return names


def _quotes(entry: tuple[Any, ...], rows: list[tuple[Any, ...]]) -> Quotes:
    ticker, zone, closes, fetched, checksum = entry
    try:
        index = pd.DatetimeIndex(np.array([row[0] for row in rows], "datetime64[D]"), name="date")
        numbers = np.array([row[1:] for row in rows], "float64").reshape(-1, len(COLUMNS))
        quotes = Quotes(
            ticker,
            pd.DataFrame(numbers, index.as_unit("ns"), list(COLUMNS)),
            zone,
            time.fromisoformat(closes),
            datetime.fromisoformat(fetched),
        )
    except (TypeError, ValueError):
        quotes = None
    if quotes is None or _checksum(quotes) != checksum:
        raise OutputError(
            f"the cached copy of {ticker} is not what was written; it is left aside until prices"
            " are fetched again"
        )
    return quotes


def _facts(quotes: Quotes) -> tuple[str, str, str, str]:
    fetched = quotes.fetched.isoformat(timespec="seconds")
    return quotes.ticker, quotes.zone, quotes.closes.isoformat(timespec="seconds"), fetched


def _checksum(quotes: Quotes) -> str:
    return hashlib.sha256("|".join((*_facts(quotes), digest(quotes.table))).encode()).hexdigest()

"""The contract of prices: one validated table of sessions, and a receipt that says where from.

The table has a `DatetimeIndex` named `date`, one row per trading session (never filled to calendar
days), strictly increasing, unique, without a time zone; float64 `close` and, where the source has
them, `open high low volume`, split- and dividend-adjusted. Further float64 columns are covariates.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Literal

import numpy as np
import pandas as pd

from forecast.data.frames import pandas_of
from forecast.errors import DataError

COLUMNS = ("open", "high", "low", "close", "volume")
LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).tiny)
EARLIEST, LATEST = np.datetime64("1800-01-01", "s"), np.datetime64("2100-12-31T23:59:59", "s")

Origin = Literal["yahoo", "cache", "csv", "sample", "frame", "synthetic"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Where prices came from; written into every result."""

    source: Origin
    place: str
    adjusted: bool
    first: str
    last: str
    rows: int
    sha256: str
    fetched: str | None
    version: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prices:
    """The sessions of one ticker, oldest first."""

    ticker: str
    table: pd.DataFrame
    receipt: Receipt

    def __repr__(self) -> str:
        receipt = self.receipt
        span = f"{receipt.rows} sessions, {receipt.first} to {receipt.last}"
        return f"<Prices of {self.ticker}: {span}, from {receipt.source}>"

    @classmethod
    def of(  # noqa: PLR0913 - what a receipt says, each by its name
        cls,
        ticker: str,
        table: Any,
        *,
        source: Origin = "frame",
        place: str = "",
        adjusted: bool = True,
        fetched: str | None = None,
        notes: tuple[str, ...] = (),
    ) -> "Prices":
        """Validated prices from a table that already has our columns and a `date` index.

        A polars frame or a Darts series will do as well (`forecast.data.frames`). `fetched` is a
        UTC time in ISO form; `notes` are sentences about what was done to the data.

        Raises:
            DataError: the table breaks the contract; the message names the session and column.
        """
        table = _validated(ticker, pandas_of(table))
        receipt = Receipt(
            source=source,
            place=place,
            adjusted=adjusted,
            first=f"{table.index[0]:%Y-%m-%d}",
            last=f"{table.index[-1]:%Y-%m-%d}",
            rows=len(table),
            sha256=digest(table),
            fetched=fetched,
            version=_version(),
            notes=notes,
        )
        return cls(ticker, table, receipt)

    def with_table(self, table: pd.DataFrame, *notes: str) -> "Prices":
        """The same prices with other rows or columns, and what was done added to the receipt.

        Raises:
            DataError: the table breaks the contract.
        """
        receipt = self.receipt
        return Prices.of(
            self.ticker,
            table,
            source=receipt.source,
            place=receipt.place,
            adjusted=receipt.adjusted,
            fetched=receipt.fetched,
            notes=(*receipt.notes, *notes),
        )


@cache
def _version() -> str:
    """Ours; asked for with each of thousands of tickers, and read from a file."""
    return version("forecast")


def expect(every: Sequence[Any]) -> None:
    """Let prices pass, and nothing else, such as the name of a ticker.

    Raises:
        DataError: there is something else.
    """
    for each in every:
        if not isinstance(each, Prices):
            kind = type(each).__name__
            raise DataError(f"prices are made by forecast.load or forecast.Prices.of; got a {kind}")


def last_close(history: pd.DataFrame) -> float:
    """The close of the last session; asked for so often that it is taken without making a column.

    >>> last_close(pd.DataFrame({"open": [1.0, 2.0], "close": [3.0, 4.0]}))
    4.0
    """
    return float(history.to_numpy()[-1, list(history.columns).index("close")])


def digest(table: pd.DataFrame) -> str:
    """SHA-256 of the names, dates and numbers of a table, the same on every machine."""
    total = hashlib.sha256(",".join(map(str, table.columns)).encode())
    total.update(table.index.to_numpy().astype("datetime64[s]").astype("<i8").tobytes())
    total.update(np.ascontiguousarray(table.to_numpy(), dtype="<f8").tobytes())
    return total.hexdigest()


def _validated(ticker: str, table: Any) -> pd.DataFrame:
    if not isinstance(table, pd.DataFrame):
        kind = type(table).__name__
        raise DataError(f"{ticker}: prices are a table with dates and a column 'close'; got {kind}")
    if "close" not in [*table.columns]:  # of columns in levels it would be the first
        raise DataError(f"{ticker}: no column 'close'; got {', '.join(map(str, table.columns))}")
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise DataError(f"{ticker}: column {twice!r} comes twice; keep one")
    if table.empty:
        raise DataError(f"{ticker}: 0 rows of prices; needs at least 1")
    index = table.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None:
        raise DataError(f"{ticker}: prices need an index of dates without a time zone")
    if index.hasnans or not (index.is_monotonic_increasing and index.is_unique):
        raise DataError(f"{ticker}: dates must rise strictly; sort them and drop duplicates")
    _check_dates(ticker, index)
    ours = [name for name in COLUMNS if name in table.columns]
    others = [name for name in table.columns if name not in COLUMNS]
    table = _numbers(ticker, table[[*ours, *others]]).rename_axis(index="date")
    for name in table.columns:
        _check_column(ticker, table[name])
    return table


def _numbers(ticker: str, table: pd.DataFrame) -> pd.DataFrame:
    for name in table.columns:
        if np.iscomplexobj(table[name].to_numpy()):
            raise DataError(f"{ticker}: column {name!r} holds complex numbers; needs real ones")
    try:
        return table.astype("float64")
    except (TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:100]
        raise DataError(f"{ticker}: a column holds more than numbers ({reason})") from error


def _check_dates(ticker: str, dates: pd.DatetimeIndex) -> None:
    stamps = dates.to_numpy()
    for end in (stamps[0], stamps[-1]):
        if not EARLIEST <= end <= LATEST:
            raise DataError(f"{ticker}: date {str(end)[:10]} is outside 1800 to 2100; correct it")
    if (np.diff(stamps) < np.timedelta64(1, "s")).any():
        raise DataError(
            f"{ticker}: dates from {str(stamps[0])[:19]} on are less than a second apart, as where"
            " numbers were taken for nanoseconds; convert them by their unit"
        )


def _check_column(ticker: str, column: pd.Series) -> None:
    values = column.to_numpy()
    lowest = {"volume": 0.0, **dict.fromkeys(COLUMNS[:4], SMALLEST)}.get(str(column.name), -LARGEST)
    bad = ~(np.isfinite(values) & (values >= lowest) & (values <= LARGEST))
    if bad.any():
        row, above = int(np.argmax(bad)), " above 0" * (lowest > 0)
        raise DataError(
            f"{ticker}: column {column.name!r} on {column.index[row]:%Y-%m-%d} is {values[row]};"
            f" needs a finite number{above} that fits float32; remove the row or correct it"
        )

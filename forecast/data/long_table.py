"""A long table: the rows of many tickers below each other, with a column that says whose they are.

It is read by pandas alone, for speed: dates as ISO 8601, as YYYYMMDD or by the form that is given,
or the number of the session; a point as the decimal sign. Of each ticker, rows without all numbers
are left out and counted; further columns are not read.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS, find_columns
from forecast.data.csv.dates import EARLIEST, LATEST
from forecast.data.csv.draft import UNDATED
from forecast.data.csv.faults import count
from forecast.data.csv.names import ALIASES, key
from forecast.data.csv.rows import SEPARATORS
from forecast.data.prices import COLUMNS, SMALLEST, Prices
from forecast.errors import DataError, SettingError, printable
from forecast.shapes import Mask, Series
from forecast.source_settings import Csv

MOST_BYTES = 2**30
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-")
PARQUET = ".parquet"
YEARS = (19000101, 21001231)

Refused = tuple[str, DataError]


def is_long(path: Path, how: Csv) -> bool:
    """Whether a file is a long table, to be read whole: Parquet, or CSV of several symbols."""
    if path.suffix.lower() == PARQUET:
        return True
    if how.symbol or how.columns or how.no_dates or path.suffix.lower() not in (".csv", ".tsv"):
        return False
    named = [name for name in _header(path, how) if key(name) in ALIASES["symbol"]]
    if not named:
        return False
    try:
        symbols = _csv(path, how, named[:1])[named[0]].to_numpy()
        return len(symbols) > 0 and bool((symbols != symbols[0]).any())
    except (OSError, ValueError):
        return False  # it is read as a file of one, which says what is wrong with it


def read(path: Path, how: Csv) -> Iterator[Prices | Refused]:
    """The prices of each ticker, in alphabetical order; or its name and why it cannot be used.

    Raises:
        DataError: the file cannot be read, or has no column of dates or closes.
        SettingError: Parquet without pyarrow.
    """
    table, adjusted = _columns(_loaded(path, how), how, str(path))
    if how.symbol:
        table = table[table["symbol"].str.casefold() == how.symbol.strip().casefold()]
    if table.empty:
        asked = f" of {how.symbol!r}" if how.symbol else " of any symbol"
        raise DataError(f"{str(path)!r} holds no row{asked}; look at its columns")
    table = table.sort_values(["symbol", "date"], kind="stable", ignore_index=True)
    symbols = table.pop("symbol").to_numpy("str")
    starts = np.flatnonzero(np.r_[True, symbols[1:] != symbols[:-1]])
    dates, numbers = pd.DatetimeIndex(table.pop("date")), table
    for start, stop in zip(starts, [*starts[1:], len(symbols)], strict=True):
        own = numbers.iloc[start:stop].set_axis(dates[start:stop])
        name = printable(symbols[start])[:80]
        try:
            yield _prices(name, own, str(path), adjusted=adjusted)
        except DataError as error:
            yield name, error


def _prices(name: str, own: pd.DataFrame, place: str, *, adjusted: bool) -> Prices:
    silent = [each for each in own if each != "close" and not own[each].fillna(0.0).any()]
    own = own.drop(columns=silent)
    whole = _whole(own)
    notes = [f"Column {each!r} was left out: it says nothing." for each in silent]
    if not whole.all():
        left_out = count(int((~whole).sum()), "row")
        notes.append(f"{left_out} without a price above 0 in every column left out.")
    own = own[whole]
    if "adj_close" in own:
        factor = own["adj_close"] / own["close"]
        prices = [each for each in COLUMNS[:4] if each in own]
        own = own.assign(**{each: own[each] * factor for each in prices}).drop(columns="adj_close")
        notes.append("Prices were adjusted: each was multiplied by adjusted close / close.")
    return Prices.of(name, own, source="csv", place=place, adjusted=adjusted, notes=tuple(notes))


def _whole(own: pd.DataFrame) -> Mask:
    """Rows in which every price is a number above 0, and the volume one not below."""
    values = own.to_numpy("float64")
    least = np.array([0.0 if name == "volume" else SMALLEST for name in own])
    return np.asarray((np.isfinite(values) & (values >= least)).all(axis=1))


def _columns(table: pd.DataFrame, how: Csv, place: str) -> tuple[pd.DataFrame, bool]:
    """The table with our names, float64 numbers and dates; whether it is adjusted."""
    found = find_columns([str(name) for name in table.columns], how, place, 1)
    roles = {role: table.columns[at] for role, at in found.roles.items()}
    if "date" not in roles:
        raise DataError(f"{place}: no column of dates; there are {', '.join(map(str, table))}")
    symbol = table[roles["symbol"]] if "symbol" in roles else None
    stem = Path(place).name.split(".", 1)[0]
    ours = {role: table[roles[role]] for role in NUMBERS if role in roles}
    numbers = {role: _numbers(each, place) for role, each in ours.items()}
    names = np.full(len(table), stem) if symbol is None else symbol.astype("str").to_numpy()
    made = pd.DataFrame(
        {"symbol": names, "date": _dates(table[roles["date"]], how, place), **numbers}
    )
    return made[made["symbol"].str.strip() != ""], found.adjusted


def _numbers(cells: pd.Series, place: str) -> Series:
    try:
        return pd.to_numeric(cells, errors="coerce").to_numpy("float64")
    except OverflowError as error:
        raise DataError(
            f"{place}: column {cells.name!r} holds a number that is too large; correct it"
        ) from error


def _dates(cells: pd.Series, how: Csv, place: str) -> pd.DatetimeIndex:
    if pd.api.types.is_string_dtype(cells) and cells.str.fullmatch(r"[0-9]{1,8}").all():
        cells = cells.astype("int64")
    if pd.api.types.is_integer_dtype(cells):
        days = cells.to_numpy("int64")
        if ((days >= 0) & (days < YEARS[0])).all():
            weekdays = cast(np.ndarray, np.busday_offset(UNDATED, days))
            return pd.DatetimeIndex(weekdays.astype("datetime64[s]"))
        cells, form = cells.astype("str"), how.date_format or "%Y%m%d"
    else:
        form = how.date_format or "ISO8601"
    try:
        dates = pd.DatetimeIndex(pd.to_datetime(cells, format=form))
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{place}: column {cells.name!r} holds dates of another form"
            f" ({str(error).splitlines()[0][:120]}); pass --date-format"
        ) from error
    dates = dates.tz_localize(None).normalize()
    stamps = dates.to_numpy().astype("datetime64[s]")
    if (outside := np.flatnonzero((stamps < EARLIEST) | (stamps > LATEST))).size:
        row = int(outside[0])
        raise DataError(
            f"{place}:{row + 2}: date {str(stamps[row])[:10]} is outside 1800 to 2100; correct or"
            " remove the row"
        )
    return dates


def _loaded(path: Path, how: Csv) -> pd.DataFrame:
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError(
            f"{str(path)!r} has {size:,} bytes; a long table has at most {MOST_BYTES:,}; part it"
        )
    try:
        if path.suffix.lower() == PARQUET:
            return pd.read_parquet(path)
        return _csv(path, how)
    except ImportError as error:
        raise SettingError(
            f"{str(path)!r} is Parquet, which needs pyarrow: pip install 'forecast[parquet]'"
        ) from error
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:160]
        raise DataError(f"{str(path)!r} cannot be read as a long table: {reason}") from error


def _csv(path: Path, how: Csv, only: Sequence[str] | None = None) -> pd.DataFrame:
    names = _header(path, how)
    texts = {name for name in names if key(name) in (*ALIASES["symbol"], *ALIASES["date"])}
    return pd.read_csv(
        path,
        sep=_separator(path, how),
        usecols=cast(Any, only),
        encoding=how.encoding or "utf-8-sig",
        decimal=how.decimal or ".",
        dtype=cast(Any, dict.fromkeys(texts, "str")),
        keep_default_na=False,
        na_values={name: [*MISSING] for name in only or names if name not in texts},
    )


def _header(path: Path, how: Csv) -> Sequence[str]:
    first = _first_line(path, how)
    return [name.strip().strip('"') for name in first.split(_separator(path, how))]


def _separator(path: Path, how: Csv) -> str:
    if how.sep:
        return "\t" if how.sep == "tab" else how.sep
    first = _first_line(path, how)
    return max(SEPARATORS, key=first.count)


def _first_line(path: Path, how: Csv) -> str:
    try:
        with path.open(encoding=how.encoding or "utf-8-sig", errors="replace") as file:
            return file.readline(2**16).rstrip("\r\n")
    except (OSError, UnicodeError):
        return ""  # whoever reads it says why

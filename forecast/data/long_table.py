"""A long table: the rows of many tickers below each other, with a column of their symbols.

It is read by pandas, for speed; only a column in which it finds more than plain numbers, or dates
other than ISO 8601 and YYYYMMDD, is read as that of any file is. Dates may be numbers of sessions.
Of each ticker, rows without all numbers are left out and counted; further columns are not read.
"""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS, find_columns
from forecast.data.csv.dates import EARLIEST, LATEST, read_dates
from forecast.data.csv.draft import UNDATED
from forecast.data.csv.faults import Fault, count, listed, refusal, shown
from forecast.data.csv.names import ALIASES, key
from forecast.data.csv.numbers import find_signs, read_numbers
from forecast.data.csv.rows import SEPARATORS
from forecast.data.prices import COLUMNS, SMALLEST, Prices
from forecast.errors import DataError, SettingError, printable
from forecast.shapes import Mask, Series
from forecast.source_settings import Csv

MOST_BYTES = 2**30
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-")
PARQUET = ".parquet"
MOST_SESSIONS = 20_000  # numbers from here on are Excel's days
YEARS = 1800  # the first session has a number below that of a year


def is_long(path: Path, how: Csv) -> bool:
    """Whether a file is a long table, to be read whole: Parquet, or CSV of several symbols."""
    if not path.is_file():
        return False  # opening a pipe would wait for its writer
    if path.suffix.lower() == PARQUET:
        return True
    if how.symbol or how.columns or how.no_dates or path.suffix.lower() not in (".csv", ".tsv"):
        return False
    named = [name for name in _header(path, how) if key(name) in ALIASES["symbol"]]
    if not named:
        return False
    try:
        symbols = set(_csv(path, how, named[:1])[named[0]].str.strip())
        return len(symbols - {""}) > 1
    except (OSError, ValueError):
        return False  # it is read as a file of one, which says what is wrong with it


def read(path: Path, how: Csv) -> Iterator[Prices | DataError]:
    """The prices of each ticker, in alphabetical order; or why it cannot be used.

    Raises:
        DataError: the file cannot be read, or has no column of dates or closes.
        SettingError: Parquet without pyarrow.
    """
    table, adjusted = _columns(_loaded(path, how), how, str(path))
    if (nameless := np.flatnonzero(table["symbol"] == "")).size and not how.symbol:
        number = count(len(nameless), "row")
        yield DataError(f"{path}:{int(nameless[0]) + 2}: {number} without a symbol from here on")
    table = table[table["symbol"] != ""]
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
            yield error


def _prices(name: str, own: pd.DataFrame, place: str, *, adjusted: bool) -> Prices:
    silent = [each for each in own if each != "close" and not own[each].fillna(0.0).any()]
    own = own.drop(columns=silent)
    notes = [f"Column {each!r} was left out: it says nothing." for each in silent]
    if not own.index.is_unique:
        own = _without_twins(name, own, notes)
    whole = _whole(own)
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


def _without_twins(name: str, own: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    again: Mask = np.asarray(own.reset_index().duplicated(), dtype=bool)
    once = own.loc[~again]
    if not once.index.is_unique:
        date = pd.Timestamp(once.index.to_numpy()[once.index.duplicated()][0])
        raise DataError(
            f"{name}: date {date:%Y-%m-%d} comes twice, with different numbers; remove one of the"
            " two rows, or give bars within a day a file for each ticker"
        )
    notes.append(f"{count(int(again.sum()), 'row')} repeated a session and its numbers; kept once.")
    return once


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
        sentence = f"no date column; the columns are {listed([*map(str, table)])}"
        raise refusal(place, [Fault(1, sentence, "name one of them Date")])
    symbol = table[roles["symbol"]] if "symbol" in roles else None
    stem = Path(place).name.split(".", 1)[0]
    ours = {role: table[roles[role]] for role in NUMBERS if role in roles}
    numbers = {role: each.to_numpy("float64") for role, each in ours.items() if _is_plain(each)}
    texts = {role: each for role, each in ours.items() if role not in numbers}
    numbers |= _numbers(texts, how, place)
    names = np.full(len(table), stem) if symbol is None else _cells(symbol)
    dates = _dates(table[roles["date"]], how, place)
    if (undated := np.flatnonzero(dates.isna() & ~np.isnan(numbers["close"]))).size:
        raise refusal(place, [Fault(int(row) + 2, "no date") for row in undated])
    made = pd.DataFrame({"symbol": names, "date": dates, **{each: numbers[each] for each in ours}})
    return made, found.adjusted


def _is_plain(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)


def _numbers(columns: dict[str, pd.Series], how: Csv, place: str) -> dict[str, Series]:
    """The numbers of columns in which not every cell is a plain one.

    Raises:
        DataError: a cell is no number, and rows without one were not asked to be dropped.
    """
    cells = {role: _cells(each) for role, each in columns.items()}
    lines = range(2, 2 + max(map(len, cells.values()), default=0))
    named = {str(columns[role].name): each for role, each in cells.items()}
    signs = find_signs(named, lines, ",", how, place)
    if signs.decimal == "," and not how.decimal:
        # Columns that pandas took for plain may hold 1.234 for 1234.
        raise refusal(place, [Fault(1, "the decimal sign is a comma", "pass --decimal ,")])
    numbers = {role: read_numbers(each, signs, how) for role, each in cells.items()}
    faults = [
        Fault(lines[row], f"column {shown(str(columns[role].name))}: {sentence}", fix)
        for role, each in numbers.items()
        for row, (sentence, fix) in each.unreadable.items()
    ]
    if faults and how.na != "drop":
        raise refusal(place, sorted(faults, key=lambda fault: fault.line))
    return {role: each.floats for role, each in numbers.items()}


def _cells(column: pd.Series) -> list[str]:
    return [str(each).strip() for each in column.astype("object").fillna("")]


def _dates(cells: pd.Series, how: Csv, place: str) -> pd.DatetimeIndex:
    counted = pd.api.types.is_integer_dtype(cells)
    if pd.api.types.is_string_dtype(cells):
        counted = bool(cells.str.fullmatch(r"[0-9]{1,8}").all())
    if counted:
        days = cells.to_numpy("int64")
        if ((days >= 0) & (days < MOST_SESSIONS)).all() and (not len(days) or days.min() < YEARS):
            weekdays = cast(np.ndarray, np.busday_offset(UNDATED, days))
            return pd.DatetimeIndex(weekdays.astype("datetime64[s]"))
        cells = cells.astype("str")
    form = how.date_format or ("%Y%m%d" if counted else "ISO8601")
    try:
        dates = pd.DatetimeIndex(pd.to_datetime(cells, format=form))
    except (ValueError, TypeError):
        dates = _other_dates(cells, how, place)
    dates = dates.tz_localize(None).normalize()
    stamps = dates.to_numpy().astype("datetime64[s]")
    if (outside := np.flatnonzero((stamps < EARLIEST) | (stamps > LATEST))).size:
        row = int(outside[0])
        raise DataError(
            f"{place}:{row + 2}: date {str(stamps[row])[:10]} is outside 1800 to 2100; correct or"
            " remove the row"
        )
    return dates


def _other_dates(cells: pd.Series, how: Csv, place: str) -> pd.DatetimeIndex:
    """Dates of any form that a file of one symbol may have, each read once."""
    codes, written = pd.factorize(np.array(_cells(cells), dtype="object"))
    first = np.unique(codes, return_index=True)[1] + 2
    stamps, _ = read_dates(written.tolist(), first.tolist(), how.date_format, place)
    return pd.DatetimeIndex(stamps[codes])


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
        raise DataError(
            f"{str(path)!r} cannot be read as a long table: {reason}; correct or remove that row,"
            " or export it again"
        ) from error


def _csv(path: Path, how: Csv, only: Sequence[str] | None = None) -> pd.DataFrame:
    names = _header(path, how)
    texts = {name for name in names if key(name) in (*ALIASES["symbol"], *ALIASES["date"])}
    with warnings.catch_warnings():
        # Columns of texts and numbers are told apart here, cell by cell.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        table = pd.read_csv(
            path,
            sep=_separator(path, how),
            usecols=cast(Any, only),
            encoding=how.encoding or "utf-8-sig",
            decimal=how.decimal or ".",
            dtype=cast(Any, dict.fromkeys(texts, "str")),
            keep_default_na=False,
            na_values={name: [*MISSING] for name in only or names if name not in texts},
        )
    if not table.index.equals(pd.RangeIndex(len(table))):
        raise ValueError("its rows have more fields than the first line has names")
    _refuse_rows_within(table.drop(columns=[each for each in texts if each in table]))
    if only is None and len(table.columns) == len(names):
        table.columns = pd.Index(names)  # pandas renames what comes twice
    return table


def _refuse_rows_within(table: pd.DataFrame) -> None:
    """A quote too many, and another further down, would make one cell of the rows between."""
    for name in (each for each in table if pd.api.types.is_string_dtype(table[each])):
        broken = np.flatnonzero(table[name].str.contains("\n[^\n]*[,;|\t]", na=False))
        if broken.size:
            cell = shown(str(table[name].iloc[int(broken[0])]))
            raise ValueError(f"a quote is left open before {cell}, which goes on over a row")


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
        return ""  # the reader that follows says why

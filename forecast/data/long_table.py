"""A long table: the rows of many tickers below each other, with a column of their symbols.

It is read by pandas, for speed; only a column in which it finds more than plain numbers, or dates
other than ISO 8601 and YYYYMMDD, is read as that of any file is. Dates may be numbers of sessions.
Of each ticker, rows without all numbers are left out and counted; further columns are not read.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from forecast.data import quality
from forecast.data.csv.columns import NUMBERS, find_columns
from forecast.data.csv.dates import read_dates
from forecast.data.csv.draft import UNDATED
from forecast.data.csv.faults import Fault, as_notes, count, listed, refusal, shown
from forecast.data.csv.numbers import find_signs, read_numbers
from forecast.data.long_file import load, separator
from forecast.data.prices import COLUMNS, EARLIEST, LATEST, SMALLEST, Prices
from forecast.errors import DataError, printable
from forecast.shapes import Mask, Series
from forecast.source_settings import Csv

MOST_SESSIONS = 20_000  # numbers from here on are Excel's days
YEARS = 1800  # the first session has a number below that of a year
Notes = tuple[str, ...]
PLACEHOLDERS = f"Rows have no dates; they stand on weekdays from {UNDATED} on."


@dataclass(frozen=True, slots=True)
class _Whole:
    """All rows with our names, their lines as index; what holds for each ticker's."""

    rows: pd.DataFrame
    adjusted: bool
    notes: Notes
    how: Csv
    place: str


def read(path: Path, how: Csv) -> Iterator[Prices | DataError]:
    """The prices of each ticker, in alphabetical order; or why it cannot be used.

    Raises:
        DataError: the file cannot be read, or has no column of dates or closes.
        SettingError: Parquet without pyarrow.
    """
    whole = _whole_of(path, how)
    table = whole.rows
    if (nameless := table.index[table["symbol"] == ""]).size and not how.symbol:
        number = count(len(nameless), "row")
        yield DataError(f"{path}:{nameless[0]}: {number} without a symbol from here on")
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
            yield _prices(name, own, whole)
        except DataError as error:
            yield DataError(f"{path}: {error}")


def _prices(name: str, own: pd.DataFrame, whole: _Whole) -> Prices:
    silent = [each for each in own if each != "close" and not own[each].fillna(0.0).any()]
    own = own.drop(columns=silent)
    notes = [f"Column {each!r} was left out: it says nothing." for each in silent]
    if not own.index.is_unique:
        own = _without_twins(name, own, notes)
    if whole.how.na == "ffill" and (missing := int(own.isna().to_numpy().sum())):
        own = own.ffill()
        notes.append(f"{count(missing, 'missing number')} carried forward from the row before.")
    usable = _usable(own)
    if not usable.all():
        left_out = count(int((~usable).sum()), "row")
        notes.append(f"{left_out} without a price above 0 in every column left out.")
    own = own[usable]
    if "adj_close" in own:
        factor = own["adj_close"] / own["close"]
        prices = [each for each in COLUMNS[:4] if each in own]
        own = own.assign(**{each: own[each] * factor for each in prices}).drop(columns="adj_close")
        notes.append("Prices were adjusted: each was multiplied by adjusted close / close.")
    told = (*whole.notes, *notes)
    found = Prices.of(
        name, own, source="csv", place=whole.place, adjusted=whole.adjusted, notes=told
    )
    if whole.how.strict:
        _refuse_odd(found)
    return found


def _refuse_odd(prices: Prices) -> None:
    today = None if PLACEHOLDERS in prices.receipt.notes else date.today()
    for each in quality.findings(prices.table, today=today):
        if each.severity == "warning":
            raise DataError(
                f"{prices.ticker}: {each.clause}; correct the rows or leave --strict out"
            )


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


def _usable(own: pd.DataFrame) -> Mask:
    """Rows in which every price is a number above 0, and the volume one not below."""
    values = own.to_numpy("float64")
    least = np.array([0.0 if name == "volume" else SMALLEST for name in own])
    return np.asarray((np.isfinite(values) & (values >= least)).all(axis=1))


def _whole_of(path: Path, how: Csv) -> _Whole:
    """The file with our names, float64 numbers and dates."""
    table, place = load(path, how), str(path)
    found = find_columns([str(name) for name in table.columns], how, place, 1)
    roles = {role: table.columns[at] for role, at in found.roles.items()}
    if "date" not in roles:
        sentence = f"no date column; the columns are {listed([*map(str, table)])}"
        raise refusal(place, [Fault(1, sentence, "name one of them Date")])
    symbol = table[roles["symbol"]] if "symbol" in roles else None
    ours = {role: table[roles[role]] for role in NUMBERS if role in roles}
    numbers, number_notes = _numbers(ours, how, path)
    names = np.full(len(table), path.name.split(".", 1)[0]) if symbol is None else _cells(symbol)
    dates, date_notes = _dates(table[roles["date"]], how, place)
    if (undated := table.index[dates.isna() & ~np.isnan(numbers["close"])]).size:
        raise refusal(place, [Fault(int(line), "no date") for line in undated])
    told = {"symbol": names, "date": dates, **{each: numbers[each] for each in ours}}
    notes = as_notes((*date_notes, *number_notes))
    return _Whole(pd.DataFrame(told, table.index), found.adjusted, notes, how, place)


def _is_plain(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)


def _numbers(ours: dict[str, pd.Series], how: Csv, path: Path) -> tuple[dict[str, Series], Notes]:
    """The numbers of each column; where not every cell is a plain one, as those of any file.

    Raises:
        DataError: a cell is no number, and rows without one were not asked to be dropped.
    """
    plain = {role: each.to_numpy("float64") for role, each in ours.items() if _is_plain(each)}
    cells = {role: _cells(each) for role, each in ours.items() if role not in plain}
    if not cells:
        return plain, ()
    lines = next(iter(ours.values())).index.to_list()
    named = {str(ours[role].name): each for role, each in cells.items()}
    signs = find_signs(named, lines, separator(path, how), how, str(path))
    if signs.decimal == "," and plain:
        # Columns that pandas took for plain may hold 1.234 for 1234.
        raise refusal(str(path), [Fault(1, "the decimal sign is a comma", "pass --decimal ,")])
    numbers = {role: read_numbers(each, signs, how) for role, each in cells.items()}
    faults = [
        Fault(lines[row], f"column {shown(str(ours[role].name))}: {sentence}", fix)
        for role, each in numbers.items()
        for row, (sentence, fix) in each.unreadable.items()
    ]
    if faults and how.na != "drop":
        raise refusal(str(path), sorted(faults, key=lambda fault: fault.line))
    notes = ("the decimal sign is a comma",) if signs.decimal == "," else ()
    return plain | {role: each.floats for role, each in numbers.items()}, notes


def _cells(column: pd.Series) -> list[str]:
    return [str(each).strip() for each in column.astype("object").fillna("")]


def _dates(cells: pd.Series, how: Csv, place: str) -> tuple[pd.DatetimeIndex, Notes]:
    counted = pd.api.types.is_integer_dtype(cells)
    if pd.api.types.is_string_dtype(cells):
        counted = bool(cells.str.fullmatch(r"[0-9]{1,8}").all())
    if counted:
        days = cells.to_numpy("int64")
        if ((days >= 0) & (days < MOST_SESSIONS)).all() and (not len(days) or days.min() < YEARS):
            weekdays = cast(np.ndarray, np.busday_offset(UNDATED, days))
            return pd.DatetimeIndex(weekdays.astype("datetime64[s]")), (PLACEHOLDERS,)
        cells = cells.astype("str")
    form = how.date_format or ("%Y%m%d" if counted else "ISO8601")
    # In fewer digits pandas would take months of one: 202411 would be the first of January.
    known = not counted or bool((cells.str.len() == 8).all())
    dates, notes = _usual_dates(cells, form) if known else None, ()
    if dates is None:
        dates, notes = _other_dates(cells, how, place)
    dates = dates.tz_localize(None).normalize()
    stamps = dates.to_numpy().astype("datetime64[s]")
    if (outside := np.flatnonzero((stamps < EARLIEST) | (stamps > LATEST))).size:
        row = int(outside[0])
        sentence = f"date {str(stamps[row])[:10]} is outside 1800 to 2100"
        raise refusal(place, [Fault(int(cells.index[row]), sentence)])
    return dates, notes


def _usual_dates(cells: pd.Series, form: str) -> pd.DatetimeIndex | None:
    """Dates as pandas reads them, for speed; None where one is of another form."""
    with suppress(ValueError, TypeError):
        return pd.DatetimeIndex(pd.to_datetime(cells, format=form))
    return None


def _other_dates(cells: pd.Series, how: Csv, place: str) -> tuple[pd.DatetimeIndex, Notes]:
    """Dates of any form that a file of one symbol may have, each read once."""
    codes, written = pd.factorize(np.array(_cells(cells), dtype="object"))
    first = cells.index.to_numpy()[np.unique(codes, return_index=True)[1]]
    stamps, notes = read_dates(written.tolist(), first.tolist(), how.date_format, place)
    return pd.DatetimeIndex(stamps[codes]), notes

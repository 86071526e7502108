"""A long table: the rows of many tickers below each other, with a column of their symbols.

Each ticker's rows are what those of a file of its own would be, in whatever order they stand:
what is wrong with them is refused or said in the same words, and the other tickers go on. Dates
may be numbers of sessions. Further columns are not read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS
from forecast.data.csv.dates import Stamps, as_sessions, read_times
from forecast.data.csv.draft import NO_DATES, UNDATED, Draft, Gap, gaps_of
from forecast.data.csv.finish import prices_of
from forecast.data.csv.numbers import Signs, find_signs, read_numbers
from forecast.data.faults import LISTED, Fault, count, listed, place_of, refusal, shown
from forecast.data.long_file import Loaded, floats, load, separator
from forecast.data.prices import LARGEST, Prices
from forecast.errors import DataError, printable
from forecast.shapes import Rows, Series
from forecast.source_settings import Csv

MOST_SESSIONS = 20_000  # numbers from here on are Excel's days
YEARS = 1800  # the first session has a number below that of a year
Notes = tuple[str, ...]
Gaps = dict[tuple[int, str], Gap]


def read(path: Path, how: Csv) -> Iterator[Prices | DataError]:
    """The prices of each ticker, in alphabetical order; or why it cannot be used.

    Raises:
        DataError: the file cannot be read, or has no column of dates or closes.
        SettingError: Parquet without pyarrow.
    """
    loaded, today = load(path, how), date.today()
    if not len(loaded.lines):
        raise DataError(f"{path}: has 0 rows below its header. Fix: export the prices again.")
    whole, parts = _draft(loaded), _parts(loaded)
    nameless = parts.pop("", None)
    if how.symbol:
        wanted = how.symbol.strip().casefold()
        parts = {name: rows for name, rows in parts.items() if name.casefold() == wanted}
    elif nameless is not None:
        at = place_of(str(path), int(loaded.lines[nameless[0]]))
        yield DataError(f"{at}: {count(len(nameless), 'row')} without a symbol from here on")
    if not parts:
        asked = f" of {how.symbol!r}" if how.symbol else " of any symbol"
        raise DataError(f"{str(path)!r} holds no row{asked}; look at its columns")
    for name in sorted(parts):
        try:
            yield _prices(whole.rows(parts[name]), printable(name)[:80], how, today)
        except DataError as error:
            yield error


def _prices(rows: Draft, ticker: str, how: Csv, today: date) -> Prices:
    stamps, notes = as_sessions(rows.table.index.to_numpy())
    table = rows.table.set_axis(pd.DatetimeIndex(stamps))
    own = replace(rows, table=table, notes=(*rows.notes, *notes), ticker=ticker)
    return prices_of(own, ticker, replace(how, sort=True), today)


def _parts(loaded: Loaded) -> dict[str, Rows]:
    """The rows of each symbol, in the order of the file; those without one under an empty name."""
    if "symbol" not in loaded.table:
        return {loaded.path.name.split(".", 1)[0]: np.arange(len(loaded.lines))}
    codes, names = _coded(loaded.table["symbol"])
    again, names = pd.factorize(np.array(names, dtype="object"))  # without blanks some are the same
    codes = again[codes]
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
    return {name: each for name, each in zip(names.tolist(), rows, strict=True) if each.size}


def _draft(loaded: Loaded) -> Draft:
    """All rows as one draft, of every ticker."""
    stamps, date_notes = _dates(loaded)
    ours = [role for role in NUMBERS if role in loaded.table]
    cells = {role: _texts(loaded.table[role]) for role in ours if not _is_plain(loaded.table[role])}
    signs, columns, gaps = _signs(loaded, cells), list[Series](), Gaps()
    for role in ours:
        numbers, more = _numbers(loaded, role, cells.get(role), signs)
        columns.append(numbers)
        gaps |= more
    return Draft(
        place=str(loaded.path),
        table=pd.DataFrame(np.vstack(columns).T, pd.DatetimeIndex(stamps), ours),
        lines=loaded.lines,
        gaps=gaps,
        names={role: loaded.name(role) for role in ours},
        notes=(*loaded.columns.notes, *date_notes, *signs.notes),
        adjusted=loaded.columns.adjusted,
    )


def _is_plain(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells)


def _signs(loaded: Loaded, cells: Mapping[str, list[str]]) -> Signs:
    """The decimal sign of the columns in which not every cell is a plain number.

    Raises:
        DataError: it could be either; or it is a comma, and other columns were taken for plain.
    """
    if not cells:
        return Signs()
    named, place = {loaded.name(role): each for role, each in cells.items()}, str(loaded.path)
    sep = separator(loaded.path, loaded.how)
    signs = find_signs(named, loaded.lines.tolist(), sep, loaded.how, place)
    if signs.decimal == "," and not {*loaded.table} & {*NUMBERS} <= {*cells}:
        # Columns that pandas took for plain may hold 1.234 for 1234.
        fault = Fault(loaded.header, "the decimal sign is a comma", "pass --decimal ,")
        raise refusal(place, [fault])
    return signs


def _numbers(
    loaded: Loaded, role: str, cells: list[str] | None, signs: Signs
) -> tuple[Series, Gaps]:
    """The numbers of a column, NaN where there is none, and of those that are not empty, why.

    Where pandas found numbers, only what it found none in is looked at again, as it is written.

    Raises:
        DataError: most of the column are no numbers.
    """
    if cells is None:
        values = floats(loaded.table[role])
        rows = np.flatnonzero(~(np.abs(values) <= LARGEST))
        if not rows.size:
            return values, {}
        cells = loaded.written(role, rows)
    else:
        values, rows = np.empty(len(cells)), np.arange(len(cells))
    numbers, lines = read_numbers(cells, signs, loaded.how), loaded.lines[rows]
    if 2 * len(numbers.unreadable) > len(loaded.lines):
        name = shown(loaded.name(role))
        faults = [
            Fault(int(lines[row]), f"column {name}: {sentence}", fix)
            for row, (sentence, fix) in [*numbers.unreadable.items()][:LISTED]
        ]
        raise refusal(str(loaded.path), faults, number=len(numbers.unreadable))
    values = values.copy()  # it may be that of the table
    values[rows] = numbers.floats
    return values, gaps_of(role, numbers, cells, lines)


def _texts(cells: pd.Series | pd.Index) -> list[str]:
    return [str(each).strip() for each in cells.astype("object").fillna("")]


def _coded(cells: pd.Series) -> tuple[Rows, list[str]]:
    """The number of each row's text, and the texts in the order in which they come."""
    codes, found = pd.factorize(cells, use_na_sentinel=False)
    return codes, _texts(found)


def _dates(loaded: Loaded) -> tuple[Stamps, Notes]:
    """When each row was; a date is read once, however many rows have it.

    Raises:
        DataError: there is no column of dates, or a date is missing or cannot be read.
    """
    place, how, lines = str(loaded.path), loaded.how, loaded.lines
    if "date" not in loaded.table:
        sentence = f"no date column; the columns are {listed(loaded.names)}"
        raise refusal(place, [Fault(loaded.header, sentence, "name one of them Date")])
    codes, cells = _coded(loaded.table["date"])
    empty = np.array([not cell for cell in cells])[codes]
    if empty.any():
        undated = lines[empty]
        faults = [Fault(int(line), "no date") for line in undated[:LISTED]]
        raise refusal(place, faults, number=len(undated))
    if "time" in loaded.table:
        codes, cells = _with_times(codes, cells, loaded.table["time"])
    first = np.empty(len(cells), dtype="int64")
    first[codes[::-1]] = lines[::-1]  # the last one stays
    read_already = pd.api.types.is_datetime64_any_dtype(loaded.table["date"])
    form = "" if read_already else how.date_format
    stamps = None if form else _counted(cells)
    if stamps is not None:
        return stamps[codes], (NO_DATES,)
    stamps, notes = read_times(cells, first.tolist(), form, place)
    return stamps[codes], notes


def _with_times(codes: Rows, days: list[str], times: pd.Series) -> tuple[Rows, list[str]]:
    """Days and times as one, where the times are not all the same."""
    clock, hours = _coded(times)
    if len(hours) == 1:
        return codes, days
    both, pairs = pd.factorize(codes * len(hours) + clock)
    cells = [f"{days[pair // len(hours)]} {hours[pair % len(hours)]}".rstrip() for pair in pairs]
    return both, cells


def _counted(cells: Sequence[str]) -> Stamps | None:
    """Weekdays for numbers of sessions; None where they are none."""
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 9 for cell in cells):
        return None
    days = np.array(cells, dtype="int64")
    if days.max() >= MOST_SESSIONS or days.min() >= YEARS:
        return None
    return np.busday_offset(UNDATED, days).astype("datetime64[s]")

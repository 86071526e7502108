"""A long table: the rows of many tickers below each other, with a column of their symbols.

Each ticker's rows are what those of a file of its own would be, in whatever order they stand:
what is wrong with them is refused or said in the same words, and the other tickers go on. Dates
may be numbers of sessions. Further columns are not read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS
from forecast.data.csv.draft import Draft, Gap, gaps_of
from forecast.data.csv.finish import prices_of
from forecast.data.csv.numbers import Signs, find_signs, read_numbers
from forecast.data.faults import LISTED, Fault, count, place_of, refusal
from forecast.data.long_dates import coded, dates_of, texts
from forecast.data.long_file import Loaded, floats, load, separator
from forecast.data.prices import LARGEST, Prices
from forecast.errors import DataError, printable
from forecast.shapes import Rows, Series
from forecast.source_settings import Csv

VOTES = 1000  # numbers that show the decimal sign
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
    whole, dates, parts = _draft(loaded), dates_of(loaded), _parts(loaded)
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
        ticker = printable(name)[:80]
        try:
            stamps, notes = dates.of(parts[name], ticker)
            own = replace(whole.rows(parts[name], *notes), ticker=ticker)
            own = replace(own, table=own.table.set_axis(pd.DatetimeIndex(stamps)))
            yield prices_of(own, ticker, replace(how, sort=True), today)
        except DataError as error:
            yield error


def _parts(loaded: Loaded) -> dict[str, Rows]:
    """The rows of each symbol, in the order of the file; those without one under an empty name."""
    if "symbol" not in loaded.table:
        return {loaded.path.name.split(".", 1)[0]: np.arange(len(loaded.lines))}
    codes, names = coded(loaded.table["symbol"])
    again, names = pd.factorize(np.array(names, dtype="object"))  # without blanks some are the same
    codes = again[codes]
    order = np.argsort(codes, kind="stable")
    rows = np.split(order, np.cumsum(np.bincount(codes, minlength=len(names)))[:-1])
    return {name: each for name, each in zip(names.tolist(), rows, strict=True) if each.size}


def _draft(loaded: Loaded) -> Draft:
    """All rows as one draft, of every ticker, without their dates."""
    ours = [role for role in NUMBERS if role in loaded.table]
    cells = {role: _words(loaded, role) for role in ours if not _is_plain(loaded.table[role])}
    signs, columns, gaps = _signs(loaded, cells), list[Series](), Gaps()
    for role in ours:
        numbers, more = _numbers(loaded, role, cells.get(role), signs)
        columns.append(numbers)
        gaps |= more
    return Draft(
        place=str(loaded.path),
        table=pd.DataFrame(np.vstack(columns).T, columns=ours),
        lines=loaded.lines,
        gaps=gaps,
        names={role: loaded.name(role) for role in ours},
        notes=(*loaded.columns.notes, *signs.notes),
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
    plain = [role for role in NUMBERS if role in loaded.table and role not in cells]
    named |= {loaded.name(role): _fractions(loaded.table[role]) for role in plain}
    sep = separator(loaded.path, loaded.how)
    signs = find_signs(named, loaded.lines.tolist(), sep, loaded.how, place)
    if signs.decimal == "," and plain:
        # Columns that pandas took for plain may hold 1.234 for 1234.
        fault = Fault(loaded.header, "the decimal sign is a comma", "pass --decimal ,")
        raise refusal(place, [fault])
    return signs


def _fractions(cells: pd.Series) -> list[str]:
    """The first numbers with a point in a column of numbers; they have their say, too."""
    values = floats(cells)
    values = values[np.isfinite(values)]
    return [str(value) for value in values[values % 1 != 0][:VOTES].tolist()]


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
        faults = [
            Fault.in_column(int(lines[row]), loaded.name(role), sentence, fix)
            for row, (sentence, fix) in [*numbers.unreadable.items()][:LISTED]
        ]
        raise refusal(str(loaded.path), faults, number=len(numbers.unreadable))
    values = values.copy()  # it may be that of the table
    values[rows] = numbers.floats
    return values, gaps_of(role, numbers, cells, lines)


def _words(loaded: Loaded, role: str) -> list[str]:
    """What stands in a column of more than numbers, word for word where pandas found nothing."""
    cells = texts(loaded.table[role])
    empty = np.flatnonzero([not cell for cell in cells])
    for row, cell in zip(empty.tolist(), loaded.written(role, empty), strict=True):
        cells[row] = cell
    return cells

"""From a sheet to a draft: numbers and dates in columns of ours, and why a cell has no number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS, Columns, covariate
from forecast.data.csv.dates import Stamps, read_dates
from forecast.data.csv.numbers import MISSING, Numbers, Signs, find_signs, read_numbers
from forecast.data.csv.sheet import Sheet
from forecast.data.faults import Fault, line_of, listed, refusal, shown
from forecast.data.prices import COLUMNS
from forecast.errors import DataError
from forecast.shapes import Mask, Rows
from forecast.source_settings import Csv

# A Monday, so early that even 50,000 rows end in years that are read.
UNDATED = np.datetime64("1900-01-01")
NO_DATES = f"rows have no dates; they stand on weekdays from {UNDATED} on"


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell without a number: why, what to do, and whether there was nothing in it."""

    sentence: str = "no number"
    fix: str = "remove the row or pass --na drop or --na ffill"
    missing: bool = True


EMPTY = Gap()


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows on their way to being prices.

    `table` is indexed by date, NaN where a cell has no number; `lines` are the rows' lines in the
    file, `gaps` those cells without a number that are not empty, by line and column, `names` the
    columns' names in the file. Of a table of many tickers, `ticker` is the one whose rows these
    are.
    """

    place: str
    table: pd.DataFrame
    lines: Rows
    gaps: Mapping[tuple[int, str], Gap]
    names: Mapping[str, str]
    notes: tuple[str, ...]
    adjusted: bool
    ticker: str = ""

    def rows(self, kept: Rows | Mask, *notes: str) -> "Draft":
        """The rows chosen, in the order chosen, and why."""
        table, lines = self.table.iloc[kept], self.lines[kept]
        return replace(self, table=table, lines=lines, notes=(*self.notes, *notes))

    def without(self, columns: Sequence[str], *notes: str) -> "Draft":
        """The rows without some columns, and why."""
        table = self.table.drop(columns=[*columns])
        return replace(self, table=table, notes=(*self.notes, *notes))

    def line(self, row: int) -> str:
        """What the row's line is called."""
        return line_of(self.place, int(self.lines[row]))

    def column(self, at: int) -> str:
        """The name that we give to a column."""
        return [*map(str, self.table.columns)][at]

    def gap(self, row: int, column: int) -> Gap:
        """Why this cell has no number."""
        return self.gaps.get((int(self.lines[row]), self.column(column)), EMPTY)

    def refusal(self, faults: Sequence[Fault], number: int | None = None) -> DataError:
        """As `refusal`, of this file and ticker."""
        return refusal(self.place, faults, self.ticker, number)


def make_draft(sheet: Sheet, columns: Columns, sep: str, how: Csv) -> Draft:
    """The draft that the sheet's columns make.

    Raises:
        DataError: dates or the decimal sign cannot be read or could be read in two ways.
    """
    stamps, date_notes = _stamps(sheet, columns, how)
    ours = {role: sheet.columns[columns.roles[role]] for role in NUMBERS if role in columns.roles}
    names = {role: sheet.names[columns.roles[role]] for role in ours}
    named = {names[role]: cells for role, cells in ours.items()}
    signs = find_signs(named, sheet.lines, sep, how, sheet.place)
    numbers = {role: read_numbers(cells, signs, how) for role, cells in ours.items()}
    others, other_notes = _covariates(sheet, columns, signs, how)
    table = pd.DataFrame(
        {role: each.floats for role, each in numbers.items()}
        | {covariate(name): each.floats for name, each in others.items()},
        index=pd.DatetimeIndex(stamps),
    )
    lines = np.array(sheet.lines)
    gaps = [gaps_of(role, each, ours[role], lines) for role, each in numbers.items()]
    return Draft(
        place=sheet.place,
        table=table,
        lines=lines,
        gaps={at: gap for found in gaps for at, gap in found.items()},
        names=names | {covariate(name): name for name in others},
        notes=(*sheet.notes, *columns.notes, *signs.notes, *date_notes, *other_notes),
        adjusted=columns.adjusted,
    )


def gaps_of(
    role: str, numbers: Numbers, cells: Sequence[str], lines: Rows
) -> dict[tuple[int, str], Gap]:
    """The cells of a column that are neither numbers nor empty, by line and column."""
    gaps = dict[tuple[int, str], Gap]()
    for row in np.flatnonzero(np.isnan(numbers.floats)).tolist():
        at = int(lines[row]), role
        if not numbers.missing[row]:
            gaps[at] = Gap(*numbers.unreadable[row], missing=False)
        elif cells[row]:
            gaps[at] = Gap(f"{shown(cells[row])} is a missing number")
    return gaps


def _stamps(sheet: Sheet, columns: Columns, how: Csv) -> tuple[Stamps, tuple[str, ...]]:
    if how.no_dates:
        rows = np.arange(len(sheet.lines))
        days = np.busday_offset(UNDATED, rows[::-1] if how.newest_first else rows)
        return days.astype("datetime64[s]"), (NO_DATES,)
    if "date" not in columns.roles:
        sentence = f"no date column; the columns are {listed(sheet.names)}"
        fix = "pass --no-dates and --newest-first or --oldest-first"
        raise refusal(sheet.place, [Fault(sheet.header, sentence, fix)])
    cells = sheet.columns[columns.roles["date"]]
    if "time" in columns.roles:
        times = sheet.columns[columns.roles["time"]]
        if len(set(times)) > 1:
            cells = [f"{day} {time}".rstrip() for day, time in zip(cells, times, strict=True)]
    return read_dates(cells, sheet.lines, how.date_format, sheet.place)


def _covariates(
    sheet: Sheet, columns: Columns, signs: Signs, how: Csv
) -> tuple[dict[str, Numbers], tuple[str, ...]]:
    """Further columns in which every row has a number, by their names in the file."""
    kept, notes = dict[str, Numbers](), list[str]()
    taken = set(COLUMNS) | {"adj_close"}
    for i in columns.others:
        name, cells = sheet.names[i], sheet.columns[i]
        numbers = read_numbers(cells, signs, how)
        bad = np.flatnonzero(np.isnan(numbers.floats))
        if _is_empty(cells):
            notes.append(f"column {shown(name)} is empty")
        elif len(bad):
            where = f"line {sheet.lines[int(bad[0])]}"
            notes.append(f"column {shown(name)} was left out: {where} has no number in it")
        elif covariate(name) in taken:
            notes.append(f"column {shown(name)} was left out: another has its name")
        else:
            kept[name] = numbers
            taken.add(covariate(name))
    return kept, tuple(notes)


def _is_empty(cells: Sequence[str]) -> bool:
    return all(cell.casefold() in MISSING for cell in cells)

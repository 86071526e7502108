"""From a sheet to a draft: numbers and dates in columns of ours, and why a cell has no number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS, Columns, covariate
from forecast.data.csv.dates import Stamps, read_dates
from forecast.data.csv.faults import Fault, listed, refusal, shown
from forecast.data.csv.numbers import MISSING, Numbers, Signs, find_signs, read_numbers
from forecast.data.csv.sheet import Sheet
from forecast.data.prices import COLUMNS
from forecast.shapes import Mask, Rows
from forecast.source_settings import Csv

# A Monday, so early that even 50,000 rows end in years that are read.
UNDATED = np.datetime64("1900-01-01")


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell without a number: why, and whether there was nothing in it."""

    fault: Fault
    missing: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows on their way to being prices.

    `table` is indexed by date, NaN where a cell has no number; `lines` are the rows' lines in the
    file, `gaps` the cells without a number by line, `names` the columns' names in the file.
    """

    place: str
    table: pd.DataFrame
    lines: Rows
    gaps: dict[int, list[Gap]]
    names: dict[str, str]
    notes: tuple[str, ...]

    def rows(self, kept: Rows | Mask, note: str) -> "Draft":
        """The rows chosen, in the order chosen, and why."""
        table, lines = self.table.iloc[kept], self.lines[kept]
        return replace(self, table=table, lines=lines, notes=(*self.notes, note))


def make_draft(sheet: Sheet, columns: Columns, sep: str, how: Csv) -> Draft:
    """The draft that the sheet's columns make.

    Raises:
        DataError: dates or the decimal sign cannot be read or could be read in two ways.
    """
    stamps, date_notes = _stamps(sheet, columns, how)
    ours = {role: sheet.columns[columns.roles[role]] for role in NUMBERS if role in columns.roles}
    empty = [role for role, cells in ours.items() if role != "close" and _is_empty(cells)]
    ours = {role: cells for role, cells in ours.items() if role not in empty}
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
    notes = [f"column {shown(sheet.names[columns.roles[role]])} is empty" for role in empty]
    notes += ["the decimal sign is a comma"] if signs.decimal == "," else []
    return Draft(
        place=sheet.place,
        table=table,
        lines=np.array(sheet.lines),
        gaps=_gaps(sheet, numbers, names, ours),
        names=names | {covariate(name): name for name in others},
        notes=(*sheet.notes, *columns.notes, *date_notes, *notes, *other_notes),
    )


def _stamps(sheet: Sheet, columns: Columns, how: Csv) -> tuple[Stamps, tuple[str, ...]]:
    if how.no_dates:
        rows = np.arange(len(sheet.lines))
        days = np.busday_offset(UNDATED, rows[::-1] if how.newest_first else rows)
        note = f"rows have no dates; they stand on weekdays from {UNDATED} on"
        return days.astype("datetime64[s]"), (note,)
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


def _gaps(
    sheet: Sheet, numbers: dict[str, Numbers], names: dict[str, str], ours: dict[str, list[str]]
) -> dict[int, list[Gap]]:
    """The cells of our columns without a number, by the line of their row."""
    gaps = dict[int, list[Gap]]()
    for role, each in numbers.items():
        for row in np.flatnonzero(np.isnan(each.floats)).tolist():
            missing = bool(each.missing[row])
            cell = ours[role][row]
            what = f"{shown(cell)} is a missing number" if cell else "no number"
            complaint = (what, "remove the row or pass --na drop or --na ffill")
            sentence, fix = complaint if missing else each.unreadable[row]
            fault = Fault(sheet.lines[row], f"column {shown(names[role])}: {sentence}", fix)
            gaps.setdefault(sheet.lines[row], []).append(Gap(fault, missing))
    return gaps


def _is_empty(cells: Sequence[str]) -> bool:
    return all(cell.casefold() in MISSING for cell in cells)

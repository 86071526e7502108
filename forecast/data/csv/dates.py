"""From a column of dates to sessions: one way of writing for the whole column, no guess unsaid."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from jaxtyping import Int, Shaped

from forecast.data.csv import date_forms as forms
from forecast.data.faults import CORRECT, Fault, refusal, shown
from forecast.data.prices import EARLIEST, LATEST
from forecast.errors import DataError

Stamps = Shaped[np.ndarray, "row"]  # datetime64[s], on the clock that the file shows
Parts = Int[np.ndarray, "row"]
EXCEL, SINCE_1970 = "Excel's day numbers", 25_569  # its number of the first day of 1970
SAMPLE = 20
ANOTHER_WAY = "write all dates as 2024-12-31, or pass --date-format, for example %d/%m/%Y"


class _Magnitude(NamedTuple):
    """Numbers that are dates: their range, seconds to one of them, where they start."""

    low: float
    high: float
    seconds: float
    start: str
    words: str


_MAGNITUDES = (
    _Magnitude(20_000, 80_000, 86_400, "1899-12-30", EXCEL),
    _Magnitude(1e8, 4.2e9, 1, "1970-01-01", "seconds since 1970, UTC"),
    _Magnitude(1e11, 4.2e12, 1e-3, "1970-01-01", "milliseconds since 1970, UTC"),
    _Magnitude(1e14, 4.2e15, 1e-6, "1970-01-01", "microseconds since 1970, UTC"),
    _Magnitude(1e17, 4.2e18, 1e-9, "1970-01-01", "nanoseconds since 1970, UTC"),
)


@dataclass(frozen=True, slots=True)
class _Column:
    """The cells of the dates, the lines they are on, and whose they are in a table of many."""

    cells: Sequence[str]
    lines: Sequence[int]
    place: str
    ticker: str

    def refuse(
        self, rows: Sequence[int], sentence: Callable[[str], str], fix: str = ANOTHER_WAY
    ) -> None:
        if rows:
            raise self.refusal(rows, sentence, fix)

    def refusal(self, rows: Sequence[int], sentence: Callable[[str], str], fix: str) -> DataError:
        faults = [Fault(self.lines[row], sentence(self.cells[row]), fix) for row in rows]
        return refusal(self.place, faults, self.ticker)


def hold_dates(cells: Sequence[str]) -> bool:
    """Whether most of the first cells are dates with signs or words between their parts."""
    found = [_form_of(cell) not in (None, forms.COMPACT, forms.DENSE) for cell in cells[:SAMPLE]]
    return 2 * sum(found) > len(found)


def read_dates(
    cells: Sequence[str], lines: Sequence[int], written: str, place: str
) -> tuple[Stamps, tuple[str, ...]]:
    """When each row was, and what was made of it: midnights, unless rows are bars within a day.

    Raises:
        DataError: as `read_times`.
    """
    stamps, notes = read_times(cells, lines, written, place)
    stamps, more = as_sessions(stamps)
    return stamps, (*notes, *more)


def read_times(
    cells: Sequence[str], lines: Sequence[int], written: str, place: str, ticker: str = ""
) -> tuple[Stamps, tuple[str, ...]]:
    """When each row was, by day and time, and how that was read; `written` is the user's format.

    In a table of many tickers errors name the one whose rows these are.

    Raises:
        DataError: a cell is no date, is written unlike the first, is outside 1800 to 2100, or
            nothing shows whether the day or the month comes first.
    """
    column = _Column(cells, lines, place, ticker)
    if written:
        stamps, notes = _as_asked(column, written), list[str]()
    elif forms.COUNT.fullmatch(cells[0]) and not _form_of(cells[0]):
        stamps, notes = _as_counted(column)
    else:
        stamps, notes = _as_written(column)
    outside = np.flatnonzero((stamps < EARLIEST) | (stamps > LATEST)).tolist()
    column.refuse(outside, lambda cell: f"date {shown(cell)} is outside 1800 to 2100", CORRECT)
    return stamps, tuple(notes)


def as_sessions(stamps: Stamps) -> tuple[Stamps, tuple[str, ...]]:
    """The days of the rows, and what was done; rows at many times of few days keep their times."""
    days = stamps.astype("datetime64[D]").astype("datetime64[s]")
    if (days == stamps).all():
        return days, ()
    if len(stamps) >= 2 * len(np.unique(days)) and len(np.unique(stamps)) > len(np.unique(days)):
        return stamps, ("rows are bars within a day; a horizon counts bars",)
    return days, ("times of day were left out; dates are as the file shows them",)


def _as_asked(column: _Column, written: str) -> Stamps:
    stamps, wrong = list[datetime](), list[int]()
    for row, cell in enumerate(column.cells):
        try:
            stamps.append(datetime.strptime(cell, written).replace(tzinfo=None))
        except ValueError:
            wrong.append(row)
    column.refuse(wrong, lambda cell: f"date {shown(cell)} is not written as {written}")
    return np.array(stamps, dtype="datetime64[s]")


def _as_counted(column: _Column) -> tuple[Stamps, list[str]]:
    wrong = [row for row, cell in enumerate(column.cells) if not forms.COUNT.fullmatch(cell)]
    column.refuse(wrong, _no_date)
    values = np.array([float(cell) for cell in column.cells])
    units = [unit for unit in _MAGNITUDES if unit.low <= values[0] <= unit.high]
    low, high = (units[0].low, units[0].high) if units else (np.inf, np.inf)
    column.refuse(np.flatnonzero((values < low) | (values > high)).tolist(), _no_date)
    if units[0].words == EXCEL and values.max() < SINCE_1970:
        column.refuse([0], _two_counts)
    # Rounded, not cut: nanoseconds have more digits than a float64.
    seconds = np.rint(values * units[0].seconds).astype("timedelta64[s]")
    note = f"dates were read as {units[0].words}"
    return np.datetime64(units[0].start, "s") + seconds, [note]


def _two_counts(cell: str) -> str:
    """All days are before 1970 for Excel; counted from there, they would be recent ones."""
    day = int(float(cell))
    excel, unix = (np.datetime64(start) + day for start in ("1899-12-30", "1970-01-01"))
    return f"{shown(cell)} could be day {excel} as Excel counts, or {unix} as days since 1970"


def _as_written(column: _Column) -> tuple[Stamps, list[str]]:
    matches = _matches(column)
    years = np.array([forms.year(match) for match in matches])
    months = np.array([forms.month(match) for match in matches])
    days = np.array([int(match["d"]) for match in matches])
    if matches[0].re is forms.YEAR_LAST and _month_first(column, days, months):
        months, days = days, months
    seconds = np.array([forms.second_of_day(match) for match in matches])
    begins = (years - 1970).astype("datetime64[Y]") + (months - 1).astype("timedelta64[M]")
    midnights = begins + (days - 1).astype("timedelta64[D]")
    valid = (months >= 1) & (months <= 12) & (days >= 1) & (seconds >= 0)
    valid &= midnights.astype("datetime64[M]") == begins
    column.refuse(np.flatnonzero(~valid).tolist(), _no_date, CORRECT)
    notes = ["years of two digits are 1969 to 2068"] if len(matches[0]["y"]) == 2 else []
    local = midnights.astype("datetime64[s]") + seconds.astype("timedelta64[s]")
    offsets = np.array([forms.offset(match) for match in matches], dtype="timedelta64[s]")
    if _in_order(local) or not _in_order(local - offsets):
        return local, notes
    return local - offsets, [*notes, "times are in UTC, since a clock was put back"]


def _in_order(stamps: Stamps) -> bool:
    steps = np.diff(stamps).astype("int64")
    return bool((steps >= 0).all() or (steps <= 0).all())


def _matches(column: _Column) -> list[re.Match[str]]:
    written = (row for row, cell in enumerate(column.cells[:SAMPLE]) if _form_of(cell))
    first = next(written, 0)
    form = _form_of(column.cells[first])
    if form is None:
        raise column.refusal([0], _no_date, _way(column.cells[0]))
    found = [form.fullmatch(cell) for cell in column.cells]
    sep = next(match["sep"] for match in found if match)
    matches = [match for match in found if match and match["sep"] == sep]
    if len(matches) < len(found):
        odd = [i for i, match in enumerate(found) if not match or match["sep"] != sep]
        dates = len(odd) > len(matches) or _form_of(column.cells[odd[0]])
        fix = ANOTHER_WAY if dates else CORRECT
        column.refuse(odd, lambda cell: _unlike(cell, column, first), fix)
    return matches


def _form_of(cell: str) -> re.Pattern[str] | None:
    return next((form for form in forms.FORMS if form.fullmatch(cell)), None)


def _way(cell: str) -> str:
    """What to do about a date of a form that is not known."""
    short = forms.SHORT_YEAR.fullmatch(cell)
    if not short:
        return ANOTHER_WAY
    ways = [way.replace("/", short["sep"]) for way in ("%d/%m/%y", "%m/%d/%y", "%y/%m/%d")]
    return f"pass --date-format, for example {ways[0]}, {ways[1]} or {ways[2]}"


def _unlike(cell: str, column: _Column, first: int) -> str:
    if _form_of(cell):
        model = f"{shown(column.cells[first])} on line {column.lines[first]}"
        return f"date {shown(cell)} is not written like {model}"
    return _no_date(cell)


def _no_date(cell: str) -> str:
    return f"{shown(cell)} is not a date" if cell else "no date"


def _month_first(column: _Column, first: Parts, second: Parts) -> bool:
    """Whether 02/01/2024 is the first of February in this column."""
    day_first, month_first = np.flatnonzero(first > 12), np.flatnonzero(second > 12)
    if len(day_first) and len(month_first):
        row = max(int(day_first[0]), int(month_first[0]))
        other = min(int(day_first[0]), int(month_first[0]))
        unlike = f"unlike {shown(column.cells[other])} on line {column.lines[other]}"
        which = "day" if first[row] > 12 else "month"
        column.refuse([row], lambda cell: f"date {shown(cell)} has the {which} first, {unlike}")
    points = "." in column.cells[0]  # 02.01.2024 has the day first wherever it is written
    if not (len(day_first) or len(month_first) or points or (first == second).all()):
        raise _unclear(column, int(np.argmax(first != second)))
    return bool(len(month_first))


def _unclear(column: _Column, row: int) -> DataError:
    cell = column.cells[row]
    sep = next(each for each in cell if not each.isdigit())
    fix = f"pass --date-format %d{sep}%m{sep}%Y or --date-format %m{sep}%d{sep}%Y"
    sentence = f"{shown(cell)} could be day, month, year or month, day, year"
    return column.refusal([row], lambda _: sentence, fix)

"""Where the names of the columns are: in a line, in several, in a comment, or with the user."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from forecast.data.csv.names import is_date, known
from forecast.data.csv.rows import HEADER_WITHIN, Records, split_line
from forecast.data.faults import Fault, count, refusal, shown
from forecast.source_settings import Csv

_DATA = re.compile(
    r"[+-]?[$€£¥₩₹]?[.,]?[0-9]|[A-Z]{3,9}\.? [0-9]{1,2},? [0-9]{4}", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Header:
    """The names, the symbol above or below each where there are some, and the first row of data."""

    line: int
    names: list[str]
    symbols: list[str]
    start: int
    notes: tuple[str, ...] = ()


def find_header(records: Records, sep: str, how: Csv, place: str) -> Header:
    """The header of the records.

    Raises:
        DataError: the first line looks like data, or the names asked for are too few or too many.
    """
    return _asked(records, how, place) if how.columns else _found(records, sep, place)


def is_data(cell: str) -> bool:
    """Whether a cell begins as a number, an amount of money or a date does."""
    return _DATA.match(cell) is not None


def _asked(records: Records, how: Csv, place: str) -> Header:
    names = [name.strip() for name in how.columns.split(",")]
    first = records.cells[0] if records.cells else []
    if not first or is_row(first):
        line = records.lines[0] if first else 1
        return Header(line, names, [], 0)
    note = f"line {records.lines[0]}: names replaced by those of --columns"
    if len(first) != len(names):
        sentence = f"{count(len(first), 'column')}; --columns names {len(names)}"
        raise refusal(place, [Fault(records.lines[0], sentence, "name every column")])
    return Header(records.lines[0], names, [], 1, (note,))


def _found(records: Records, sep: str, place: str) -> Header:
    scores = [min(known(cells), 2) for cells in records.cells[:HEADER_WITHIN]]
    if not scores:
        return Header(1, [""], [], 0)
    at = scores.index(max(scores))
    if scores[at] < 2 and is_row(records.cells[at]):
        return _commented(records, sep, place)
    levels = _levels(records, at)
    header = levels or Header(records.lines[at], records.cells[at], [], at + 1)
    above = at - (1 if levels and levels.start == at + 2 and levels.symbols else 0)
    if not above:
        return header
    for line, row in zip(records.lines[:above], records.cells[:above], strict=True):
        # Half is not enough here: `Start Date,1/2/2024` stands above the names in many an export.
        if len(row) == len(header.names) and len(row) > 1 and _share(row) > 0.5:
            text = f"{shown(sep.join(row))} looks like data, above the names on line {header.line}"
            raise refusal(place, [Fault(line, text, "move or remove the row")])
    note = f"lines before line {records.lines[above]} were left out: they come before the header"
    return Header(header.line, header.names, header.symbols, header.start, (note,))


def _commented(records: Records, sep: str, place: str) -> Header:
    """Names in the comment above the first row of data."""
    line, first = records.lines[0], records.cells[0]
    if records.comment:
        names = split_line(records.comment[1].lstrip("# \t"), sep)
        if known(names) and len(names) == len(first):
            note = f"names of columns were taken from the comment on line {records.comment[0]}"
            return Header(records.comment[0], names, [], 0, (note,))
    fields = count(len(first), "field")
    fix = f"pass --columns with a name for each of the {fields}, such as --columns Date,Close"
    sentence = "the first line looks like data, not like names of columns"
    raise refusal(place, [Fault(line, sentence, fix)])


def _levels(records: Records, at: int) -> Header | None:
    """A header of several lines, as pandas writes it: prices, symbols, the name of the index."""
    for below in (1, 2):
        row = records.cells[at + below] if at + below < len(records.cells) else []
        if row and is_date(row[0]) and not any(row[1:]):
            names = [row[0], *records.cells[at][1:]]
            above = records.cells[at - 1] if at else []
            symbols = records.cells[at + 1] if below == 2 else above
            symbols = symbols if len(symbols) == len(names) and any(symbols[1:]) else []
            return Header(records.lines[at], names, symbols, at + below + 1)
    return None


def is_row(row: Sequence[str]) -> bool:
    """Whether half of the filled cells, or more, look like data."""
    return _share(row) >= 0.5


def _share(row: Sequence[str]) -> float:
    """The share of a row's filled cells that look like data."""
    filled = [cell for cell in row if cell]
    return sum(map(is_data, filled)) / len(filled) if filled else 1.0

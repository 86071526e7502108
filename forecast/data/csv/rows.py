"""From text to records: which sign lies between the fields, and on which line a record begins."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forecast.data.csv.names import known
from forecast.data.faults import Fault, listed, refusal
from forecast.errors import DataError

SEPARATORS = (",", ";", "\t", "|")
SAMPLE = 64 * 1024
HEADER_WITHIN = 20
LONGEST_LINE = 2**20

# Where a column is too narrow Excel writes #######, for no number #N/A; neither begins a comment.
_COMMENT = re.compile(r"#(?!(?:#+|N/A|DIV/0!|NAME\?|NULL!|NUM!|REF!|VALUE!)(?: N/A)?[,;|\t])")
_SAYS_SEPARATOR = re.compile(r"sep=([,;|\t])\r?\n", re.IGNORECASE)


@dataclass(slots=True)
class Records:
    """Records without the blank ones: their cells, stripped, and the lines on which they begin.

    `comment` is the last line that began with # before the first record, and its number;
    `comments` are the numbers of those that came later; `long` are the places of records that go
    on over several lines.
    """

    lines: list[int] = field(default_factory=list[int])
    cells: list[list[str]] = field(default_factory=list[list[str]])
    comment: tuple[int, str] | None = None
    comments: list[int] = field(default_factory=list[int])
    long: list[int] = field(default_factory=list[int])


class _Lines:
    """Physical lines with their numbers; comments between records are passed over."""

    def __init__(self, text: str, place: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._place = place
        self.number = 0
        self.start = 0
        self.between_records = True
        self.comment: tuple[int, str] | None = None
        self.comments = list[int]()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._next()
        if self.between_records:
            while _COMMENT.match(line):
                if self.start:
                    self.comments.append(self.number)
                else:
                    self.comment = self.number, line[:SAMPLE]
                line = self._next()
            self.start, self.between_records = self.number, False
        return line

    def _next(self) -> str:
        line = next(self._lines)
        self.number += 1
        if len(line) > LONGEST_LINE:
            fault = Fault(self.number, f"{len(line)} characters in one line", "export it again")
            raise refusal(self._place, [fault])
        return line


def read_records(text: str, sep: str, place: str) -> Records:
    """All records of a text.

    Raises:
        DataError: a quote that is never closed or is followed by text, or a line without end.
    """
    return _read(text, sep, place, most=None)


def find_separator(text: str, sep: str, place: str) -> tuple[str, str]:
    """The sign between fields and the text with a first line `sep=;`, if any, made a comment.

    Raises:
        DataError: several signs would do.
    """
    if sep:
        return "\t" if sep == "tab" else sep, text
    if said := _SAYS_SEPARATOR.match(text):
        return said[1], f"#{text}"
    fits = {each: _fit(text[:SAMPLE], each, place) for each in SEPARATORS}
    best = max(fits.values())
    found = [each for each, fit in fits.items() if fit == best and best > 0]
    if len(found) > 1:
        fix = " or ".join(f"--sep {'tab' if each == chr(9) else repr(each)}" for each in found)
        raise refusal(
            place, [Fault(1, f"fields could be separated by {listed(found)}", f"pass {fix}")]
        )
    return found[0] if found else ",", text


def split_line(line: str, sep: str) -> list[str]:
    """The cells of a single line."""
    reader = csv.reader([line], delimiter=sep, skipinitialspace=sep != " ")
    return [cell.strip() for cell in next(reader)]


def _fit(text: str, sep: str, place: str) -> int:
    """2 if a line holds two known names or more, 1 if all lines have as many fields, else 0."""
    try:
        records = _read(text, sep, place, most=HEADER_WITHIN)
    except DataError:
        return 0
    rows = records.cells
    if records.comment:
        rows = [*rows, split_line(records.comment[1].lstrip("#"), sep)]
    if any(known(row) > 1 for row in rows):
        return 2
    return int(len({len(row) for row in rows}) == 1 and len(rows[0]) > 1)


def _read(text: str, sep: str, place: str, *, most: int | None) -> Records:
    lines, records = _Lines(text, place), Records()
    reader = csv.reader(lines, delimiter=sep, skipinitialspace=sep != " ", strict=most is None)
    try:
        for row in reader:
            lines.between_records = True
            cells = [cell.strip() for cell in row]
            if any(cells):
                if lines.number > lines.start:
                    records.long.append(len(records.cells))
                records.lines.append(lines.start)
                records.cells.append(cells)
            if len(records.lines) == most:
                break
    except csv.Error as error:
        raise refusal(place, [quote_fault(lines.start, lines.number, str(error))]) from error
    records.comment, records.comments = lines.comment, lines.comments
    return records


def quote_fault(start: int, end: int, error: str) -> Fault:
    """What is wrong with the quotes of a record, given its lines and what Python's reader says."""
    if "unexpected end" in error:
        return Fault(start, "a quote that opens here is never closed", "close the quote")
    if "field larger" in error:
        sentence = "a field of more than 128 KiB begins here; a quote may be left open"
        return Fault(start, sentence, "close the quote or shorten the field")
    return Fault(end, "text after a closing quote", 'write a quote within a field as ""')

"""The one line that says what is wrong with a file, where, and what to do."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forecast.errors import DataError, printable

LISTED, MOST_NAMES = 5, 10
LONGEST = 40
PARQUET = ".parquet"
CORRECT = "correct or remove the row"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on one physical line; the header of a plain file is line 1.

    Parquet has no lines: there it is the row, from 1 on, and 0 for the names of the columns.
    """

    line: int
    sentence: str
    fix: str = CORRECT

    @classmethod
    def in_column(cls, line: int, name: str, sentence: str, fix: str) -> "Fault":
        """What is wrong with a cell of the column that the file calls so."""
        return cls(line, f"column {shown(name)}: {sentence}", fix)


def refusal(
    place: str, faults: Sequence[Fault], ticker: str = "", number: int | None = None
) -> DataError:
    """The error that lists the first five faults and counts the others.

    Of a table of many tickers it names the one; `number` is that of all faults, where not all are
    given.

    >>> str(refusal("prices.csv", [Fault(3, "no date"), Fault(7, "no date")]))
    'prices.csv:3: no date; line 7: no date. Fix: correct or remove the row.'
    >>> str(refusal("all.parquet", [Fault(3, "no date")], "GOOG", number=9))
    'all.parquet, row 3: GOOG: no date; and 8 more. Fix: correct or remove the row.'
    """
    first, *others = faults[:LISTED]
    of = f"{ticker}: " if ticker else ""
    parts = [f"{place_of(place, first.line)}: {of}{first.sentence}"]
    parts += [f"{line_of(place, fault.line)}: {fault.sentence}" for fault in others]
    if (more := (number or len(faults)) - len(parts)) > 0:
        parts.append(f"and {more} more")
    return DataError(f"{'; '.join(parts)}. Fix: {first.fix}.")


def place_of(place: str, line: int) -> str:
    """Where a line of a file is, for the beginning of a message."""
    if _has_lines(place):
        return f"{place}:{line}"
    return f"{place}, {line_of(place, line)}" if line else place


def line_of(place: str, line: int) -> str:
    """What a line of a file is called: in Parquet there are only rows."""
    return f"line {line}" if _has_lines(place) else f"row {line}"


def _has_lines(place: str) -> bool:
    return not place.casefold().endswith(PARQUET)


def shown(value: str) -> str:
    r"""A cell as messages show it: one line, escaped like a Python literal, at most 40 characters.

    >>> print(shown("\x1b[31mred"))
    '\x1b[31mred'
    """
    return repr(value) if len(value) <= LONGEST else f"{value[:LONGEST]!r}..."


def argument(name: str) -> str:
    """A name from a file as a remedy hands it to a shell: one word that runs nothing.

    >>> print(argument("Close"), argument("Close; ls"))
    Close 'Close; ls'
    """
    return shlex.quote(printable(name)[:LONGEST])


def listed(names: Sequence[str]) -> str:
    """Names as messages list them.

    >>> listed(["Date", "Close"])
    "'Date', 'Close'"
    """
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(map(shown, names[:MOST_NAMES])) + more


def as_notes(clauses: Iterable[str]) -> tuple[str, ...]:
    """What was done to a file, as a receipt tells it: in sentences.

    >>> as_notes(["dates were read as day, month", "Rows have no dates."])
    ('Dates were read as day, month.', 'Rows have no dates.')
    """
    return tuple(f"{clause[:1].upper()}{clause[1:].rstrip('.')}." for clause in clauses)


def count(number: int, noun: str) -> str:
    """A number and its noun.

    >>> count(1, "row"), count(2, "row")
    ('1 row', '2 rows')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

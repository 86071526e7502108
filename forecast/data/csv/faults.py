"""The one line that says what is wrong with a file, where, and what to do."""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from forecast.errors import DataError, printable

LISTED, MOST_NAMES = 5, 10
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on one physical line; the header of a plain file is line 1."""

    line: int
    sentence: str
    fix: str = "correct or remove the row"


def refusal(place: str, faults: Sequence[Fault]) -> DataError:
    """The error that lists the first five faults and counts the others.

    >>> str(refusal("prices.csv", [Fault(3, "no date"), Fault(7, "no date")]))
    'prices.csv:3: no date; line 7: no date. Fix: correct or remove the row.'
    """
    first, *others = faults[:LISTED]
    parts = [f"{place}:{first.line}: {first.sentence}"]
    parts += [f"line {fault.line}: {fault.sentence}" for fault in others]
    if len(faults) > LISTED:
        parts.append(f"and {len(faults) - LISTED} more")
    return DataError(f"{'; '.join(parts)}. Fix: {first.fix}.")


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

"""From cells to numbers: fast where all are plain, strict and with a reason where one is not."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.data.faults import Fault, refusal, shown
from forecast.data.prices import LARGEST
from forecast.shapes import Mask, Series
from forecast.source_settings import Csv

MISSING = frozenset(
    ["", "nan", "null", "none", "na", "n/a", "#n/a", "#n/a n/a", "nat", "-", "--", ".", "?"]
)
CURRENCIES = "$€£¥￥₩￦₹₽₺₫฿₪₴₦₱원元円"
SUFFIXES = {"k": "e3", "m": "e6", "b": "e9", "t": "e12"}
POWERS = "".join(SUFFIXES) + "".join(SUFFIXES).upper()
APOSTROPHES, BLANKS = "'\u2019", " \xa0\u202f"
SPACES = BLANKS + APOSTROPHES  # signs that may stand between thousands
QUARTERS = {"0": "", "2": ".25", "5": ".5", "7": ".75"}

_CURRENCY = re.compile(rf"^([+-]?)[A-Z]{{0,3}}[{CURRENCIES}]\s?|\s?[{CURRENCIES}]$")
_ENDLESS = re.compile(r"[+-]?(inf|infinity)", re.IGNORECASE)
_AROUND = re.compile(
    rf"[+-]?(?:[A-Z]{{0,3}}[{CURRENCIES}])?\s?([0-9][0-9.,]*)\s?[{CURRENCIES}{POWERS}%]?"
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}")
# As prices of bonds are quoted: 32nds in two digits, quarters of one in the third.
_BOND = re.compile(rf"[+-]?[0-9]+[{APOSTROPHES}](?:[0-2][0-9]|3[01])[{''.join(QUARTERS)}]")
_PAIR = re.compile(rf"[+-]?[0-9]+[{BLANKS}][0-9]{{3}}")
_SPACED = re.compile(rf"(?<=[0-9])[{SPACES}](?=[0-9]{{3}})")


@dataclass(frozen=True, slots=True)
class Signs:
    """The decimal sign, and the signs that may stand between thousands."""

    decimal: str = "."
    thousands: str = "," + SPACES

    @property
    def notes(self) -> tuple[str, ...]:
        """What a receipt says of them."""
        return ("the decimal sign is a comma",) if self.decimal == "," else ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one column, NaN where a cell is missing or unreadable, and why it is."""

    floats: Series
    missing: Mask
    unreadable: dict[int, tuple[str, str]]


def read_numbers(cells: Sequence[str], signs: Signs, how: Csv) -> Numbers:
    """The numbers of a column; `unreadable` gives a row's complaint and what to do about it."""
    values = _plain(cells) if signs.decimal == "." else None
    if values is not None:
        return Numbers(values, np.zeros(len(cells), dtype=bool), {})
    number, spaced = _grammar(signs), dict[int, str]()
    values, unreadable = np.full(len(cells), np.nan), dict[int, tuple[str, str]]()
    missing = np.array([cell.casefold() in MISSING for cell in cells], dtype=bool)
    for row in np.flatnonzero(~missing).tolist():
        cell = _bare(cells[row], how)
        if match := number.fullmatch(cell):
            values[row] = _value(match)
            if match["sign"] and match["sign"] in SPACES:
                spaced[row] = cell
        if not abs(values[row]) <= LARGEST:
            unreadable[row] = _complaint(cells[row], values[row], how)
    unreadable |= _unproven(spaced) if spaced and not how.thousands else {}
    values[[*unreadable]] = np.nan
    return Numbers(values, missing, unreadable)


def find_signs(
    columns: dict[str, list[str]], lines: Sequence[int], sep: str, how: Csv, place: str
) -> Signs:
    """The decimal and the thousands sign, as most of the numbers show them.

    `12,5` and `1.234,5` show a decimal comma, `1,234,567` a decimal point; `1,234` shows neither.
    Cells against the majority fail to be numbers later, each with its line.

    Raises:
        DataError: no number shows which is which; the message names the choices.
    """
    decimal = how.decimal or {",": ".", ".": ","}.get(how.thousands, "")
    cells = [
        cell for column in columns.values() for cell in column if "," in cell or cell.count(".") > 1
    ]
    if not decimal and (cells or sep == ";"):
        dotted = [cell for column in columns.values() for cell in column if "." in cell]
        votes = Counter(map(_vote, [*cells, *dotted]))
        unsure = "" if votes["."] or votes[","] else _unsure(votes, sep)
        if unsure:
            raise refusal(place, [_ambiguous(columns, lines, unsure)])
        decimal = "," if votes[","] > votes["."] else "."
    decimal = decimal or "."
    if not how.thousands:
        return Signs(decimal, {".": ",", ",": "."}[decimal] + SPACES)
    kinds = (each for each in (BLANKS, APOSTROPHES) if how.thousands in each)
    return Signs(decimal, next(kinds, how.thousands))


def _plain(cells: Sequence[str]) -> Series | None:
    """The numbers of a column in which every cell is written as programs write numbers."""
    try:
        if "".join(cells).encode("ascii").translate(None, b"0123456789.+-eE"):
            return None
        values = np.array([float(cell) for cell in cells])
    except ValueError:
        return None
    return values if (np.abs(values) <= LARGEST).all() else None


def _value(match: re.Match[str]) -> float:
    whole = re.sub(r"[^0-9+-]", "", match["whole"])
    return float(f"{whole}.{match['part'] or ''}0{match['power'] or ''}")


def _grammar(signs: Signs) -> re.Pattern[str]:
    between, decimal = re.escape(signs.thousands), re.escape(signs.decimal)
    grouped = rf"[1-9][0-9]{{0,2}}(?P<sign>[{between}])[0-9]{{3}}(?:(?P=sign)[0-9]{{3}})*"
    return re.compile(
        rf"(?=[+-]?{decimal}?[0-9])(?P<whole>[+-]?(?:{grouped}|[0-9]*))"
        rf"(?:{decimal}(?P<part>[0-9]*))?(?P<power>[eE][+-]?[0-9]{{1,4}})?"
    )


def _unproven(spaced: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """Which groups of a column need not be thousands, by row; in `spaced` all that it has are.

    1'234'567 and 1'234.50 are thousands, and so is 12'345, since no price has 34 of 32nds: then all
    groups of the column are. But 110'160 could be 110 and 16/32, and a lone 100 101 two numbers.
    """
    quoted = {row: cell for row, cell in spaced.items() if set(cell) & {*APOSTROPHES}}
    apart = {row: cell for row, cell in spaced.items() if row not in quoted}
    found = dict[int, tuple[str, str]]()
    if all(map(_BOND.fullmatch, quoted.values())):
        fix = 'write prices with a decimal point, or pass --thousands "\'"'
        found |= {row: (_two_ways(cell, "/32"), fix) for row, cell in quoted.items()}
    if len(apart) == 1 and all(map(_PAIR.fullmatch, apart.values())):
        fix = "correct the row or pass --thousands ' '"
        found |= {row: (_two_ways(cell, ""), fix) for row, cell in apart.items()}
    return found


def _two_ways(cell: str, unit: str) -> str:
    before, after = re.split(f"[{SPACES}]", cell)
    parts = after[:2] + QUARTERS[after[2]] if unit else after
    return f"{shown(cell)} could be {before}{after} or {before} and {parts}{unit}"


def _bare(cell: str, how: Csv) -> str:
    """The cell without what the user allows around a number."""
    if how.strip_currency:
        cell = _CURRENCY.sub(r"\1", cell, count=1)
    number = cell[:-1].rstrip()
    if how.si and cell[-1:] in POWERS and number[-1:] in "0123456789.,":
        return number + SUFFIXES[cell[-1].casefold()]
    return cell


def _complaint(cell: str, value: float, how: Csv) -> tuple[str, str]:
    fix = "remove the row or pass --na drop"
    if any(each in CURRENCIES for each in cell) and not how.strip_currency:
        return f"{shown(cell)} has a currency sign", "pass --strip-currency"
    if cell[-1] in POWERS and not how.si and cell[0] in "+-.,0123456789":
        return f"{shown(cell)} has a suffix", "pass --si to read K, M, B and T"
    if cell[-1] == "%":
        return f"{shown(cell)} is a percentage, not a number", fix
    if _ENDLESS.fullmatch(cell):
        return f"{shown(cell)} is not finite", fix
    if not np.isnan(value):
        return f"{shown(cell)} is too large for float32", fix
    return f"{shown(cell)} is not a number", fix


def _digits(cell: str) -> str:
    """The digits, points and commas of a number; empty for what can be none."""
    found = _AROUND.fullmatch(_SPACED.sub("", cell))
    return found[1] if found else ""


def _vote(cell: str) -> str:
    """The decimal sign that a cell shows; for `1,234` and `1.234` the cell's sign and a mark."""
    digits = _digits(cell)
    if _GROUPED.fullmatch(digits):
        return "?," if "," in digits else "?."
    signs = [each for each in digits if each in ".,"]
    if not signs:
        return ""
    if len(signs) > 1 and len(set(signs)) == 1:
        return {",": ".", ".": ","}[signs[0]]
    return signs[-1]


def _unsure(votes: Counter[str], sep: str) -> str:
    """The sign that could be the decimal one or not; a lone point is, but not in a `;` file."""
    if votes["?,"]:
        return ","
    return "." if votes["?."] and sep == ";" else ""


def _ambiguous(columns: dict[str, list[str]], lines: Sequence[int], sign: str) -> Fault:
    name, row = next(
        (name, row)
        for name, cells in columns.items()
        for row, cell in enumerate(cells)
        if _vote(cell) == f"?{sign}"
    )
    cell = columns[name][row]
    readings = " or ".join(_digits(cell).replace(sign, each) for each in ("", "."))
    fix = f"pass --decimal '{sign}' or --thousands '{sign}'"
    return Fault.in_column(lines[row], name, f"{shown(cell)} could be {readings}", fix)

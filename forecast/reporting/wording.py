"""Text from outside made safe to show; numbers and dates as readers see them."""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

import pandas as pd

from forecast.data.prices import Receipt

LONGEST = 80
SOURCES = {"sample": "bundled sample", "yahoo": "Yahoo", "cache": "cached copy", "csv": "CSV"}
UNDATED = "Rows have no dates"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plain(text: str, longest: int = LONGEST) -> str:
    r"""Text without control, format or unassigned characters (they are escaped), cut to `longest`.

    >>> plain("GOOG\x1b[31m\n")
    'GOOG\\x1b[31m\\n'
    """
    kept = "".join(_escaped(each) for each in text[: longest + 1])
    return kept if len(kept) <= longest else f"{kept[: longest - 3]}..."


def _escaped(character: str) -> str:
    hidden = unicodedata.category(character)[0] in "CZ" and character != " "
    return character.encode("unicode_escape").decode("ascii") if hidden else character


def price(value: float) -> str:
    """A price with the digits that matter: five or so, and thousands set apart.

    >>> price(806.1871), price(72300.4), price(0.00004217)
    ('806.19', '72,300', '0.00004217')
    """
    if not math.isfinite(value):
        return "n/a"
    size = abs(value)
    places = (
        0 if size >= 10_000 else 2 if size >= 1 else 4 - math.floor(math.log10(size or 1.0)) - 1
    )
    return f"{value:,.{places}f}"


def change(share: float, places: int = 2) -> str:
    """A change in per cent with its sign.

    >>> change(0.00123), change(-0.02), change(float("nan"))
    ('+0.12 %', '-2.00 %', 'n/a')
    """
    return f"{100 * share:+.{places}f} %" if math.isfinite(share) else "n/a"


def percent(share: float, places: int = 0) -> str:
    """A share in per cent.

    >>> percent(0.8), percent(0.0312, places=1)
    ('80 %', '3.1 %')
    """
    return f"{100 * share:.{places}f} %" if math.isfinite(share) else "n/a"


def p_value(value: float) -> str:
    """A p-value, or a dash where there is none.

    >>> p_value(0.0414), p_value(0.0004), p_value(float("nan"))
    ('0.041', '<0.001', '-')
    """
    return "<0.001" if value < 0.001 else number(value, ".3f")


def number(value: float, form: str, unit: str = "") -> str:
    """A number in this form, or a dash where there is none."""
    return format(value, form) + unit if math.isfinite(value) else "-"


def day(date: pd.Timestamp) -> str:
    """A date as ISO writes it, with the time of day only where there is one.

    >>> day(pd.Timestamp(2013, 3, 1)), day(pd.Timestamp(2013, 3, 1, 15, 30))
    ('2013-03-01', '2013-03-01 15:30')
    """
    return f"{date:%Y-%m-%d}" if date == date.normalize() else f"{date:%Y-%m-%d %H:%M}"


def ahead(horizon: int) -> str:
    """A horizon in words.

    >>> ahead(1), ahead(5)
    ('1 session ahead', '5 sessions ahead')
    """
    return f"{count(horizon, 'session')} ahead"


def count(number: int, what: str) -> str:
    """A number of things.

    >>> count(1, "session"), count(2148, "session")
    ('1 session', '2,148 sessions')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def origin(receipt: Receipt) -> str:
    """Source, adjustment and span of prices, in words."""
    words = [SOURCES.get(receipt.source, receipt.source)]
    if receipt.source == "csv":
        words[0] = f"CSV file {plain(PurePath(receipt.place).name, 40)}"
    words.append("adjusted" if receipt.adjusted else "not adjusted")
    words.append(f"{count(receipt.rows, 'session')}, {receipt.first} to {receipt.last}")
    if any(note.startswith(UNDATED) for note in receipt.notes):
        words.append("dates are placeholders")
    return ", ".join(words)


def origins(receipts: Sequence[Receipt]) -> str:
    """Where the prices of several tickers come from, and how far they go, in words."""
    counted = Counter(SOURCES.get(each.source, each.source) for each in receipts)
    told = ", ".join(f"{source} of {count(n, 'ticker')}" for source, n in counted.most_common())
    return f"{told}; last session {max(each.last for each in receipts)}"

"""The ways in which exports write dates, each a pattern with the same named parts.

Every form has `y m d`, the sign `sep` between them, and after them a time of day and an offset
from UTC where the cell has them: `noon hour minute second half zone`.
"""

import re

AFTERNOON = ("p", "P", "오후", "下午", "午後")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TIME = (
    r"(?:(?:T| +)(?:(?P<noon>오전|오후|上午|下午|午前|午後) ?)?"
    r"(?P<hour>[0-9]{1,2}):?(?P<minute>[0-9]{2})(?::?(?P<second>[0-9]{2})"
    r"(?:[.,][0-9]+)?)?(?: ?(?P<half>[AP])\.?M\.?)?)?"
    r"(?: ?(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
    r"(?::[0-5][0-9])?))?"
)
_MONTH = (
    "(?P<m>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)


def _form(written: str) -> re.Pattern[str]:
    return re.compile(written + TIME, re.IGNORECASE | re.ASCII)


COMPACT = _form(r"(?P<y>[0-9]{4})(?P<sep>)(?P<m>[0-9]{2})(?P<d>[0-9]{2})")
# Twelve digits could be milliseconds of 1976, too, of which there are no prices to speak of.
DENSE = re.compile(
    r"(?P<y>(?:19|20)[0-9]{2})(?P<sep>)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])"
    r"(?P<hour>[01][0-9]|2[0-3])(?:(?P<minute>[0-5][0-9])(?P<second>[0-5][0-9])?)?"
    r"(?P<noon>)(?P<half>)(?P<zone>)"
)
YEAR_LAST = _form(r"(?P<d>[0-9]{1,2})(?P<sep>[-/.])(?P<m>[0-9]{1,2})(?P=sep)(?P<y>[0-9]{4})")
FORMS = (
    _form(r"(?P<y>[0-9]{4})(?P<sep>[-/.] ?)(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})\.?"),
    COMPACT,
    DENSE,
    YEAR_LAST,
    _form(r"(?P<y>[0-9]{4})(?P<sep>년|年) ?(?P<m>[0-9]{1,2})[월月] ?(?P<d>[0-9]{1,2})[일日]"),
    _form(_MONTH + r"(?P<sep>)\.? (?P<d>[0-9]{1,2}),? (?P<y>[0-9]{4})"),
    _form(r"(?P<d>[0-9]{1,2})(?P<sep>[-/ ])" + _MONTH + r"\.?(?P=sep)(?P<y>[0-9]{4}|[0-9]{2})"),
)
SHORT_YEAR = _form(r"[0-9]{1,2}(?P<sep>[-/.])[0-9]{1,2}(?P=sep)[0-9]{2}")
COUNT = re.compile(r"[1-9][0-9]{4,18}(?:\.[0-9]{1,15})?")


def year(match: re.Match[str]) -> int:
    """The year; of two digits, from 1969 to 2068, as POSIX has it."""
    written = int(match["y"])
    if len(match["y"]) == 4:
        return written
    return written + (1900 if written >= 69 else 2000)


def month(match: re.Match[str]) -> int:
    """The month as written, which may be no month."""
    written = match["m"].casefold()
    return MONTHS.index(written[:3]) + 1 if written[0].isalpha() else int(written)


def offset(match: re.Match[str]) -> int:
    """Seconds ahead of UTC, 0 where the cell does not say."""
    digits = re.sub("[^0-9]", "", match["zone"] or "")
    hours, minutes, seconds = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
    return (-1 if digits and "-" in match["zone"] else 1) * (3600 * hours + 60 * minutes + seconds)


def second_of_day(match: re.Match[str]) -> int:
    """Seconds since midnight, 0 without a time of day; -1 for one that no clock shows."""
    if not match["hour"]:
        return 0
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if half := match["half"] or match["noon"]:
        if not 1 <= hour <= 12:
            return -1
        hour = hour % 12 + (12 if half in AFTERNOON else 0)
    if hour > 23 or minute > 59 or second > 59:
        return -1
    return 3600 * hour + 60 * minute + second

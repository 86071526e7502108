"""Frozen records of where prices come from, and how a file of them is read."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from forecast.errors import SettingError
from forecast.settings import check, setting

SourceName = Literal["auto", "yahoo", "csv", "sample", "cache"]
MissingName = Literal["error", "drop", "ffill"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where prices come from."""

    source: SourceName = setting(
        "auto", "auto tries a fresh cached copy, Yahoo, an old cached copy, the bundled sample."
    )
    start: str = setting("", "First session wanted, as YYYY-MM-DD.")
    end: str = setting("", "Last session wanted, as YYYY-MM-DD.")
    timeout: float = setting(
        30.0, "Seconds that Yahoo has in all for one ticker.", low=0.1, high=3600.0
    )
    period: str = setting("", "Span back from the last session, as Yahoo writes it: 6mo, 5y, max.")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Csv:
    """How a CSV file is read; what is left empty is detected."""

    sep: str = setting("", "Separator of fields: one character, or tab.")
    decimal: str = setting("", "Decimal sign: a point or a comma.")
    thousands: str = setting("", "Separator of thousands: one character.")
    encoding: str = setting("", "Encoding of the file, for example cp949.")
    columns: str = setting("", "Names of the columns, where the file has none: date,close.")
    close_column: str = setting("", "Column to read as the close, where several could be.")
    symbol: str = setting("", "Symbol to read, where the file holds several.")
    date_format: str = setting("", "How dates are written, for example %d/%m/%Y.")
    no_dates: bool = setting(False, "Rows have no dates; needs --oldest-first or --newest-first.")
    newest_first: bool = setting(False, "The first row is the newest.")
    oldest_first: bool = setting(False, "The first row is the oldest.")
    sort: bool = setting(False, "Sort rows that are in no order.")
    na: MissingName = setting(
        "error", "Rows without a number: refuse, drop the row, or carry the last number forward."
    )
    strip_currency: bool = setting(False, "Read $11.50 as 11.50.")
    si: bool = setting(False, "Read 1.1K, 1.1M, 1.1B and 1.1T as numbers.")
    skip_footer: bool = setting(False, "Leave out lines of text below the last row.")
    strict: bool = setting(False, "Refuse prices that would only be warned about.")

    def __post_init__(self) -> None:
        check(self)
        if self.sep != "tab" and (len(self.sep) > 1 or self.sep in {*'"#\r\n', "\0"}):
            raise SettingError(f"sep is one character, or tab; got {self.sep!r}")
        if self.decimal not in ("", ".", ","):
            raise SettingError(f"decimal is . or ,; got {self.decimal!r}")
        if len(self.thousands) > 1 or self.thousands.isalnum() or self.thousands in {*"+-\0"}:
            raise SettingError(f"thousands is one sign; got {self.thousands!r}")
        if self.thousands and self.thousands == self.decimal:
            raise SettingError(f"thousands and decimal are both {self.decimal!r}; they must differ")
        if self.newest_first and self.oldest_first:
            raise SettingError("newest_first and oldest_first exclude each other; got both")
        if self.no_dates and not (self.newest_first or self.oldest_first):
            raise SettingError("no_dates needs newest_first or oldest_first; got neither")
        _check_encoding(self.encoding)
        _check_date_format(self.date_format)


def _check_encoding(encoding: str) -> None:
    try:
        bytes(4).decode(encoding or "utf-8", "replace")
    except (LookupError, ValueError) as error:
        raise SettingError(
            f"encoding is one that Python knows, for example cp949; got {encoding!r}"
        ) from error


def _check_date_format(written: str) -> None:
    """Refuse a format that does not say year, month and day."""
    day = datetime(2001, 2, 3)
    try:
        told = not written or datetime.strptime(day.strftime(written), written) == day
    except (ValueError, re.error):
        told = False
    if not told:
        raise SettingError(
            f"date_format names year, month and day, for example %d/%m/%Y; got {written!r}"
        )

"""The part of a history that was asked for by first session, last session or length."""

import re
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pandas as pd

from forecast.errors import DataError, SettingError
from forecast.source_settings import Source

_PERIOD = re.compile(r"(?:[1-9][0-9]{0,3}(?:d|wk|mo)|[1-9][0-9]?y)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Span:
    """First and last session wanted, both included, and the length back from the last one."""

    start: date | None
    end: date | None
    period: str

    @classmethod
    def of(cls, source: Source) -> "Span":
        """The span that the settings ask for.

        Raises:
            SettingError: a date or a period cannot be read, or they contradict each other.
        """
        start, end = _date("start", source.start), _date("end", source.end)
        if start and end and start > end:
            raise SettingError(f"start {start} is after end {end}; swap them")
        if source.period and start:
            raise SettingError(
                f"start {start} and period {source.period!r} both say where prices begin; pass one"
            )
        if source.period not in ("", "max", "ytd") and not _PERIOD.fullmatch(source.period):
            raise SettingError(
                "period is ytd, max or a number of d, wk, mo or y, such as 6mo or 5y; got"
                f" {source.period[:40]!a}"
            )
        return cls(start, end, source.period)

    def cut(self, ticker: str, table: pd.DataFrame) -> pd.DataFrame:
        """The rows of `table` inside the span.

        Raises:
            DataError: no row is.
        """
        days = table.index.to_numpy().astype("datetime64[D]")
        kept = table[days <= np.datetime64(self.end)] if self.end else table
        if self.start:
            days = kept.index.to_numpy().astype("datetime64[D]")
            kept = kept[days >= np.datetime64(self.start)]
        if kept.empty:
            raise DataError(
                f"{ticker}: no session from {self.start or 'the first'} to"
                f" {self.end or 'the last'}; prices cover {table.index[0]:%Y-%m-%d} to"
                f" {table.index[-1]:%Y-%m-%d}"
            )
        return self._ending(kept)

    def _ending(self, table: pd.DataFrame) -> pd.DataFrame:
        last = pd.Timestamp(table.index[-1]).as_unit("s")
        if self.period in ("", "max"):
            return table
        if self.period == "ytd":
            return table[table.index.to_numpy() >= np.datetime64(f"{last.year}-01-01")]
        if self.period.endswith("d"):
            return table.iloc[-int(self.period[:-1]) :]
        count = int(self.period.rstrip("wkmoy"))
        back = pd.DateOffset(
            weeks=count * self.period.endswith("k"),
            months=count * self.period.endswith("o"),
            years=count * self.period.endswith("y"),
        )
        return table[table.index >= last - back]


def _date(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        text.encode("ascii")
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise SettingError(f"{name} is a date as YYYY-MM-DD; got {text[:40]!a}") from None

"""From what yfinance returns to quotes of finished sessions that have all prices."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecast.data.quotes import COLUMNS, Quotes, index_of
from forecast.data.sessions import DELAY
from forecast.errors import DataError, SourceError

_NAMES = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Adj Close": "adjusted",
}
_PRICES = ["open", "high", "low", "close", "factor"]
_HOLE = 10
_LATEST = time(23, 59)


def quotes_of(
    ticker: str, frame: pd.DataFrame, facts: Mapping[str, Any], fetched: datetime
) -> Quotes:
    """Quotes from yfinance's unadjusted daily table and Yahoo's facts about the ticker.

    Left out, each with a note: a last session that was not finished when `fetched`; sessions
    without all four prices; and whatever comes before more than ten such sessions in a row.

    Raises:
        SourceError: nothing is left, or what is left breaks the contract of prices.
    """
    zone = str(facts["exchangeTimezoneName"])
    begins, ends = _hours(facts, zone, fetched)
    table = frame.rename(columns=_NAMES)
    table["factor"] = table["adjusted"] / table["close"]
    dates = index_of(frame).tz_localize(None).normalize().as_unit("ns").rename("date")
    table = table[list(COLUMNS)].astype("float64").set_axis(dates)
    notes: list[str] = []
    if len(dates) and dates[-1].date() >= begins.date() and fetched < ends + DELAY:
        notes.append(f"{dates[-1]:%Y-%m-%d} is left out: its session was not finished.")
        table = table.iloc[:-1]
    table = _whole(ticker, table, notes)
    closes = ends.time() if ends.date() == begins.date() else _LATEST
    quotes = Quotes(ticker, table, zone, closes, fetched.replace(microsecond=0), tuple(notes))
    try:
        quotes.prices("yahoo")
    except DataError as error:
        raise SourceError(f"Yahoo's answer for {str(error).partition(';')[0]}") from error
    return quotes


def _hours(facts: Mapping[str, Any], zone: str, fetched: datetime) -> tuple[datetime, datetime]:
    """Begin and end of the current or next session; the whole day where Yahoo does not say."""
    period: dict[str, Any] = facts.get("currentTradingPeriod") or {}
    regular: dict[str, Any] = period.get("regular") or {}
    begins, ends = regular.get("start"), regular.get("end")
    if isinstance(begins, datetime) and isinstance(ends, datetime):
        return begins, ends
    today = fetched.astimezone(ZoneInfo(zone)).date()
    begins = datetime.combine(today, time(0), ZoneInfo(zone))
    return begins, datetime.combine(today, _LATEST, ZoneInfo(zone))


def _whole(ticker: str, table: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    numbers = table[_PRICES].to_numpy()
    good = np.flatnonzero((np.isfinite(numbers) & (numbers > 0)).all(axis=1))
    if not good.size:
        raise SourceError(f"Yahoo's answer for {ticker} holds no prices; check the ticker")
    dates, begin = index_of(table), 0
    holes = np.flatnonzero(np.diff(good, prepend=-1) > _HOLE + 1)
    if holes.size:
        good = good[holes[-1] :]
        begin = int(good[0])
        notes.append(
            f"Prices begin on {dates[begin]:%Y-%m-%d}: before it, more than {_HOLE} sessions in a"
            " row lack prices."
        )
    lacking = dates[begin:].difference(dates[good])
    if len(lacking):
        span = f"{len(lacking)} between {lacking[0]:%Y-%m-%d} and {lacking[-1]:%Y-%m-%d}"
        which = f"{lacking[0]:%Y-%m-%d}" if len(lacking) == 1 else span
        notes.append(f"Sessions left out because they lack prices: {which}.")
    return table.iloc[good]

"""Quotes as an exchange reported them, and the factor that turns each into an adjusted price.

Raw closes and factors are kept, not adjusted prices, so that a later download can be compared
with an earlier one: a split or a dividend rewrites the factors of the whole past.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import pandas as pd

from forecast.data.prices import Origin, Prices
from forecast.data.sessions import last_finished, weekdays

COLUMNS = ("open", "high", "low", "close", "volume", "factor")
TOLERANCE = 1e-4
ASK_AGAIN = timedelta(hours=2)
_PRICES = ["open", "high", "low", "close"]
_AHEAD = timedelta(hours=1)


@dataclass(frozen=True, slots=True, eq=False)
class Quotes:
    """Daily quotes of one ticker, oldest first.

    The table has an index of session dates in the exchange's `zone`, named `date`, and the float64
    columns `COLUMNS`; price times factor is the split- and dividend-adjusted price. `closes` is
    the exchange's closing time, `fetched` a UTC time.
    """

    ticker: str
    table: pd.DataFrame
    zone: str
    closes: time
    fetched: datetime
    notes: tuple[str, ...] = ()

    def prices(self, source: Origin, notes: tuple[str, ...] = ()) -> Prices:
        """Adjusted prices; a volume that is zero throughout, as of currencies, is left out."""
        table = self.table[_PRICES].mul(self.table["factor"], axis="index")
        if (self.table["volume"] != 0).any():
            table["volume"] = self.table["volume"]
        return Prices.of(
            self.ticker,
            table,
            source=source,
            place="Yahoo Finance",
            fetched=f"{self.fetched:%Y-%m-%dT%H:%M:%SZ}",
            notes=(*notes, *self.notes),
        )

    def fresh(self, now: datetime) -> bool:
        """Whether asking again at `now` could bring nothing new.

        True with the last finished session in the table, and, since that session may have been a
        holiday, for two hours after asking in vain. A time of fetching that lies ahead of `now`
        proves a clock put back, and is not trusted.
        """
        if self.fetched > now + _AHEAD:
            return False
        newest = last_finished(now, self.zone, self.closes, weekdays(index_of(self.table)))
        return index_of(self.table)[-1].date() >= newest or (now - self.fetched) < ASK_AGAIN


def index_of(table: pd.DataFrame) -> pd.DatetimeIndex:
    """The dates of a table, as dates."""
    return pd.DatetimeIndex(table.index)


def extended(old: Quotes, recent: Quotes) -> Quotes | None:
    """`old` with its last sessions replaced and followed by `recent`.

    None where `recent` cannot be put behind `old`: they share no session, `recent` lacks sessions
    that `old` has, or a raw or adjusted close differs by more than 1e-4 of itself, which any split
    or dividend brings about. The whole history has to be fetched then.
    """
    before = index_of(old.table) < index_of(recent.table)[0]
    known = old.table[~before]
    if known.empty or not known.index.isin(recent.table.index).all():
        return None
    again = recent.table.reindex(known.index)
    if _differ(known["close"], again["close"]) or _differ(
        known["close"] * known["factor"], again["close"] * again["factor"]
    ):
        return None
    table = pd.concat([old.table[before], recent.table])
    return Quotes(old.ticker, table, recent.zone, recent.closes, recent.fetched, recent.notes)


def missing(old: Quotes, whole: Quotes) -> int:
    """How many sessions fewer `whole` has than `old`, up to the last session of `old`."""
    covered = index_of(whole.table) <= index_of(old.table)[-1]
    return len(old.table) - int(np.count_nonzero(covered))


def _differ(old: pd.Series, new: pd.Series) -> bool:
    return bool((np.abs(new.to_numpy() / old.to_numpy() - 1) > TOLERANCE).any())

"""Other tickers as covariates: what was known of them at the close of each session.

A session on which the other did not trade has its last close before; its change is then 0. Nothing
is filled backwards: sessions before the other's first are left out.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecast.data.prices import COLUMNS, Prices
from forecast.errors import DataError
from forecast.settings import InputKind
from forecast.shapes import Series

# Sessions that another series may end earlier.
LATE = 5


def joined(
    prices: Prices, others: Sequence[Prices], *, lag: int = 0, kind: InputKind = "changes"
) -> Prices:
    """The prices with a column for each other ticker: its log change since the row before.

    For `level` inputs it is the close itself. A close of the same date counts as known, but not to
    bars within that day; `lag` holds the others back by so many of their sessions, where their
    markets close later.

    Raises:
        DataError: another series has no session before these end, ends early, or has the name of a
            column that is there.
    """
    if not others:
        return prices
    table, notes = prices.table, list[str]()
    complete = np.ones(len(table), dtype=bool)
    for other in others:
        if other.ticker in table.columns or other.ticker in COLUMNS:
            raise DataError(f"{prices.ticker}: there is a column {other.ticker!r} already")
        values, new = _column(prices, other, lag, kind)
        table = table.assign(**{other.ticker: values})
        complete &= np.isfinite(values)
        stale = int((np.isfinite(values) & ~new).sum())
        notes.append(f"{other.ticker} (without news on {stale})" if stale else other.ticker)
    left = "" if complete.all() else f"; sessions before their first: {(~complete).sum()}, left out"
    note = (
        f"Read alongside {len(table)} sessions, as known at each close: {', '.join(notes)}{left}."
    )
    return prices.with_table(table[complete], note)


def _by_day(dates: pd.DatetimeIndex) -> bool:
    return bool((dates == dates.normalize()).all())


def _column(prices: Prices, other: Prices, lag: int, kind: InputKind) -> tuple[Series, np.ndarray]:
    """Its value at each session, NaN before its first, and whether a new close was known."""
    dates, theirs = pd.DatetimeIndex(prices.table.index), pd.DatetimeIndex(other.table.index)
    last = theirs[-1]
    if _by_day(theirs) and not _by_day(dates):
        theirs += pd.Timedelta(days=1)  # a day's close is not known to the bars within it
    if (dates > theirs[-1]).sum() > LATE:
        raise DataError(
            f"{other.ticker} ends {last:%Y-%m-%d}, {(dates > theirs[-1]).sum()} sessions"
            f" before {prices.ticker}; fetch newer prices of it or leave it out"
        )
    at = theirs.searchsorted(dates, side="right") - 1 - lag
    if (at < 1).all():
        raise DataError(f"{other.ticker} has no sessions before {prices.ticker} ends")
    closes = np.where(at < 0, np.nan, other.table["close"].to_numpy()[np.maximum(at, 0)])
    new = np.diff(at, prepend=at[0] - 1) > 0
    if kind == "level":
        return closes, new
    return np.diff(np.log(closes), prepend=np.nan), new

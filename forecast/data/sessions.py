"""The dates on which a series trades: the last session that is finished, and those to come.

No calendar of holidays is kept: a date is a session when it falls on a weekday on which the series
has lately traded. A forecast for a holiday is therefore one for the session after it.
"""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from jaxtyping import Bool

DELAY = timedelta(minutes=30)
_RECENT = 60
_RARE = 20
_ENOUGH = 10
_MONDAY_TO_FRIDAY = frozenset(range(5))


def weekdays(index: pd.DatetimeIndex) -> frozenset[int]:
    """Days of the week, Monday as 0, that hold at least a twentieth of the last 60 sessions.

    A single extra session on a Saturday does not make Saturday a trading day. With fewer than 10
    sessions, Monday to Friday are taken to trade as well.

    >>> sorted(weekdays(pd.date_range("2024-01-01", periods=30)))
    [0, 1, 2, 3, 4, 5, 6]
    """
    recent = index[-_RECENT:]
    days, counts = np.unique(recent.day_of_week.to_numpy(), return_counts=True)
    usual = frozenset(int(day) for day in days[counts * _RARE >= len(recent)])
    return usual | _MONDAY_TO_FRIDAY if len(recent) < _ENOUGH else usual


def usual_weekdays(index: pd.DatetimeIndex) -> Bool[np.ndarray, "row weekday"]:
    """`weekdays` of the index up to each of its rows, all at once; Monday is column 0.

    >>> usual_weekdays(pd.date_range("2024-01-01", periods=30)).sum(axis=1).tolist()[-1]
    7
    """
    days = index.day_of_week.to_numpy()[:, None] == np.arange(7)
    counts = np.cumsum(days, axis=0)
    counts[_RECENT:] -= counts[:-_RECENT].copy()
    recent = np.minimum(np.arange(1, len(index) + 1), _RECENT)[:, None]
    usual = counts * _RARE >= recent
    usual[:, :5] |= recent < _ENOUGH
    return usual


def following(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    """The next `count` sessions after the last row of `index`.

    >>> following(pd.bdate_range("2024-01-01", "2024-01-19"), 2).strftime("%a %d").tolist()
    ['Mon 22', 'Tue 23']
    """
    days = pd.date_range(index[-1], periods=7 * (count + 1), name=index.name)[1:]
    return days[days.day_of_week.isin(weekdays(index))][:count]


def last_finished(now: datetime, zone: str, closes: time, days: frozenset[int]) -> date:
    """The last date whose session has closed, and has been published, by `now`.

    `closes` is the closing time in the exchange's `zone`; a source may publish up to half an hour
    later. `days` are the weekdays that trade.

    >>> evening = datetime.fromisoformat("2024-01-08T22:00:00+00:00")
    >>> last_finished(evening, "America/New_York", time(16), frozenset(range(5))).isoformat()
    '2024-01-08'
    """
    local = ZoneInfo(zone)
    day = now.astimezone(local).date()
    while day.weekday() not in days or now < datetime.combine(day, closes, local) + DELAY:
        day -= timedelta(days=1)
    return day

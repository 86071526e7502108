"""The dates on which a series trades: the last session that is finished, and those to come.

No calendar of holidays is kept: a date is a session when it falls on a weekday on which the series
has lately traded. A forecast for a holiday is therefore one for the session after it. Rows may be
weeks, months or years as well, or bars within a day: they go on as they have lately come.
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
_DAY = pd.Timedelta(days=1)
# Days between rows from which on they are weeks, and months.
_WEEKS, _MONTHS = 5, 25


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


def spacing(index: pd.DatetimeIndex) -> float:
    """Days between sessions, in the middle case of the last 60; 1 where there is but one session.

    >>> spacing(pd.bdate_range("2024-01-01", periods=30))
    1.0
    """
    recent = index[-_RECENT:]
    return float(np.median(np.diff(recent) / _DAY)) if len(recent) > 1 else 1.0


def by_weekday(index: pd.DatetimeIndex) -> bool:
    """Whether sessions are days or weeks; not months, nor bars within a day."""
    return 1 <= spacing(index) < _MONTHS


def a_year(index: pd.DatetimeIndex) -> float:
    """Sessions of a year: 252 where five days of a week trade, 365 where all do.

    Of rows that are no days, as many as have come in a year.

    >>> weeks = pd.date_range("2024-01-05", periods=100, freq="W-FRI")
    >>> [round(a_year(each), 1) for each in (pd.bdate_range("2024-01-01", periods=30), weeks)]
    [252.0, 52.2]
    """
    if not 1 <= spacing(index) < _WEEKS:
        return (len(index) - 1) * 365.25 / ((index[-1] - index[0]) / _DAY)
    days = len(weekdays(index))
    return 365.0 if days == 7 else 252.0 * days / 5


def following(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    """The next `count` sessions after the last row of `index`.

    Days are those on which it lately traded. Weeks and months go on in steps; months end as they
    did. Bars within a day come at the times of day that most of the last 20 days had.

    >>> following(pd.bdate_range("2024-01-01", "2024-01-19"), 2).strftime("%a %d").tolist()
    ['Mon 22', 'Tue 23']
    >>> months = pd.date_range("2023-01-31", periods=14, freq="ME")
    >>> following(months, 2).strftime("%m-%d").tolist()
    ['03-31', '04-30']
    """
    between = spacing(index)
    if between >= _MONTHS:
        return _months(index, round(between / 30.4), count)
    if between >= _WEEKS:
        weeks = np.arange(1, count + 1) * round(between / 7)
        return pd.DatetimeIndex(index[-1] + pd.to_timedelta(7 * weeks, "D"), name=index.name)
    if between < 1:
        return _bars(index, count)
    days = pd.date_range(index[-1], periods=7 * (count + 1), name=index.name)[1:]
    return days[days.day_of_week.isin(weekdays(index))][:count]


def _months(index: pd.DatetimeIndex, step: int, count: int) -> pd.DatetimeIndex:
    """Every so many months, on the last day, or the last weekday, or the same day of the month."""
    months = pd.period_range(index[-1], periods=step * count + 1, freq="M")[step::step]
    ends = months.to_timestamp(how="end").normalize()
    recent = index[-_ENOUGH:]
    early = (recent.days_in_month - recent.day).to_numpy()
    if not early.any():
        return ends.rename(index.name)
    if np.mean(early <= 2) > 0.5:
        weekend = pd.to_timedelta(np.maximum(ends.day_of_week - 4, 0), "D")
        return (ends - weekend).rename(index.name)
    back = pd.to_timedelta(np.maximum(ends.day - index[-1].day, 0), "D")
    return (ends - back).rename(index.name)


def _bars(index: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
    """The times of day that are usual, on the days that are."""
    days = index.normalize().unique()
    recent = index[index >= days[-20:][0]]
    times, counts = np.unique(recent - recent.normalize(), return_counts=True)
    usual = counts * 2 > len(days[-20:])
    times = times[usual] if usual.any() else np.unique(index[-1:] - index[-1:].normalize())
    ahead = days[-1:].append(following(days, -(-count // len(times))))
    every = (ahead.to_numpy()[:, None] + times).ravel()
    return pd.DatetimeIndex(every[every > index[-1].to_datetime64()][:count], name=index.name)


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

"""Calendar covariates: what is known beforehand of the sessions to come.

The columns of a row describe each session that is forecast from it, by what could be known on that
row: the weekdays on which the series has lately traded, without the scheduled holidays of the
exchange. The date of the next row is never read, since a session can be cancelled without notice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.data.sessions import by_weekday, usual_weekdays
from forecast.errors import DataError, SettingError, unknown
from forecast.shapes import Series

# A closure that was scheduled is never longer.
MOST_DAYS = 21


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """For each row the day of a session to come, and those of the sessions before and after it."""

    before: pd.DatetimeIndex
    day: pd.DatetimeIndex
    after: pd.DatetimeIndex
    holidays: pd.DatetimeIndex | None


def weekday(ahead: Ahead) -> dict[str, Series]:
    """1 in the column of its day, Monday to Saturday; Sunday has none."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    days = ahead.day.day_of_week.to_numpy()
    return {name: (days == day).astype("float64") for day, name in enumerate(names)}


def month(ahead: Ahead) -> dict[str, Series]:
    """The month as a place on a circle."""
    angle = 2 * np.pi * (ahead.day.month.to_numpy() - 1) / 12
    return {"month_sine": np.sin(angle), "month_cosine": np.cos(angle)}


def month_end(ahead: Ahead) -> dict[str, Series]:
    """1 where it is the last session of its month."""
    last = ahead.day.month.to_numpy() != ahead.after.month.to_numpy()
    return {"month_end": last.astype("float64")}


def month_start(ahead: Ahead) -> dict[str, Series]:
    """1 where it is the first session of its month."""
    first = ahead.before.month.to_numpy() != ahead.day.month.to_numpy()
    return {"month_start": first.astype("float64")}


def holiday(ahead: Ahead) -> dict[str, Series]:
    """1 where a scheduled holiday lies between it and the session before, or the one after."""
    if ahead.holidays is None:
        raise SettingError("calendar holiday needs an exchange: add --exchange, as XNYS")
    counts = [
        np.searchsorted(ahead.holidays, each.normalize())
        for each in (ahead.before, ahead.day, ahead.after)
    ]
    near = {"after_holiday": counts[1] - counts[0], "before_holiday": counts[2] - counts[1]}
    return {name: (each > 0).astype("float64") for name, each in near.items()}


CALENDAR: dict[str, Callable[[Ahead], dict[str, Series]]] = {
    "weekday": weekday,
    "month": month,
    "month_end": month_end,
    "month_start": month_start,
    "holiday": holiday,
}


def check(names: Sequence[str]) -> None:
    """Let names pass that the calendar has.

    Raises:
        SettingError: there is another.
    """
    for name in names:
        if name not in CALENDAR:
            raise unknown("the calendar has no", name, CALENDAR)


def calendar(
    index: pd.DatetimeIndex,
    names: Sequence[str],
    holidays: pd.DatetimeIndex | None = None,
    horizon: int = 1,
) -> pd.DataFrame:
    """The columns of these names, on these dates, about each of the sessions up to the horizon.

    Those about the second and later sessions after a row end in `_2`, `_3` and so on.

    Raises:
        SettingError: an unknown name, or one that needs the holidays of an exchange.
        DataError: rows are months, or bars within a day, of which it knows nothing.

    >>> friday = pd.DatetimeIndex(["2024-01-05"])
    >>> calendar(friday, ["weekday"]).columns[calendar(friday, ["weekday"]).iloc[0] == 1].tolist()
    ['monday']
    """
    check(names)
    if not by_weekday(index):
        raise DataError("a calendar tells of days and weeks; rows are bars within a day, or months")
    usual = usual_weekdays(index)
    columns = dict[str, Series]()
    before, day = index, _next(index, usual, holidays)
    for session in range(1, horizon + 1):
        after = _next(day, usual, holidays)
        ending = f"_{session}" if session > 1 else ""
        for name in names:
            told = CALENDAR[name](Ahead(before, day, after, holidays))
            columns |= {column + ending: values for column, values in told.items()}
        before, day = day, after
    return pd.DataFrame(columns, index=index)


def _next(
    dates: pd.DatetimeIndex, usual: np.ndarray, holidays: pd.DatetimeIndex | None
) -> pd.DatetimeIndex:
    """The first day after each date that is usual on its row and no holiday."""
    found, rows = dates.to_numpy().copy(), np.arange(len(dates))
    searching = np.ones(len(dates), dtype=bool)
    for days in range(1, MOST_DAYS + 1):
        candidate = dates + pd.Timedelta(days=days)
        open_ = usual[rows, candidate.day_of_week.to_numpy()]
        if holidays is not None:
            open_ &= ~candidate.normalize().isin(holidays)
        found = np.where(searching & open_, candidate.to_numpy(), found)
        searching &= ~open_
    return pd.DatetimeIndex(found)

"""What the calendar tells of the session to come; known before it, so that it may be read for it.

The columns of a row describe the session after that row, by the rule that could be known on that
row: the weekdays on which the series has lately traded, without the scheduled holidays of the
exchange. The date of the next row is never looked at, for a session can be missed unforeseen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import pandas as pd

from forecast.data.sessions import usual_weekdays
from forecast.errors import SettingError
from forecast.shapes import Series

# A closure that was scheduled is never longer.
MOST_DAYS = 21


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """For each row its own date, that of the next session and that of the one after it."""

    now: pd.DatetimeIndex
    following: pd.DatetimeIndex
    second: pd.DatetimeIndex
    holidays: pd.DatetimeIndex | None


def weekday(ahead: Ahead) -> dict[str, Series]:
    """1 in the column of its day, Monday to Saturday; Sunday has none."""
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    days = ahead.following.day_of_week.to_numpy()
    return {name: (days == day).astype("float64") for day, name in enumerate(names)}


def month(ahead: Ahead) -> dict[str, Series]:
    """The month as a place on a circle."""
    angle = 2 * np.pi * (ahead.following.month.to_numpy() - 1) / 12
    return {"month_sine": np.sin(angle), "month_cosine": np.cos(angle)}


def month_end(ahead: Ahead) -> dict[str, Series]:
    """1 where it is the last session of its month."""
    last = ahead.following.month.to_numpy() != ahead.second.month.to_numpy()
    return {"month_end": last.astype("float64")}


def month_start(ahead: Ahead) -> dict[str, Series]:
    """1 where it is the first session of its month."""
    first = ahead.now.month.to_numpy() != ahead.following.month.to_numpy()
    return {"month_start": first.astype("float64")}


def holiday(ahead: Ahead) -> dict[str, Series]:
    """1 where a scheduled holiday lies between it and the session before, or the one after."""
    if ahead.holidays is None:
        raise SettingError("calendar holiday needs an exchange: add --exchange, as XNYS")
    counts = [
        np.searchsorted(ahead.holidays, each.normalize())
        for each in (ahead.now, ahead.following, ahead.second)
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


def calendar(
    index: pd.DatetimeIndex, names: Sequence[str], holidays: pd.DatetimeIndex | None = None
) -> pd.DataFrame:
    """The columns of these names, on these dates, each about the session after its row.

    Raises:
        SettingError: an unknown name, or one that needs the holidays of an exchange.

    >>> friday = pd.DatetimeIndex(["2024-01-05"])
    >>> calendar(friday, ["weekday"]).columns[calendar(friday, ["weekday"]).iloc[0] == 1].tolist()
    ['monday']
    """
    for name in names:
        if name not in CALENDAR:
            near = get_close_matches(name, CALENDAR, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise SettingError(
                f"the calendar has no {name!r}; {hint}There are {', '.join(CALENDAR)}."
            )
    usual = usual_weekdays(index)
    following = _next(index, usual, holidays)
    ahead = Ahead(index, following, _next(following, usual, holidays), holidays)
    columns = dict[str, Series]()
    for name in names:
        columns |= CALENDAR[name](ahead)
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

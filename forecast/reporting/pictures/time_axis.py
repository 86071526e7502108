"""Dates along the bottom of a picture: few ticks, the year named once."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes

from forecast.reporting.pictures.slim import is_slim
from forecast.reporting.wording import MONTHS, day

MOST_ON_SLIM = 5
_STEPS = ((8000, "2YS"), (1400, "YS"), (500, "QS"), (190, "MS"), (95, "2W-MON"), (0, "W-MON"))


def days(dates: pd.Series) -> Float[np.ndarray, " row"]:
    """Days since 1970, with fractions where there is a time of day."""
    return dates.to_numpy().astype("datetime64[s]").astype("float64") / 86_400


def date_ticks(axes: Axes, first: pd.Timestamp, last: pd.Timestamp) -> None:
    """Ticks at starts of weeks, months, quarters or years, whichever leaves them readable."""
    span = (last - first).days
    unit = next(unit for least, unit in _STEPS if span >= least)
    starts = pd.date_range(first.normalize(), last, freq=unit)
    if is_slim(axes.figure):
        starts = starts[:: max(1, -(-len(starts) // MOST_ON_SLIM))]
    if len(starts) < 2:
        starts = pd.DatetimeIndex([first, last] if first < last else [first])
        short = is_slim(axes.figure)
        labels = [f"{_short(each)}\n{each.year}" if short else day(each) for each in starts]
    else:
        labels = _labels(starts, unit)
    left, right = days(pd.Series([first, last]))
    edge = 0.015 * max(right - left, 1.0)
    axes.set_xlim(left - edge, right + edge)
    axes.set_xticks(days(starts.to_series()), labels)


def _short(date: pd.Timestamp) -> str:
    return f"{date.day} {MONTHS[date.month - 1]}"


def _labels(starts: pd.DatetimeIndex, unit: str) -> list[str]:
    if unit.endswith("YS"):
        return [str(each.year) for each in starts]
    labels, year = list[str](), 0
    for each in starts:
        month = MONTHS[each.month - 1]
        words = _short(each) if unit.endswith("W-MON") else month
        labels.append(f"{words}\n{each.year if each.year != year else ''}")
        year = each.year
    return labels

"""The chance of a rise over time, and whether as many closes rose as forecast."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT
from forecast.reporting.pictures.colours import INK, LAST_CLOSE, QUIET, colours
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.pictures.time_axis import date_ticks, days
from forecast.reporting.selection import Selection
from forecast.reporting.wording import percent

GROUPS = 10
LEAST_REACH = 0.1


def chances_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Left: each chance of a rise and the base rate; right: chances against shares that rose.

    The answers are what `forecast.evaluation.direction.chances` made of closes.
    """
    rows, colour = chosen.known.dropna(subset="forecast"), colours(chosen.names)[chosen.forecaster]
    title = f"{chosen.title}: chance of a rise, as {chosen.model} saw it"
    with canvas.styled():
        figure = canvas.sheet(title, chosen.words, note, slim=slim)
        if rows.empty:
            canvas.say(figure, "No chances: they need 60 answers with an actual before them.")
            return figure
        left = canvas.panel(figure, (LEFT, FOOT, 0.5, HEAD - FOOT))
        left.plot(days(rows["date"]), rows["forecast"], color=colour, lw=1.0)
        left.plot(days(rows["date"]), rows["last"], color=LAST_CLOSE, lw=2.2)
        left.yaxis.set_major_formatter(PercentFormatter(1.0, 0, " %"))
        canvas.caption(left, f"chance by {drawable(chosen.model)}; grey: share of rises so far")
        date_ticks(left, *rows["date"].iloc[[0, -1]])
        right = canvas.panel(figure, (0.66, FOOT, 0.31, HEAD - FOOT))
        said, seen = reliability(rows["forecast"].to_numpy(), rows["actual"].to_numpy())
        right.plot([0, 1], [0, 1], color=QUIET, lw=1.0, ls=(0, (4, 2)))
        right.axhline(rows["actual"].mean(), color=INK, lw=0.9)
        right.plot(said, seen, color=colour, ls="", marker="o", ms=5)
        for axis in (right.xaxis, right.yaxis):
            axis.set_major_formatter(PercentFormatter(1.0, 0, " %"))
        reach = max(LEAST_REACH, *(float(np.abs(each - 0.5).max()) * 1.1 for each in (said, seen)))
        for limit in (left.set_ylim, right.set_xlim, right.set_ylim):
            limit(0.5 - reach, 0.5 + reach)
        right.set_xlabel("chance said")
        rose = percent(rows["actual"].mean(), 1)
        canvas.caption(right, f"share that rose, by tenths; all: {rose}")
    return figure


def reliability(said: np.ndarray, rose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean chance and share of rises in each tenth of the answers, by chance.

    >>> [each.tolist() for each in reliability(np.array([0.2, 0.8]), np.array([0.0, 1.0]))]
    [[0.2, 0.8], [0.0, 1.0]]
    """
    groups = np.array_split(np.argsort(said, kind="stable"), min(GROUPS, len(said)))
    return (
        np.array([said[group].mean() for group in groups]),
        np.array([rose[group].mean() for group in groups]),
    )

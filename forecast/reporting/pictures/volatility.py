"""Forecast against actual volatility, and what each forecaster's losses are beside HAR's."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from forecast.evaluation.losses import REFERENCE, qlike
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT, RIGHT
from forecast.reporting.pictures.colours import INK, QUIET, colours
from forecast.reporting.pictures.errors import rolling_window
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.pictures.prices import draw_answers, draw_dates, tell_upcoming
from forecast.reporting.pictures.time_axis import date_ticks, days
from forecast.reporting.selection import Selection

MEAN = "forecast: root of the mean variance, which a few large days lift above the middle"
TALLEST = 1.3


def volatility_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Every answer against the volatility that came, with its intervals.

    The forecast is the root of the mean variance, which a few large days lift above the middle.
    """
    title = f"{chosen.title}: {chosen.model} forecast and actual volatility"
    with canvas.styled():
        words = f"{chosen.words}; {chosen.unit}, log scale\n{MEAN}"
        figure = canvas.sheet(title, words, note, slim=slim)
        axes = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, HEAD - FOOT - 0.03))
        draw_answers(axes, chosen, marker="")
        _log_scale(axes, "y")
        draw_dates(axes, chosen)
        tell_upcoming(axes, chosen)
    return figure


def losses_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Rolling QLIKE of every forecaster, divided by that of HAR: below 1 is better."""
    window = rolling_window(len(chosen.known))
    title = f"{chosen.title}: how far each forecast of volatility misses, beside HAR's"
    words = f"{chosen.words}; rolling mean over {window}; QLIKE, an error of the variance"
    with canvas.styled():
        figure = canvas.sheet(title, words, note, slim=slim)
        axes = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, HEAD - FOOT))
        losses = {name: _losses(chosen.other(name)) for name in chosen.names}
        below = losses.get(REFERENCE, losses[chosen.forecaster])
        shades, ends = colours(chosen.names), dict[str, tuple[float, str]]()
        for name, own in losses.items():
            ratio = (own.rolling(window).mean() / below.rolling(window).mean()).to_numpy()
            width = 2.4 if name == REFERENCE else 1.8 if name == chosen.forecaster else 0.9
            axes.plot(days(chosen.known["date"]), ratio, color=shades[name], lw=width)
            ends[f"{drawable(name, 13)} {own.mean() / below.mean():.3f}"] = (
                ratio[-1],
                shades[name],
            )
        canvas.caption(axes, "QLIKE divided by HAR's; beside each name: over all sessions")
        canvas.label_ends(axes, ends)
        date_ticks(axes, *chosen.known["date"].iloc[[0, -1]])
    return figure


def levels_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Each forecast beside the volatility that came, at one scale."""
    rows, colour = chosen.known, colours(chosen.names)[chosen.forecaster]
    logs = np.log(rows[["forecast", "actual"]].to_numpy("float64"))
    told = "" if len(rows) < 3 else f"\ncorrelation of logs {np.corrcoef(logs.T)[0, 1]:+.2f}"
    title = f"{chosen.title}: volatility forecast by {chosen.model} and actual volatility"
    with canvas.styled():
        figure = canvas.sheet(title, f"{chosen.words}; {chosen.unit}{told}", note, slim=slim)
        axes = canvas.panel(figure, (LEFT + 0.1, 0.125, 0.37, 0.37 * 10 / 5.6), 3.2)
        axes.plot(
            rows["forecast"], rows["actual"], ls="", marker="o", ms=3, mew=0, alpha=0.5, c=colour
        )
        least, most = float(np.exp(logs.min())) / TALLEST, float(np.exp(logs.max())) * TALLEST
        axes.plot([least, most], [least, most], color=QUIET, lw=1.0, ls=(0, (4, 2)))
        for axis in ("x", "y"):
            _log_scale(axes, axis)
        axes.set_xlim(least, most)
        axes.set_ylim(least, most)
        axes.set_xlabel("forecast, % a session")
        axes.set_ylabel("actual, % a session", color=INK)
        canvas.caption(axes, "one scale for both; dashed: a perfect forecast")
    return figure


def _losses(chosen: Selection) -> pd.Series:
    actual, forecast = (chosen.known[each].to_numpy("float64") for each in ("actual", "forecast"))
    return pd.Series(qlike(actual, forecast))


def _log_scale(axes: Axes, which: str) -> None:
    getattr(axes, f"set_{which}scale")("log")
    axis = getattr(axes, f"{which}axis")
    axis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))

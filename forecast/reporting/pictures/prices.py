"""Forecast against actual close: the whole walk-forward, and its last sessions enlarged."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from forecast.evaluation.answers import COVERAGES, QUANTILES
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT, RIGHT
from forecast.reporting.pictures.colours import INK, LAST_CLOSE, QUIET, colours, deep, tint
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.pictures.slim import is_slim
from forecast.reporting.pictures.time_axis import date_ticks, days
from forecast.reporting.selection import Selection
from forecast.reporting.wording import change, count, day, percent, price

SHADES = {0.95: 0.16, 0.8: 0.4}
FANNED = ("forecast", *QUANTILES)
LOG_FROM = 5.0
RECENT = 60


def forecast_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Every forecast and its actual close, above; below, both as changes from the last close."""
    title = f"{chosen.title}: {chosen.model} forecast and actual close"
    with canvas.styled():
        figure = canvas.sheet(title, _words(chosen), note, slim=slim)
        above = canvas.panel(figure, (LEFT, 0.40, RIGHT - LEFT, HEAD - 0.40), tall=2.2)
        below = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, 0.215), tall=1.1)
        draw_answers(above, chosen, marker="")
        _draw_changes(below, chosen)
        draw_dates(above, chosen)
        draw_dates(below, chosen)
        above.tick_params(labelbottom=False)
        tell_upcoming(above, chosen)
    return figure


def recent_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """The last 60 answers against their actuals, and the forecasts of sessions to come."""
    chosen = chosen.newest(RECENT)
    title = f"{chosen.title}: the last {count(len(chosen.known), 'session')}"
    title += " and what comes next" * (not chosen.upcoming.empty)
    with canvas.styled():
        figure = canvas.sheet(title, _words(chosen), note, slim=slim)
        axes = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, HEAD - FOOT), tall=3.2)
        draw_answers(axes, chosen, marker="o")
        draw_dates(axes, chosen)
        tell_upcoming(axes, chosen)
    return figure


def draw_answers(axes: Axes, chosen: Selection, marker: str) -> None:
    """Forecast, actual and last over time, with the intervals and what comes next."""
    rows, colour = chosen.known, _colour(chosen)
    x = days(rows["date"])
    axes.plot(
        x,
        rows["actual"],
        color=INK,
        lw=0.9,
        marker=marker,
        ms=3,
        label=f"actual {chosen.noun}",
        zorder=4,
    )
    axes.plot(
        x,
        rows["forecast"],
        color=colour,
        lw=1.2,
        label=f"forecast ({drawable(chosen.model)})",
        zorder=3,
    )
    if chosen.noun == "close":
        axes.plot(
            x, rows["last"], color=LAST_CLOSE, lw=2.6, alpha=0.5, label="last close", zorder=2.5
        )
    _bands(axes, x, rows, colour)
    _draw_upcoming(axes, chosen)
    _price_axis(axes, chosen)
    canvas.key(axes)


def _bands(axes: Axes, x: Float[np.ndarray, " row"], rows: pd.DataFrame, colour: str) -> None:
    for level, (low, high) in COVERAGES.items():
        if rows[low].notna().any():
            axes.fill_between(
                x,
                rows[low],
                rows[high],
                color=tint(colour, SHADES[level]),
                lw=0,
                zorder=2 - level,
                label=f"{percent(level)} interval",
            )


def _draw_upcoming(axes: Axes, chosen: Selection) -> None:
    """The fan from the last close to the forecasts of sessions to come."""
    rows, colour = chosen.upcoming, _colour(chosen)
    if rows.empty:
        return
    start = rows.iloc[:1].assign(date=rows["cutoff"], **dict.fromkeys(FANNED, rows["last"]))
    fan = pd.concat([start, rows])
    x = days(fan["date"])
    for level, (low, high) in COVERAGES.items():
        axes.fill_between(
            x, fan[low], fan[high], color=tint(colour, SHADES[level]), lw=0, zorder=2 - level
        )
    axes.plot(x, fan["forecast"], color=colour, lw=1.2)
    axes.plot(x[1:], rows["forecast"], color=colour, ls="", marker="o", ms=4.5, zorder=5)
    axes.axvline(float(x[0]), color=QUIET, lw=0.8, ls=":")


def _draw_changes(axes: Axes, chosen: Selection) -> None:
    rows, colour = chosen.known, _colour(chosen)
    x, nothing = days(rows["date"]), np.full(len(rows), np.nan)
    moved = 100 * (rows[["actual", *FANNED]].div(rows["last"], axis=0) - 1)
    _bands(axes, x, moved, colour)
    sticks = np.c_[0 * x, moved["actual"], nothing].ravel()
    axes.plot(np.repeat(x, 3), sticks, color=INK, lw=min(0.9, 500 / len(x)))
    axes.plot(x, moved["forecast"], color=colour, lw=1.2)
    limit = 1.08 * float(np.nanmax(np.abs(moved.to_numpy())))
    axes.set_ylim(-limit, limit)
    canvas.caption(axes, "change from the last close, %")


def _is_wide(chosen: Selection) -> bool:
    """Whether closes grew or fell so much that a log scale is needed."""
    actual = chosen.known["actual"]
    return bool(actual.max() > LOG_FROM * actual.min())


def _words(chosen: Selection) -> str:
    return f"{chosen.words}; {chosen.unit}{', log scale' * _is_wide(chosen)}"


def _price_axis(axes: Axes, chosen: Selection) -> None:
    if _is_wide(chosen):
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5), numticks=12))
        axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.6g}"))


def draw_dates(axes: Axes, chosen: Selection) -> None:
    """Dates under the panel, from the first answer to the farthest to come."""
    dates = pd.concat([chosen.known["date"], chosen.upcoming["date"]])
    date_ticks(axes, dates.min(), dates.max())


def tell_upcoming(axes: Axes, chosen: Selection) -> None:
    """The farthest forecast in words beside its mark, where there is room."""
    if chosen.upcoming.empty or is_slim(axes.figure):
        return
    row, colour = chosen.upcoming.iloc[-1], _colour(chosen)
    what = "next session" if row["horizon"] == 1 else f"in {row['horizon']} sessions"
    moved = change(row["forecast"] / row["last"] - 1)
    lines = [f"{what}\n{day(row['date'])}", f"{price(row['forecast'])}\n({moved})"]
    for level, (low, high) in COVERAGES.items():
        if np.isfinite(row[low]):
            lines.append(f"{percent(level)} interval\n{price(row[low])} to\n{price(row[high])}")
    axes.text(
        1.02,
        1,
        "\n\n".join(lines),
        transform=axes.transAxes,
        color=deep(colour),
        va="top",
        fontsize=9.5,
    )


def _colour(chosen: Selection) -> str:
    return colours(chosen.names)[chosen.forecaster]

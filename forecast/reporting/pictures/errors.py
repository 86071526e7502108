"""The errors of a forecaster and the coverage of its intervals over time."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.evaluation.answers import COVERAGES
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT, RIGHT
from forecast.reporting.pictures.colours import FAINT, INK, LAST_CLOSE, colours
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.pictures.time_axis import date_ticks, days
from forecast.reporting.selection import BASELINE, Selection
from forecast.reporting.wording import count, percent

LONGEST_WINDOW, SHORTEST_WINDOW = 100, 10
LEAST_REACH, MOST_RATIOS = 0.02, 6


def errors_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Rolling mean absolute error beside the last close's, and the ratio for every forecaster."""
    window = rolling_window(len(chosen.known))
    named = f"{chosen.model} and the " * (chosen.forecaster != BASELINE)
    title = f"{chosen.title}: errors over time, {named}last close"
    with canvas.styled():
        words = f"{chosen.words}; each point: {count(window, 'session')} up to it"
        figure = canvas.sheet(title, words, note, slim=slim)
        above = canvas.panel(figure, (LEFT, 0.51, RIGHT - LEFT, HEAD - 0.49), tall=1.4)
        below = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, 0.305), tall=1.4)
        _draw_errors(above, chosen, window)
        _draw_ratios(below, chosen, window)
        for axes in (above, below):
            date_ticks(axes, *chosen.known["date"].iloc[[window - 1, -1]])
        above.tick_params(labelbottom=False)
    return figure


def coverage_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Rolling share of actuals inside the 80 % and 95 % intervals, beside the nominal shares."""
    banded = chosen.known.dropna(subset=[low for low, _ in COVERAGES.values()])
    window = rolling_window(len(banded))
    title = f"{chosen.title}: share of actuals inside the intervals of {chosen.model}"
    with canvas.styled():
        words = (
            f"{chosen.words}; each point: {count(window, 'session')} up to it"
            if len(banded)
            else chosen.words
        )
        figure = canvas.sheet(title, words, note, slim=slim)
        if banded.empty:
            canvas.say(figure, "No intervals: they need 60 answers with an actual before them.")
            return figure
        axes = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, HEAD - FOOT), tall=3.2)
        _draw_coverage(axes, chosen, banded, window)
        date_ticks(axes, *banded["date"].iloc[[window - 1, -1]])
    return figure


def rolling_window(count: int) -> int:
    """Sessions in a rolling mean over `count` answers: a fifth of them, from 10 to 100.

    >>> rolling_window(645), rolling_window(200), rolling_window(30), rolling_window(4)
    (100, 40, 10, 4)
    """
    return min(count, LONGEST_WINDOW, max(SHORTEST_WINDOW, count // 5))


def by_chance(coverage: float, count: int) -> tuple[float, float]:
    """Shares between which 95 % of `count` independent actuals inside such intervals would lie.

    Quantiles 0.025 and 0.975 of the binomial distribution, as shares.

    >>> by_chance(0.8, 100)
    (0.72, 0.88)
    """
    chances = [
        math.comb(count, inside) * coverage**inside * (1 - coverage) ** (count - inside)
        for inside in range(count + 1)
    ]
    total = np.cumsum(chances)
    low, high = np.searchsorted(total, [0.025, 0.975])
    return float(low) / count, float(high) / count


def _absolute_errors(rows: pd.DataFrame, column: str) -> pd.Series:
    """Absolute errors in per cent of the last close, by date."""
    error = 100 * (rows["actual"] - rows[column]).abs() / rows["last"]
    return error.set_axis(rows["date"])


def _draw_errors(axes: Axes, chosen: Selection, window: int) -> None:
    rows, ends = chosen.known, dict[str, tuple[float, str]]()
    lines = [("last close", "last", LAST_CLOSE, 3.0)]
    if chosen.forecaster != BASELINE:
        shade = colours(chosen.names)[chosen.forecaster]
        lines.append((drawable(chosen.model), "forecast", shade, 1.3))
    for label, column, shade, width in lines:
        errors = _absolute_errors(rows, column)
        rolling = errors.rolling(window).mean().to_numpy()
        axes.plot(days(rows["date"]), rolling, color=shade, lw=width)
        ends[f"{label} {errors.mean():.3f}"] = (rolling[-1], shade)
    axes.set_ylim(0, None)
    canvas.caption(
        axes, "mean absolute error, % of the last close; beside each name: over all sessions"
    )
    canvas.label_ends(axes, ends)


def _draw_ratios(axes: Axes, chosen: Selection, window: int) -> None:
    names = [name for name in chosen.names if name not in (BASELINE, chosen.forecaster)]
    names = [chosen.forecaster] * (chosen.forecaster != BASELINE) + names
    shades, ends = colours(chosen.names), {"last close": (1.0, LAST_CLOSE)}
    reach = LEAST_REACH
    axes.axhline(1.0, color=LAST_CLOSE, lw=3.0)
    for name in names[:MOST_RATIOS]:
        rows = chosen.other(name).known
        errors, naive = _absolute_errors(rows, "forecast"), _absolute_errors(rows, "last")
        below = naive.rolling(window).mean()
        ratio = (errors.rolling(window).mean() / below.where(below > 0)).to_numpy()
        width, order = (1.8, 4) if name == chosen.forecaster else (0.9, 3)
        axes.plot(days(rows["date"]), ratio, color=shades[name], lw=width, zorder=order)
        label = f"{drawable(name, 13)} {errors.mean() / (naive.mean() or np.nan):.3f}"
        ends[label] = (ratio[-1], shades[name])
        reach = max(reach, float(np.nanmax(np.abs(ratio - 1), initial=0.0)))
    axes.set_ylim(1 - 1.1 * reach, 1 + 1.1 * reach)
    missing = len(names) - MOST_RATIOS
    more = f" ({missing} more not drawn)" if missing > 0 else ""
    canvas.caption(axes, f"the same divided by the last close's; below 1 is better{more}")
    canvas.label_ends(axes, ends)


def _draw_coverage(axes: Axes, chosen: Selection, rows: pd.DataFrame, window: int) -> None:
    """The range of chance is drawn only where hits are independent and the two do not overlap."""
    colour = colours(chosen.names)[chosen.forecaster]
    x, ends, lowest = days(rows["date"]), dict[str, tuple[float, str]](), 1.0
    chances = {level: by_chance(level, window) for level in COVERAGES}
    chance = chosen.horizon == 1 and chances[0.8][1] < chances[0.95][0]
    for level, (low, high) in COVERAGES.items():
        inside = ((rows["actual"] >= rows[low]) & (rows["actual"] <= rows[high])).astype("float64")
        rolling = inside.rolling(window).mean().to_numpy()
        if chance:
            axes.axhspan(*chances[level], color=FAINT, alpha=0.55, lw=0)
        axes.axhline(level, color=INK, lw=0.9, ls=(0, (4, 2)))
        axes.plot(x, rolling, color=colour, lw=1.6)
        label = f"{percent(level)} interval\nheld {percent(inside.mean(), 1)}"
        ends[label] = (rolling[-1], colour)
        lowest = min(lowest, float(np.nanmin(rolling)), chances[level][0])
    axes.set_ylim(max(0.0, lowest - 0.04), 1.01)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, 0, " %"))
    grey = "; grey: what chance alone allows, 19 times in 20" if chance else ""
    canvas.caption(axes, f"share of actuals inside; dashed: as promised{grey}")
    canvas.label_ends(axes, ends)

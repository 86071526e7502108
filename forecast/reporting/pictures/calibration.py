"""Whether quantiles hold what they promise: the share of actual closes below each, and between."""

from itertools import pairwise

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from forecast.evaluation.answers import QUANTILES
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT
from forecast.reporting.pictures.colours import FAINT, INK, QUIET, colours
from forecast.reporting.pictures.slim import is_slim
from forecast.reporting.selection import Selection

NORMAL = 1.96
Levels = Float[np.ndarray, "quantile"]


def calibration_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Share of actual closes below each quantile and between neighbours, beside the promise."""
    banded = chosen.known.dropna(subset=list(QUANTILES))
    title = f"{chosen.title}: what the quantiles of {chosen.model} promised and held"
    with canvas.styled():
        figure = canvas.sheet(title, chosen.words, note, slim=slim)
        if banded.empty:
            canvas.say(figure, "No quantiles: they need 60 answers with an actual before them.")
            return figure
        levels, held = calibration(banded)
        colour, shaded = colours(chosen.names)[chosen.forecaster], chosen.horizon == 1
        left = canvas.panel(figure, (LEFT, FOOT + 0.02, 0.39, HEAD - FOOT - 0.03), tall=1.9)
        right = canvas.panel(figure, (0.57, FOOT + 0.02, 0.405, HEAD - FOOT - 0.03), tall=1.6)
        _draw_shares(left, levels, held, colour, len(banded) if shaded else 0)
        _draw_bands(right, levels, held, colour)
    return figure


def calibration(rows: pd.DataFrame) -> tuple[Levels, Levels]:
    """Levels of the quantiles, and the share of actual closes at or below each.

    >>> rows = pd.DataFrame({"actual": [1.0, 3.0]} | {name: [2.0, 2.0] for name in QUANTILES})
    >>> calibration(rows)[1].tolist()[0]
    0.5
    """
    shares = [float((rows["actual"] <= rows[name]).mean()) for name in QUANTILES]
    return np.array(list(QUANTILES.values())), np.array(shares)


def _draw_shares(axes: Axes, levels: Levels, held: Levels, colour: str, count: int) -> None:
    """Held over promised; grey: what chance allows `count` independent answers, 19 times in 20."""
    if count:
        chance = NORMAL * np.sqrt(levels * (1 - levels) / count)
        axes.fill_between(levels, levels - chance, levels + chance, color=FAINT, alpha=0.8, lw=0)
    axes.plot([0, 1], [0, 1], color=QUIET, lw=1.0, ls=(0, (4, 2)))
    axes.plot(levels, held, color=colour, marker="o", ms=6, lw=1.2)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1.0, 0, " %"))
    grey = "; grey: chance" * (count > 0)
    canvas.caption(axes, f"share of actual closes below each quantile{grey}")
    axes.set_xlabel("promised")


def _draw_bands(axes: Axes, levels: Levels, held: Levels, colour: str) -> None:
    """A bar for each stretch between neighbouring quantiles, a mark at what it promised."""
    edges = np.r_[0.0, levels, 1.0]
    promised, found = np.diff(edges), np.diff(np.r_[0.0, held, 1.0])
    places = np.arange(len(promised))
    axes.bar(places, found, width=0.72, color=colour, alpha=0.75)
    for place, share in zip(places, promised, strict=True):
        axes.plot([place - 0.45, place + 0.45], [share, share], color=INK, lw=1.6)
    labels = [f"{100 * low:g}\nto {100 * high:g}" for low, high in pairwise(edges)]
    every = 1 if len(labels) <= 7 else 3 if is_slim(axes.figure) else 2
    axes.set_xticks(places[::every], labels[::every])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, 0, " %"))
    axes.set_ylim(0, None)
    canvas.caption(axes, "share between neighbours; strokes: promised")

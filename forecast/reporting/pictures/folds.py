"""The map of folds: the history of each refit, and the sessions asked after it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from forecast.data.prices import Receipt
from forecast.errors import DataError
from forecast.evaluation.folds import Fold, folds
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT
from forecast.reporting.pictures.colours import INK, PALETTE, QUIET, tint
from forecast.reporting.pictures.slim import is_slim
from forecast.reporting.wording import count, plain
from forecast.settings import WalkForward

HISTORY, ASKED = tint(QUIET, 0.4), PALETTE[0]


def fold_picture(
    ticker: str, receipt: Receipt, setting: WalkForward, *, note: str = "", slim: bool = False
) -> Figure:
    """A line for each refit: the sessions it learned from, and those it was asked about."""
    try:
        found = folds(pd.DataFrame(index=pd.RangeIndex(receipt.rows)), setting)
    except DataError:
        found = []
    title = f"{plain(ticker, 30)}: what was history, what was asked, when it was refitted"
    with canvas.styled():
        figure = canvas.sheet(title, _words(found, setting), note, slim=slim)
        if not found:
            canvas.say(figure, "No folds: these prices are too few for these settings.")
            return figure
        axes = canvas.panel(figure, (LEFT, FOOT, 0.93 - LEFT, HEAD - 0.02 - FOOT))
        _draw(axes, found, receipt)
    return figure


def _words(found: list[Fold], setting: WalkForward) -> str:
    asked = sum(len(fold.cutoffs) for fold in found)
    reach = f"the last {count(setting.span, 'session')}" if setting.span else "all before"
    gap = f", but for {count(setting.gap, 'session')}" * (setting.gap > 0)
    return f"{count(asked, 'cutoff')}, {count(len(found), 'refit')}; each learns from {reach}{gap}"


def _draw(axes: Axes, found: list[Fold], receipt: Receipt) -> None:
    """Refits from above to below, sessions from left to right."""
    rows = range(len(found))
    width = float(np.clip(170 / len(found), 0.6, 9))
    learned = [[(fold.start, row), (fold.stop, row)] for row, fold in zip(rows, found, strict=True)]
    asked = [
        [(fold.cutoffs[0] + 1, row), (fold.cutoffs[-1] + 2, row)]
        for row, fold in zip(rows, found, strict=True)
    ]
    for lines, shade in ((learned, HISTORY), (asked, ASKED)):
        axes.add_collection(LineCollection(lines, colors=shade, lw=width, capstyle="butt"))
    axes.set_xlim(-0.01 * receipt.rows, 1.01 * receipt.rows)
    axes.set_ylim(len(found) - 0.2, -0.8)
    axes.set_yticks([0, len(found) - 1][: len(found)], ["first", "last"][: len(found)])
    axes.grid(visible=False)
    first = found[0].cutoffs[0] + 1
    axes.axvline(first, color=INK, lw=0.8, ls=":")
    names = [receipt.first, f"session {first + 1:,}", receipt.last]
    if is_slim(axes.figure):  # where three in a row would meet
        names = [name.replace("-", "\n", 1).replace(" ", "\n") for name in names]
    axes.set_xticks([0, first, receipt.rows], names)
    keys = [Line2D([], [], color=shade, lw=6) for shade in (HISTORY, ASKED)]
    words = ["history, learned from", "asked, not seen before"]
    canvas.key(axes, keys, words)

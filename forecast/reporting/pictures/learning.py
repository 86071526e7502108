"""Learning curves: how the loss fell on what was learned from, and on what was held back."""

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT
from forecast.reporting.pictures.colours import PALETTE, QUIET, colours
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.wording import count, day, plain

LOG_FROM = 10.0
MOST_PANELS = 4
LOSSES = ("training", "validation")

Grid = Float[np.ndarray, "refit epoch"]


def learning_picture(
    ticker: str, curves: pd.DataFrame, *, note: str = "", slim: bool = False
) -> Figure:
    """Training and validation loss by epoch: every refit thin, their median thick.

    `curves` is long, with columns forecaster, cutoff, epoch, training, validation. Where it has no
    rows the picture says so.
    """
    title = f"{plain(ticker, 30)}: learning curves"
    with canvas.styled():
        figure = canvas.sheet(title, _words(curves), note, slim=slim)
        if curves.empty:
            canvas.say(figure, "No learning curves: no forecaster here learns in epochs.")
            return figure
        names: list[str] = curves["forecaster"].unique().tolist()
        shown, gap = names[:MOST_PANELS], 0.06
        width = (0.975 - LEFT - gap * (len(shown) - 1)) / len(shown)
        for place, name in enumerate(shown):
            box = (LEFT + place * (width + gap), FOOT, width, HEAD - 0.03 - FOOT)
            axes = canvas.panel(figure, box)
            _draw(axes, curves[curves["forecaster"] == name], colours(names)[name])
    return figure


def lesson_picture(name: str, curves: pd.DataFrame, unit: str, *, slim: bool) -> Figure:
    """The learning curve of a model of text or a translator, in nats a `unit` (a token).

    `curves` has a row for each judgement and columns training and validation, NaN where no loss is.
    """
    with canvas.styled():
        figure = canvas.sheet(
            f"{plain(name, 30)}: learning curve",
            f"loss in nats a {unit}: how surprised the model is by the next one",
            slim=slim,
        )
        axes = canvas.panel(figure, (LEFT, FOOT, 0.975 - LEFT, HEAD - 0.03 - FOOT))
        for column, colour, label in (
            ("training", QUIET, "read"),
            ("validation", PALETTE[0], "held back"),
        ):
            losses = curves[column].to_numpy("float64")
            some = np.flatnonzero(np.isfinite(losses))
            if some.size:
                axes.plot(some, losses[some], color=colour, lw=2.2, label=label)
                axes.plot(some[-1], losses[some[-1]], "o", color=colour, ms=4)
        axes.set_xlim(0, max(len(curves) - 1, 1))
        axes.set_xlabel("turn, as often as the model was judged")
        axes.legend(loc="upper right")
    return figure


def _words(curves: pd.DataFrame) -> str:
    if curves.empty:
        return ""
    refits = int(curves.groupby("forecaster")["cutoff"].nunique().max())
    when = f"{day(curves['cutoff'].min())} to {day(curves['cutoff'].max())}, " * (refits > 1)
    many = "; thin: one refit; thick: their median while half of them still learn" * (refits > 1)
    loss = "loss: squared error of the scaled target, no unit"
    return f"{when}{count(refits, 'refit')}{many}\n{loss}"


def median_curve(grid: Grid) -> Float[np.ndarray, " epoch"]:
    """Median over refits at each epoch while at least half of them still learn, then NaN.

    >>> median_curve(np.array([[3.0, 2.0, 1.0], [5.0, np.nan, np.nan], [4.0, 3.0, np.nan]]))
    array([4. , 2.5, nan])
    """
    enough = 2 * np.isfinite(grid).sum(axis=0) >= len(grid)
    return np.where(enough, np.nanmedian(np.where(enough, grid, 0.0), axis=0), np.nan)


def _draw(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    shades = {"training": QUIET, "validation": colour}
    epochs = np.sort(rows["epoch"].unique()).astype("float64")
    shown: list[Grid] = []
    for loss in LOSSES:
        grid = _grid(rows, loss)
        if np.isfinite(grid).any():
            shown.append(grid)
            _draw_loss(axes, epochs, grid, shades[loss], loss)
    axes.set_xlim(epochs[0], max(epochs[-1], epochs[0] + 1))
    axes.autoscale(axis="y")
    values = np.concatenate([grid[np.isfinite(grid)] for grid in shown])
    if values.min() > 0 and values.max() / values.min() > LOG_FROM:
        axes.set_yscale("log")
    axes.legend(loc="upper right", fontsize=9.5)
    canvas.caption(axes, drawable(rows["forecaster"].iloc[0], 24))
    axes.set_xlabel("epoch")


def _grid(rows: pd.DataFrame, loss: str) -> Grid:
    """Losses of each refit, oldest first, at each epoch; NaN where it learned no longer."""
    cutoffs, refit = np.unique(rows["cutoff"].to_numpy(), return_inverse=True)
    epochs, epoch = np.unique(rows["epoch"].to_numpy(), return_inverse=True)
    grid = np.full((len(cutoffs), len(epochs)), np.nan)
    grid[refit, epoch] = rows[loss].to_numpy("float64")
    return grid


def _draw_loss(
    axes: Axes, epochs: Float[np.ndarray, " epoch"], grid: Grid, shade: str, loss: str
) -> None:
    thin = [np.c_[epochs, curve][np.isfinite(curve)] for curve in grid]
    axes.add_collection(LineCollection(thin, colors=shade, lw=0.6, alpha=0.35))
    axes.plot(epochs, median_curve(grid), color="white", lw=4.5)
    axes.plot(epochs, median_curve(grid), color=shade, lw=2.4, label=loss)

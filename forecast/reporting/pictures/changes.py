"""Forecast change against actual change, in size and direction."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import LEFT
from forecast.reporting.pictures.colours import FAINT, INK, QUIET, colours
from forecast.reporting.pictures.slim import is_slim
from forecast.reporting.selection import Selection
from forecast.reporting.wording import percent

Changes = Float[np.ndarray, " row"]

LEAST_REACH = 0.02
RASTER_FROM = 1500


def changes_picture(chosen: Selection, *, note: str = "", slim: bool = False) -> Figure:
    """Each answer's change from the last close, forecast over actual, at one scale and enlarged."""
    rows = chosen.known
    actual = 100 * (rows["actual"] / rows["last"] - 1).to_numpy()
    said = 100 * (rows["forecast"] / rows["last"] - 1).to_numpy()
    colour = colours(chosen.names)[chosen.forecaster]
    title = f"{chosen.title}: change forecast by {chosen.model} and actual change"
    reach = max(_reach(actual), _reach(said))
    with canvas.styled():
        figure = canvas.sheet(title, f"{chosen.words}\n{agreement(actual, said)}", note, slim=slim)
        left = canvas.panel(figure, (LEFT, 0.125, 0.37, 0.37 * 10 / 5.6), 1.9)
        right = canvas.panel(figure, (0.60, 0.125, 0.37, 0.37 * 10 / 5.6), 1.9)
        right.yaxis.set_label_coords(-0.17, 0.5)
        _scatter(left, actual, said, colour, (reach, reach))
        _scatter(right, actual, said, colour, (reach, _reach(said)))
        left.plot([-reach, reach], [-reach, reach], color=QUIET, lw=1.0, ls=(0, (4, 2)))
        canvas.caption(left, "one scale for both; dashed: a perfect forecast")
        canvas.caption(right, "forecast axis stretched; shaded: right direction")
    return figure


def agreement(actual: Changes, said: Changes) -> str:
    """Correlation, and share of right directions beside the share of rises, in words.

    Rows where either change is zero have no direction and are left out of both shares.

    >>> agreement(np.array([1.0, -1.0, 2.0, 0.0]), np.array([0.1, 0.1, 0.2, 0.1]))
    'correlation +0.77; right direction in 67 % of 3 (67 % rose)'
    """
    moved = (actual != 0) & (said != 0)
    if not moved.any() or _constant(said) or _constant(actual):
        return "no correlation: every forecast, or every actual, changes by the same amount"
    right = float((actual[moved] * said[moved] > 0).mean())
    rose = float((actual[moved] > 0).mean())
    return (
        f"correlation {np.corrcoef(actual, said)[0, 1]:+.2f}; right direction in"
        f" {percent(right)} of {moved.sum():,} ({percent(rose)} rose)"
    )


def _constant(changes: Changes) -> bool:
    return bool(changes.min() == changes.max())


def _reach(changes: Changes) -> float:
    return 1.06 * max(float(np.max(np.abs(changes))), LEAST_REACH)


def _scatter(
    axes: Axes, actual: Changes, said: Changes, colour: str, reach: tuple[float, float]
) -> None:
    """Points over zero lines; the quadrants where both changes have one sign are shaded."""
    wide, high = reach
    for sign in (-1, 1):
        axes.fill_between([0, sign * wide], 0, sign * high, color=FAINT, alpha=0.5, lw=0)
    axes.axhline(0, color=INK, lw=0.7)
    axes.axvline(0, color=INK, lw=0.7)
    axes.plot(
        actual,
        said,
        ls="",
        marker="o",
        ms=3.4,
        mew=0,
        color=colour,
        alpha=float(np.clip(12 / np.sqrt(len(actual)), 0.2, 0.7)),
        rasterized=len(actual) > RASTER_FROM,
    )
    axes.set_xlim(-wide, wide)
    axes.set_ylim(-high, high)
    axes.grid(visible=False)
    since = "" if is_slim(axes.figure) else " from the last close"
    axes.set_xlabel(f"actual change{since}, %")
    axes.set_ylabel(f"forecast change{since}, %")

"""The look that all pictures share: the sheet, its words, the way to bytes.

No pyplot, and outside `styled` no setting is touched or obeyed: a picture is the same under any
matplotlibrc.
"""

import contextlib
import io
import logging
import warnings
from collections.abc import Generator, Sequence
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from forecast.reporting.pictures.colours import FAINT, INK, QUIET, deep
from forecast.reporting.pictures.lettering import FONT, drawable, further_fonts
from forecast.reporting.pictures.slim import SLIM, entitle, is_slim, settle

_fonts_log = logging.getLogger("matplotlib.font_manager")
LEFT, RIGHT, FOOT, HEAD = 0.075, 0.855, 0.12, 0.80
SIZE, DOTS = (10.0, 5.6), 144

_LOOK: dict[Any, Any] = {
    "font.size": 10.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "legend.borderaxespad": 0.0,
    "legend.borderpad": 0.0,
    "svg.fonttype": "none",  # words stay words: to search, to copy, to be read aloud
    "svg.hashsalt": "forecast",
}


@contextlib.contextmanager
def styled() -> Generator[None, None, None]:
    """Draw inside this: our look over matplotlib's own defaults, and afterwards all as before.

    A font that has no bold is drawn as it is, without matplotlib's remark on it.
    """
    defaults: dict[Any, Any] = {
        key: value for key, value in mpl.rcParamsDefault.items() if key != "backend"
    }
    with mpl.rc_context():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", mpl.MatplotlibDeprecationWarning)
            mpl.rcParams.update(defaults)
        # Of a family such as sans-serif the first font alone is taken; others have to be named.
        families = ["sans-serif", *further_fonts()]
        mpl.rcParams.update({**_LOOK, "font.family": families, "font.sans-serif": [FONT]})
        level = _fonts_log.level
        _fonts_log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            _fonts_log.setLevel(level)


def sheet(title: str, subtitle: str, note: str = "", *, slim: bool = False) -> Figure:
    """An empty sheet of 10 by 5.6 inches with its words at the edges; a subtitle may have lines.

    A `slim` one is part of a page that shows these words itself: 3.9 inches wide and as high as
    its panels, which lie one below the other.
    """
    figure = Figure(figsize=(SLIM, SLIM) if slim else SIZE, dpi=DOTS, facecolor="white")
    lines = "\n".join(drawable(line, 120) for line in subtitle.split("\n"))
    title = drawable(title, 100)
    size = min(14.0, 1000 / len(title))
    words = [
        figure.text(LEFT, 0.965, title, fontsize=size, fontweight="bold", va="top", gid="title"),
        figure.text(LEFT, 0.905, lines, color=QUIET, va="top", gid="words"),
    ]
    note = drawable(note, 120)
    words.append(figure.text(0.985, 0.012, note, fontsize=8, color=QUIET, ha="right", gid="note"))
    for each in words:
        each.set_visible(not slim)
    return figure


def caption(axes: Axes, words: str) -> None:
    """What a panel shows, above it."""
    entitle(axes, "\n".join(wrap(words, 44)) if is_slim(axes.figure) else words, 6)


def key(axes: Axes, *named: Any) -> None:
    """The legend, above a panel; `named` are handles and their labels, where given."""
    words = named[1] if named else axes.get_legend_handles_labels()[1]
    columns, slim = 5, is_slim(axes.figure)
    if slim:
        columns = 2 if max(map(len, words)) < 18 else 1
    legend = axes.legend(
        *named,
        loc="lower left",
        bbox_to_anchor=(0, 1.02),
        ncols=columns,
        columnspacing=1.6,
        handlelength=1.4 if slim else None,
    )
    if slim:
        legend.set_gid(f"{-(-len(words) // columns)}")  # rows that `settle` has to make room for


def say(figure: Figure, sentence: str) -> None:
    """A sentence where a picture would be, when there is nothing to draw."""
    slim, words = is_slim(figure), drawable(sentence, 120)
    lines, (x, y) = (wrap(words, 42), (0.0, 0.9)) if slim else ([words], (LEFT, 0.5))
    figure.text(x, y, "\n".join(lines), color=QUIET, fontsize=12, va="top" if slim else "baseline")


def panel(figure: Figure, box: tuple[float, float, float, float], tall: float = 2.1) -> Axes:
    """Axes at (left, bottom, width, height) in shares of a wide sheet.

    On a slim one they lie below those before them, as wide as there is room and `tall` inches high.
    The places of its words are given: looking for free ones takes a fifth of the drawing.
    """
    if is_slim(figure):
        box = (0.0, 0.0, 1.0, tall / figure.get_figheight())
    axes = figure.add_axes(box)
    axes.xaxis.set_label_coords(0.5, -0.085)
    axes.yaxis.set_label_coords(-0.125, 0.5)
    axes.set_title("", y=1.0)
    return axes


def label_ends(axes: Axes, ends: dict[str, tuple[float, str]]) -> None:
    """Words at the right edge, each at its height and in its colour, moved apart where they'd meet.

    `ends` maps each text to (height in data units, colour). On a slim sheet they are a key.
    """
    if is_slim(axes.figure):
        lines = [Line2D([], [], color=colour, lw=2.0) for _, colour in ends.values()]
        key(axes, lines, [" ".join(text.split()) for text in ends])
        return
    axes.autoscale_view()  # limits that were not set are otherwise found only when it is drawn
    to_share = axes.transLimits.transform
    order = sorted(ends, key=lambda text: ends[text][0])
    wanted = [float(to_share((0.0, ends[text][0]))[1]) for text in order]
    lines = max(text.count("\n") + 1 for text in ends)
    line = 13.5 * lines / (72 * axes.get_position().height * SIZE[1])
    for text, height in zip(order, spread(wanted, line), strict=True):
        axes.text(
            1.015,
            height,
            text,
            color=deep(ends[text][1]),
            transform=axes.transAxes,
            va="center",
            fontsize=9.5,
        )


def spread(heights: Sequence[float], gap: float) -> list[float]:
    """Rising heights moved as little as need be so that each is `gap` above the one before it.

    >>> spread([0.0, 0.5, 0.5], gap=0.2)
    [0.0, 0.4, 0.6]
    """
    groups: list[list[float]] = []
    for height in heights:
        groups.append([height])
        while (
            len(groups) > 1
            and _middle(groups[-1]) - _middle(groups[-2])
            < gap * (len(groups[-1]) + len(groups[-2])) / 2
        ):
            last = groups.pop()
            groups[-1] += last
    return [
        _middle(group) + gap * (place - (len(group) - 1) / 2)
        for group in groups
        for place in range(len(group))
    ]


def _middle(group: list[float]) -> float:
    return sum(group) / len(group)


def png(figure: Figure) -> bytes:
    """The picture as PNG, the same bytes each time."""
    stream = io.BytesIO()
    quick = {"compress_level": 3}
    with styled():
        figure.savefig(stream, format="png", metadata={"Software": None}, pil_kwargs=quick)
    return stream.getvalue()


def svg(figure: Figure) -> bytes:
    """The picture as SVG, the same bytes each time."""
    stream = io.BytesIO()
    with styled():
        if is_slim(figure):
            settle(figure)
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return stream.getvalue()

"""A slim sheet: as wide as a phone or as half of a page, its panels one below the other."""

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure, FigureBase

from forecast.reporting.pictures.colours import QUIET

# In inches, of a sheet as wide as a phone or as half a page: its width, its right margin, what a
# line of words takes, what a letter takes, and how high each letter of a leaning word reaches.
SLIM, EDGE, LINE, LETTER, SLOPE = 3.9, 0.26, 0.19, 0.086, 0.065


def is_slim(figure: FigureBase | None) -> bool:
    """Whether a figure is a slim sheet."""
    return isinstance(figure, Figure) and bool(figure.get_figwidth() == SLIM)


def entitle(axes: Axes, words: str, pad: float) -> None:
    """Put words above a panel, `pad` points higher."""
    axes.set_title(words, loc="left", fontsize=9.5, color=QUIET, pad=pad, y=1.0)


def settle(figure: Figure) -> None:
    """Give each panel of a slim sheet the room its words need, and the sheet its height."""
    tall = [axes.get_position().height * figure.get_figheight() for axes in figure.axes]
    indent = max(map(_room_beside, figure.axes), default=0.0)
    width = SLIM - indent - EDGE
    above = [_room_above(axes) for axes in figure.axes]
    below = [_room_below(axes, height) for axes, height in zip(figure.axes, tall, strict=True)]
    high = sum((*tall, *above, *below)) or LINE * 3
    figure.set_size_inches(SLIM, high)
    top = high
    for axes, height, head, foot in zip(figure.axes, tall, above, below, strict=True):
        top -= head + height
        axes.set_position((indent / SLIM, top / high, width / SLIM, height / high))
        axes.yaxis.set_label_coords((0.15 - indent) / width, 0.5)
        top -= foot


def _room_beside(axes: Axes) -> float:
    """Inches for the numbers or words at the left of a panel, and the word for them."""
    lines = [line for words in _labels(axes.yaxis) for line in words.split("\n")]
    return 0.14 + LETTER * max(map(len, lines), default=0) + LINE * bool(axes.get_ylabel())


def _labels(axis: Axis) -> list[str]:
    return axis.get_major_formatter().format_ticks(axis.get_majorticklocs().tolist())


def _room_above(axes: Axes) -> float:
    """Inches for the caption of a panel and the key below that."""
    legend, title = axes.get_legend(), axes.get_title("left")
    rows = int((legend and legend.get_gid()) or 0)
    if rows and title:
        entitle(axes, title, 6 + 72 * LINE * rows)
    lines = title.count("\n") + 1 if title else 0
    leaning = axes.get_xticklabels() if axes.xaxis.get_tick_params().get("labeltop") else []
    longest = max((len(label.get_text()) for label in leaning), default=0)
    return 0.1 + LINE * (rows + lines) + SLOPE * longest


def _room_below(axes: Axes, height: float) -> float:
    """Inches for the numbers below a panel and the word for them, whose place is set."""
    lines = max((words.rstrip().count("\n") + 1 for words in _labels(axes.xaxis)), default=0)
    room = 0.1 + LINE * lines * bool(axes.xaxis.get_tick_params()["labelbottom"])
    axes.xaxis.set_label_coords(0.5, -(room + 0.03) / height)
    return room + LINE * bool(axes.get_xlabel()) + 0.05

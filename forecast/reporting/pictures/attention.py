"""The attention of a translator: a row for each token written, a column for each one read."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from forecast.reporting.lesson import Looked
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.colours import PALETTE
from forecast.reporting.pictures.lettering import drawable
from forecast.reporting.wording import plain

LONGEST = 14  # characters of a token that are shown
TOP, BOTTOM, SIDE, BETWEEN = 0.70, 0.05, 0.10, 0.11
SHADES = LinearSegmentedColormap.from_list("looks", ["white", PALETTE[0]], N=16)


def attention_picture(name: str, looks: Sequence[Looked], *, slim: bool = False) -> Figure:
    """One panel for each translation; the darker, the more of a source token was looked at."""
    with canvas.styled():
        figure = canvas.sheet(
            f"{plain(name, 30)}: what was looked at",
            "each row: a token written, from top to bottom; each column: a token read;"
            " a row sums to 1",
            slim=slim,
        )
        if not looks:
            canvas.say(figure, "No attention: this translator sees the sentence's end only.")
        width = (0.985 - SIDE - BETWEEN * (len(looks) - 1)) / max(len(looks), 1)
        for place, look in enumerate(looks):
            box = (SIDE + place * (width + BETWEEN), BOTTOM, width, TOP - BOTTOM)
            _draw(canvas.panel(figure, box, tall=2.4), look)
    return figure


def _draw(axes: Axes, look: Looked) -> None:
    # As shapes and not as an image: a page can turn their colours for the night.
    axes.pcolormesh(look.shares, cmap=SHADES, vmin=0.0, vmax=1.0)
    axes.invert_yaxis()
    size = min(9.0, 110 / max(len(look.source), len(look.target)))
    axes.xaxis.tick_top()
    axes.set_xticks(_middles(look.source), list(map(_short, look.source)), fontsize=size)
    axes.set_yticks(_middles(look.target), list(map(_short, look.target)), fontsize=size)
    for label in axes.get_xticklabels():
        label.set(rotation=55, ha="left", rotation_mode="anchor")
    axes.tick_params(length=0, pad=3)
    axes.grid(visible=False)


def _middles(tokens: Sequence[str]) -> list[float]:
    return [place + 0.5 for place in range(len(tokens))]


def _short(token: str) -> str:
    return drawable(token, LONGEST)

"""The learning curve of a model of text: the loss on what it reads and on what is held back."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from forecast.reporting import canvas
from forecast.reporting.canvas import FOOT, HEAD, LEFT
from forecast.reporting.colours import QUIET, colours
from forecast.reporting.wording import plain

Losses = Float[np.ndarray, " epoch"]


def text_picture(
    name: str, training: Losses, validation: Losses, unit: str, *, slim: bool = False
) -> Figure:
    """Loss after each epoch in nats a token, NaN where there is none; a `unit` is such a token."""
    with canvas.styled():
        figure = canvas.sheet(
            f"{plain(name, 30)}: learning curve",
            f"loss in nats a {unit}: how surprised the model is by the next one",
            slim=slim,
        )
        axes = canvas.panel(figure, (LEFT, FOOT, 0.975 - LEFT, HEAD - 0.03 - FOOT))
        epochs = np.arange(len(training))
        named = colours(["validation"])["validation"]
        for losses, colour, label in (
            (training, QUIET, "read"),
            (validation, named, "held back"),
        ):
            some = np.isfinite(losses)
            if some.any():
                axes.plot(epochs[some], losses[some], color=colour, lw=2.2, label=label)
                end = int(np.flatnonzero(some)[-1])
                axes.plot(epochs[end], losses[end], "o", color=colour, ms=4)
        axes.set_xlim(0, max(len(training) - 1, 1))
        axes.set_xlabel("turn, as often as the model was judged")
        axes.legend(loc="upper right")
    return figure

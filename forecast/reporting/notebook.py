"""Progress bars in notebooks; silent everywhere else, where the caller may pass his own."""

import sys
import time
from importlib import import_module
from typing import Any

from forecast.progress import Progress, Told, silent

PAUSE = 0.2


def progress(label: str) -> Progress:
    """A bar under the cell that runs, in a notebook; else silence."""
    return _Bar(label) if _in_notebook() else silent


class Watch:
    """The same for training that reports the share of its course that is done."""

    def __init__(self, label: str) -> None:
        self._bar = progress(label)

    def __call__(self, told: Told) -> None:
        self._bar(round(100 * told.moment.share), 100)


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this; loads nothing where none does."""
    if "IPython" not in sys.modules:
        return False
    shell = import_module("IPython").get_ipython()
    return getattr(shell, "kernel", None) is not None


class _Bar:
    """Called with (done, total), it redraws itself at most five times a second."""

    def __init__(self, label: str) -> None:
        self._label, self._next = label, 0.0
        self._shown: Any = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now < self._next:
            return
        self._next = now + PAUSE
        display = import_module("IPython.display")
        bar = f'<progress value="{done:d}" max="{total:d}"></progress>'
        html = display.HTML(f"<label>{self._label} {bar} {done:d} of {total:d}</label>")
        if self._shown is None:
            self._shown = display.display(html, display_id=True)
        else:
            self._shown.update(html)

"""Progress on stderr: a bar on a terminal, elsewhere a line now and then."""

import os
import sys
import time

import click

from forecast.cli.command import QUIET, said
from forecast.errors import printable
from forecast.progress import Told

WIDTH, PAUSE, RARELY = 30, 0.1, 10.0  # characters; seconds between two looks at a bar, two lines


class Bar:
    """Called inside `with` by (done, total); `done` starts again with each part of the work.

    On a terminal it redraws itself, at most ten times a second; elsewhere it is a line every ten
    seconds.
    """

    def __init__(self, label: str) -> None:
        self._label, self._quiet, self._drawn = label, said(QUIET), _on_terminal()
        self._begin()
        self._next = self._began + (0.0 if self._drawn else RARELY)

    def _begin(self) -> None:
        self._began, self._done = time.monotonic(), 0

    def __call__(self, done: int, total: int) -> None:
        if done < self._done:
            self._begin()
        self._done, now = done, time.monotonic()
        if self._quiet or (now < self._next and not (self._drawn and done == total)):
            return
        self._next = now + (PAUSE if self._drawn else RARELY)
        left = time_left(now - self._began, done / total)
        if self._drawn:
            full = "#" * (WIDTH * done // total)
            line = f"\r{self._label} [{full:<{WIDTH}}] {done}/{total}{left}\033[K"
            click.echo(line, err=True, nl=False)
        else:
            click.echo(f"{self._label}: {done} of {total}{left}", err=True)

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *_: object) -> None:
        """Take the bar away, so that what comes next starts on a clean line."""
        if self._drawn and not self._quiet:
            click.echo("\r\033[K", err=True, nl=False)


class Lines:
    """A line after each judgement, now and then with an example; fewer without a terminal."""

    def __init__(self, unit: str) -> None:
        self._unit, self._quiet, self._pause = unit, said(QUIET), 0.0 if _on_terminal() else RARELY
        self._next = time.monotonic() + self._pause
        self._shown = time.monotonic()

    def __call__(self, told: Told) -> None:
        moment, now = told.moment, time.monotonic()
        if self._quiet or not moment.epoch or now < self._next:
            return
        self._next = now + self._pause
        learned, held = moment.losses
        click.echo(
            f"{moment.share:4.0%}  {self._unit} {moment.epoch}  loss {learned:.3f}"
            + (f"  held back {held:.3f}" if held == held else "")
            + f"  {told.rate:,.0f} tokens/s{time_left(moment.seconds, moment.share)}",
            err=True,
        )
        if now - self._shown > RARELY and not self._pause:
            self._shown = now
            example = printable(told.example(), kept="\n\t")
            click.echo(f"  | {example}".replace("\n", "\n  | "), err=True)


def time_left(spent: float, share: float) -> str:
    """The time that the rest will take, in words after a comma, once that can be guessed.

    >>> time_left(spent=30.0, share=0.25), time_left(3600.0, 0.1), time_left(0.1, 0.0)
    (', 90 s left', ', 9.0 h left', '')
    """
    if share <= 0 or share >= 1 or spent < 1:
        return ""
    left = spent * (1 - share) / share
    if left < 100:
        return f", {left:.0f} s left"
    return f", {left / 60:.0f} min left" if left < 6000 else f", {left / 3600:.1f} h left"


def _on_terminal() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

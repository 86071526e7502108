"""A bar on stderr while work goes on; silent when asked to be, or when stderr is no terminal."""

import sys
import time

import click

WIDTH, PAUSE = 30, 0.1


class Bar:
    """Called with (done, total), it redraws itself at most ten times a second."""

    def __init__(self, label: str, *, quiet: bool) -> None:
        self._label, self._shown, self._next = label, not quiet and sys.stderr.isatty(), 0.0

    def __call__(self, done: int, total: int) -> None:
        if self._shown and (done == total or time.monotonic() >= self._next):
            self._next = time.monotonic() + PAUSE
            full = "#" * (WIDTH * done // total)
            click.echo(f"\r{self._label} [{full:<{WIDTH}}] {done}/{total}", err=True, nl=False)

    def clear(self) -> None:
        """Take the bar away, so that the result starts on a clean line."""
        if self._shown:
            click.echo("\r\033[K", err=True, nl=False)

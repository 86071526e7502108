"""The class of our commands: each has the options of verbosity, and its help groups the others."""

import logging
import time
from collections.abc import Sequence
from typing import Any

import click

QUIET, VERBOSE, DEBUG = "quiet", "verbose", "debug"
FILE = "forecast.settings_file"  # the one that a context takes defaults from


def said(word: str) -> bool:
    """Whether the command line that runs has said `--quiet`, `--verbose` or `--debug`."""
    return bool(click.get_current_context().meta.get(f"forecast.{word}"))


def variable(option: str) -> str:
    """The environment variable that chooses an option.

    >>> variable("--learning-rate")
    'FORECAST_LEARNING_RATE'
    """
    return "FORECAST_" + option.strip("-").replace("-", "_").upper()


class Setting(click.Option):
    """An option made from a field of a settings record; the help lists it under `about`."""

    def __init__(self, declared: Sequence[str], about: str, **attributes: Any) -> None:
        super().__init__(declared, **attributes)
        self.about = about


class _Voice(click.Option):
    """An option of verbosity, which every command has."""

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(
            [f"--{word}"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=self._note,
            envvar=variable(word),
            help=sentence,
        )

    def _note(self, context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
        name = f"forecast.{self.name}"
        if value and self.name == VERBOSE and not context.meta.get(name):
            _tell_what_is_done(context.find_root())
        context.meta[name] = value or context.meta.get(name, False)


VOICES = (
    _Voice(QUIET, "Print no progress."),
    _Voice(VERBOSE, "Say on stderr what is done, and at which second."),
    _Voice(DEBUG, "Show the traceback of an error."),
)


class Command(click.Command):
    """A command with the options of verbosity, and with its other options grouped in the help."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *own, help_option = super().get_params(ctx)
        return [*own, *VOICES, help_option]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for each in self.get_params(ctx):
            told = each.get_help_record(ctx) if isinstance(each, click.Option) else None
            if told is not None:
                about = each.about if isinstance(each, Setting) else "Options"
                groups.setdefault(about, []).append(told)
        for about in sorted(groups, key=lambda about: about != "Options"):
            with formatter.section(about):
                formatter.write_dl(groups[about])


class _Seconds(logging.Handler):
    """Writes each record of the log on stderr, after the seconds since the start."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.began = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        spent = time.monotonic() - self.began
        click.echo(f"{spent:7.2f} s  {' '.join(record.getMessage().split())}", err=True)


def _tell_what_is_done(context: click.Context) -> None:
    """Write the log on stderr until the context ends."""
    logger, handler = logging.getLogger("forecast"), _Seconds()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)

    def end() -> None:
        logger.removeHandler(handler)
        logger.setLevel(before)

    context.call_on_close(end)

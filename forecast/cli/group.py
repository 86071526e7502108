"""The command group: how a program ends. Our errors become one line and their exit code.

| exit code | after |
|---|---|
| 2 to 8 | an error of ours, by `forecast.errors`; usage is 2 |
| 1 | a mistake of the program itself: its traceback is kept in a file, whose place is said |
| 7 | also where the system refuses memory |
| 6 | also where the system refuses a file or the output, as on a full disk |
| 130, 143 | Ctrl-C, a request to end (SIGTERM) |
| 0 | also when nobody reads the output any more, as in `forecast data list | head` |
"""

import os
import signal
import sys
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from types import FrameType
from typing import Any, NoReturn

import click
from click.core import ParameterSource

from forecast.cli.command import DEBUG, FILE, Command, said
from forecast.errors import (
    ENDED,
    INTERRUPTED,
    ForecastError,
    OutputError,
    TrainingError,
    printable,
)

MISTAKE = 1
LONGEST = 2000
VARIABLES, CACHE, ALIKE = "FORECAST_", "FORECAST_CACHE", 0.75


class Commands(click.Group):
    """A group whose errors end the program with the exit codes of this module."""

    command_class = Command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with the nearest name beside one that does not exist."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            near = get_close_matches(args[0], names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            ctx.fail(f"no command is named {args[0]!r}; {hint}.")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if ctx.parent is not None:
            return super().parse_args(ctx, args)
        try:
            return super().parse_args(ctx, args)
        except click.exceptions.NoArgsIsHelpError:
            raise
        except click.UsageError as error:
            _say(_complaint(error, ctx))
            ctx.exit(error.exit_code)

    def invoke(self, ctx: click.Context) -> Any:
        if ctx.parent is not None:
            return super().invoke(ctx)
        for name, near in _misspelt(self):
            _say(f"no setting is named {name}, so it is left alone; did you mean {near}?")
        try:
            with _ending():
                return super().invoke(ctx)
        except click.exceptions.NoArgsIsHelpError:
            raise  # a group named alone shows its help
        except click.UsageError as error:
            _say(_complaint(error, error.ctx or ctx))
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (Exception, KeyboardInterrupt) as error:
            if said(DEBUG) and isinstance(error, Exception):
                raise
            ctx.exit(exit_code(error))


def exit_code(error: BaseException) -> int:
    """Say what was raised, and return the exit code for it."""
    if isinstance(error, KeyboardInterrupt):
        _say("interrupted")
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        # What is still to be flushed goes nowhere, without a complaint at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if isinstance(error, ForecastError):
        _say(str(error))
        return error.exit_code
    if isinstance(error, OSError):
        place = f"{str(error.filename)!r}" if error.filename else "the output"
        _say(f"{place} cannot be used: {error.strerror or type(error).__name__}; choose another")
        return OutputError.exit_code
    if _is_of_memory(error):
        _say(f"memory is used up ({_one_line(error)}); lower --memory, or ask for less at once")
        return TrainingError.exit_code
    _say(f"a mistake in the program: {_one_line(error)}{_kept(error)}")
    return MISTAKE


def _is_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was refused, which torch says in words alone."""
    said = "allocate memory" in str(error) or "out of memory" in str(error)
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and said)


@contextmanager
def _ending() -> Generator[None]:
    """A request to end unwinds the program as Ctrl-C does, so that nothing stays half-written."""

    def end(_: int, __: FrameType | None) -> NoReturn:
        raise SystemExit(ENDED)

    before = signal.getsignal(signal.SIGTERM)
    try:
        signal.signal(signal.SIGTERM, end)
    except ValueError:  # not the main thread, which alone may set it
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(line: str) -> None:
    plain = printable(" ".join(line.split()))
    cut = plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}..."
    with suppress(OSError):  # where nothing can be said, the exit code still tells it
        click.echo(f"forecast: {cut}", err=True)


def _misspelt(program: click.Command) -> Iterator[tuple[str, str]]:
    """Variables named almost like one of ours, each with that one."""
    given = sorted(name for name in os.environ if name.startswith(VARIABLES))
    known = {CACHE, *_variables(program)} if given else set[str]()
    ours = [name.removeprefix(VARIABLES) for name in known]
    for name in given:
        if name not in known:
            for near in get_close_matches(name.removeprefix(VARIABLES), ours, 1, ALIKE):
                yield name, VARIABLES + near


def _variables(command: click.Command) -> Iterator[str]:
    """The variables that choose an option of a command, or of one in the group."""
    for each in command.params:
        if isinstance(each.envvar, str):
            yield each.envvar
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _variables(inner)


def _complaint(error: click.UsageError, context: click.Context) -> str:
    """What is wrong with a command line, or with a variable, and where to read on."""
    option, told = getattr(error, "param", None), error.format_message()
    told += "" if told.endswith((".", "?", ")")) else "."
    source = context.get_parameter_source(option.name) if option else None
    if option and source is ParameterSource.ENVIRONMENT:
        told += f" It comes from the variable {option.envvar}."
    if source is ParameterSource.DEFAULT_MAP:
        told += f" It comes from {context.meta[FILE]}."
    return f"{told} See {context.command_path} --help."


def _one_line(error: BaseException) -> str:
    told = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {told}" if told else type(error).__name__


def _kept(error: BaseException) -> str:
    """Keep the traceback in a file, and say where."""
    from forecast.data import known

    place = known.cache() / "mistake.txt"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        return "; run again with forecast --debug to see where"
    return f"; its traceback is in {str(place)!r}; please report it"

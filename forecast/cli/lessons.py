"""What learning a text and learning pairs have in common: how it begins, is written and ends."""

import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from forecast.errors import INTERRUPTED, printable

if TYPE_CHECKING:
    from forecast.lessons import Choices, Data
    from forecast.text import TextResult
    from forecast.training.followed import Learning
    from forecast.translation import TranslationResult


@contextmanager
def begun(
    data: "Data", settings: "Choices", files: Iterable[str], out: str, *, resume: bool
) -> "Generator[Learning, None, None]":
    """How to learn the data of these files until asked to stop; to `resume`, from where it stopped.

    The files are spared, and the result folder is there before anything is learned.
    """
    from dataclasses import replace

    from forecast.data.files import prepared, spare
    from forecast.lessons import going_on, place_of
    from forecast.training.interrupt import asked_to_stop

    place = place_of(data, out)
    spare(files, place)
    with prepared([place]):
        how = going_on(data, settings, out, resume=resume)
        if resume and how.start is None:
            click.echo("nothing was kept; learning begins anew", err=True)
        yield replace(how, stopping=asked_to_stop)


def reported(
    result: "TextResult | TranslationResult", words: list[str], settings: "Choices", out: str
) -> dict[str, Any]:
    """What was learned, as JSON values, once the result folder is written.

    It interrupts, and leaves the folder as it is, where learning was stopped before anything was
    better than at its beginning.
    """
    from forecast.reporting.command import line

    scores = result.scores()
    if scores["stopped"] and not scores["best"]:
        raise KeyboardInterrupt
    place = result.report(out, command=line(words, settings))
    return scores | {"folder": str(place), "seconds": round(result.seconds, 1)}


def end_stopped(told: Mapping[str, Any]) -> None:
    """End the program as Ctrl-C does where learning was stopped, and say what is there."""
    if told["stopped"]:
        there = f"{told['folder']!r} holds the best so far, and forecast plot draws its page"
        click.echo(f"forecast: interrupted; {printable(there)}; go on with --resume", err=True)
        sys.exit(INTERRUPTED)

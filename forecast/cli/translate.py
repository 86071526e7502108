"""`forecast translate`: learn to translate from pairs of sentences, and translate."""

import json
import sys
from typing import TYPE_CHECKING

import click

from forecast.cli.complete import corpora
from forecast.cli.group import Commands
from forecast.cli.lessons import begun, end_stopped, reported
from forecast.cli.options import Chosen, as_json, encoding, model, options, out
from forecast.cli.progress import Lines
from forecast.errors import printable
from forecast.settings import Compute
from forecast.translation_settings import (
    TranslatorKind,
    TranslatorSettings,
    TranslatorTraining,
    Writing,
)

if TYPE_CHECKING:
    from forecast.data.pairs import Pairs

ROOM = """\b
Examples:
  forecast translate fit korean --epochs 40
  forecast translate run "I feel hungry."
"""
FIT = """\b
Examples:
  forecast translate fit korean --epochs 60
  forecast translate fit korean --target-first --minutes 0.05 --hidden 64
  forecast translate fit german.txt --target-file english.txt --level char
"""
RUN = """\b
Examples:
  forecast translate run "I feel hungry."
  forecast translate run --beam 1 --model korean -
"""
SCORE = """\b
Examples:
  forecast translate score korean
  forecast translate score german.txt --target-file english.txt --tokenize none --json
"""

target_file = click.option(
    "--target-file", metavar="FILE", help="Translations, line by line, in a file of their own."
)
source_first = click.option(
    "--source-first/--target-first",
    default=True,
    help="Which language stands first, in a line or as a file.",
)


@click.group(cls=Commands, epilog=ROOM)
def translate() -> None:
    """Learn to translate from pairs of sentences, and translate."""


@translate.command(epilog=FIT)
@click.argument("pairs", metavar="PAIRS", shell_complete=corpora)
@target_file
@source_first
@encoding
@click.option("--resume", is_flag=True, help="Go on where learning from these pairs stopped.")
@options(TranslatorKind, TranslatorTraining, Compute)
@out
@as_json
def fit(  # noqa: PLR0913 - one for each option that is no setting
    pairs: str,
    target_file: str | None,
    encoding: str,
    chosen: Chosen,
    out: str,
    *,
    source_first: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """Learn to translate from pairs of sentences.

    PAIRS is a file with a sentence, a tab and its translation on each line, or the name of bundled
    pairs. Ctrl-C keeps the best so far, and --resume goes on.
    """
    from dataclasses import replace

    from forecast import translation

    settings = TranslatorSettings(kind=chosen[TranslatorKind], training=chosen[TranslatorTraining])
    read = _read(pairs, target_file, encoding, source_first=source_first)
    files = filter(None, [pairs, target_file])
    with begun(read, settings, files, out, resume=resume) as begin:
        how = replace(begin, compute=chosen[Compute], watch=Lines("epoch"))
        result = translation.fit(read, settings, how)
    words = ["forecast", "translate", "fit", pairs, *_files(target_file, encoding)]
    words += [] if source_first else ["--target-first"]
    told = reported(result, words, settings, out)
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo("\n".join(_screen(told)))
    end_stopped(told)


def _files(target_file: str | None, encoding: str) -> list[str]:
    """The options that say what the files of pairs are."""
    chosen = {"--target-file": target_file, "--encoding": encoding}
    return [word for name, value in chosen.items() if value for word in (name, value)]


def _read(pairs: str, target_file: str | None, encoding: str, *, source_first: bool) -> "Pairs":
    from forecast import translation

    read = translation.read(pairs, target_file, encoding=encoding)
    return read if source_first else read.swapped()


def _screen(told: dict[str, object]) -> list[str]:
    held = f"validation loss {told['validation_loss']:.3f}" if told["judged_by"] else "none judges"
    left = f"; {told['too_long']:,} too long" if told["too_long"] else ""
    report = [] if told["stopped"] else [f"Report: {told['folder']}/report.html"]
    return [
        f"{told['pairs']:,} pairs: {told['learned_from']:,} learned from,"
        f" {told['judged_by']:,} judge{left}",
        f"learned for {told['seconds']:,.0f} s, {told['epochs']} epochs, the best"
        f" {told['best']}: training loss {told['training_loss']:.3f}, {held} (nats a token)",
        *report,
    ]


@translate.command(epilog=RUN)
@click.argument("sentence", default="-", metavar="[SENTENCE|-]")
@model
@options(Writing)
@out
@as_json
def run(sentence: str, model: str | None, chosen: Chosen, out: str, *, as_json: bool) -> None:
    """Translate a sentence, or every line of standard input."""
    from forecast import translation

    made = translation.open_translator(model, out)
    sentences = _lines() if sentence == "-" else [sentence]
    told = made.translate(sentences, beam=chosen[Writing].beam)
    if as_json:
        click.echo(json.dumps({"translations": told}))
        return
    for each in told:
        click.echo(printable(each))


def _lines() -> list[str]:
    from forecast.errors import DataError

    data = sys.stdin.buffer.read()
    try:
        return data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(
            f"standard input is not UTF-8 text after its first {error.start:,} bytes; convert it,"
            " for example with iconv"
        ) from error


@translate.command(epilog=SCORE)
@click.argument("pairs", metavar="PAIRS", shell_complete=corpora)
@target_file
@source_first
@encoding
@model
@options(Writing)
@click.option(
    "--tokenize",
    default="13a",
    show_default=True,
    help="How sacrebleu cuts text; none where it is cut already, ko-mecab, zh, ja-mecab, char.",
)
@out
@as_json
def score(  # noqa: PLR0913 - one for each option
    pairs: str,
    target_file: str | None,
    model: str | None,
    chosen: Chosen,
    out: str,
    *,
    source_first: bool,
    encoding: str,
    tokenize: str,
    as_json: bool,
) -> None:
    """Score a translator on pairs of sentences (BLEU, chrF)."""
    from forecast import translation

    read, beam = (
        _read(pairs, target_file, encoding, source_first=source_first),
        chosen[Writing].beam,
    )
    found = translation.score(
        translation.open_translator(model, out), read, beam=beam, tokenize=tokenize
    )
    if as_json:
        click.echo(json.dumps(found._asdict() | {"sentences": len(read)}))
    else:
        click.echo(
            f"BLEU {found.bleu:.1f}, chrF {found.chrf:.1f} on {len(read):,} sentences, beam {beam}"
            f" ({found.signature})"
        )

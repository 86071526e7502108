"""`forecast text`: models of text, by character, word or byte pair."""

import json
import sys

import click

from forecast.cli.complete import corpora
from forecast.cli.group import Commands
from forecast.cli.lessons import begun, end_stopped, reported
from forecast.cli.options import Chosen, as_json, encoding, from_file, model, options, out
from forecast.cli.progress import Lines
from forecast.errors import printable
from forecast.settings import Compute
from forecast.text_settings import Sampling, TextNetwork, TextSettings, TextTraining, Tokens

ROOM = """\b
Examples:
  forecast text fit ship --minutes 0.02
  forecast text sample
"""
FIT = """\b
Examples:
  forecast text fit ship --epochs 30 --window 10 --hidden 32
  forecast text fit ship --level word --epochs 50 --window 5 --hidden 64 --cell gru
"""
SAMPLE = """\b
Examples:
  forecast text sample --prompt "if you" --length 100
  forecast text sample --model reports/text/ship --temperature 0.5 --top-p 0.9 --stream
"""
SCORE = """\b
Examples:
  forecast text score ship
  forecast text score ship --model reports/text/ship --json
"""
COMPLETE = """\b
Examples:
  forecast text complete "if you"
  forecast text complete "if you" --count 3 --json
"""


@click.group(cls=Commands, epilog=ROOM)
def text() -> None:
    """Learn to write like a text; then write, score or complete."""


@text.command(epilog=FIT)
@click.argument("corpus", metavar="CORPUS", shell_complete=corpora)
@click.option("--resume", is_flag=True, help="Go on where the learning of this corpus stopped.")
@options(Tokens, TextNetwork, TextTraining, Compute)
@out
@as_json
def fit(corpus: str, chosen: Chosen, out: str, *, resume: bool, as_json: bool) -> None:
    """Learn from a text, by character, word or byte pair.

    CORPUS is a file, or the name of a bundled text. Learning ends when the minutes or epochs are
    used up; Ctrl-C keeps the best so far.
    """
    from dataclasses import replace

    from forecast import text as texts
    from forecast.reporting.history import REPORT

    settings = TextSettings(
        tokens=chosen[Tokens], network=chosen[TextNetwork], training=chosen[TextTraining]
    )
    read = texts.read(corpus, settings.tokens.encoding)
    with begun(read, settings, [corpus], out, resume=resume) as begin:
        how = replace(begin, compute=chosen[Compute], watch=Lines("turn"))
        result = texts.fit(read, settings, how)
    told = reported(result, ["forecast", "text", "fit", corpus], settings, out)
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo(f"{read.name}: {len(read.text):,} characters, {told['vocabulary']:,} tokens")
        click.echo(f"learned for {result.seconds:,.0f} s, {told['tokens_read']:,} tokens read")
        if not told["stopped"]:
            click.echo(_judgement(told["held_back"]))
            click.echo(f"Report: {told['folder']}/{REPORT}")
    end_stopped(told)


def _judgement(held: dict[str, float]) -> str:
    if not held:
        return "held back: nothing (too short a corpus), so how well it is known cannot be said"
    return (
        f"held back: {held['nats_per_character']:.4f} nats a character"
        f" ({held['bits_per_character']:.4f} bits), perplexity {held['perplexity']:,.2f}"
    )


@text.command(epilog=SAMPLE)
@model
@click.option("--prompt", default="", help="How the text begins.")
@click.option("--stream", is_flag=True, help="Write each piece as soon as it is there.")
@options(Sampling)
@out
@as_json
def sample(
    model: str | None, prompt: str, chosen: Chosen, out: str, *, stream: bool, as_json: bool
) -> None:
    """Write a text, starting with the prompt."""
    from forecast import text as texts

    pieces = texts.open_model(model, out).sample(prompt, chosen[Sampling])
    if as_json:
        click.echo(json.dumps({"text": prompt + "".join(pieces)}))
        return
    click.echo(prompt, nl=False)
    for piece in pieces if stream else ["".join(pieces)]:
        click.echo(printable(piece, kept="\n\t"), nl=False)
        if stream:
            sys.stdout.flush()
    click.echo()


@text.command(epilog=SCORE)
@click.argument("file", metavar="FILE", shell_complete=corpora)
@model
@encoding
@out
@from_file
@as_json
def score(file: str, model: str | None, encoding: str, out: str, *, as_json: bool) -> None:
    """Say how well a model knows a text, read from first to last."""
    from dataclasses import asdict

    from forecast import text as texts

    found = texts.open_model(model, out).score(texts.read(file, encoding).text)
    if as_json:
        more = {
            "nats_per_character": found.per_character,
            "bits_per_character": found.bits,
            "perplexity": found.perplexity,
        }
        click.echo(json.dumps(asdict(found) | more))
        return
    click.echo(
        f"{found.per_character:.4f} nats and {found.bits:.4f} bits a character,"
        f" perplexity {found.perplexity:,.2f} a token"
        f" ({found.tokens:,} tokens, {found.characters:,} characters)"
    )


@text.command(epilog=COMPLETE)
@click.argument("prompt")
@model
@click.option(
    "--count",
    default=5,
    show_default=True,
    type=click.IntRange(1, 50),
    help="Words to suggest at most.",
)
@out
@from_file
@as_json
def complete(prompt: str, model: str | None, count: int, out: str, *, as_json: bool) -> None:
    """Suggest the next word, or the end of the one begun."""
    from forecast import text as texts

    found = texts.open_model(model, out).complete(prompt, count)
    if as_json:
        click.echo(json.dumps({"completions": [each._asdict() for each in found]}))
        return
    for each in found:
        click.echo(f"{each.probability:7.2%}  {printable(each.word)}")

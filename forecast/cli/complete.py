"""`forecast completion`, and the names that shells complete; loads nothing heavy."""

from pathlib import Path

import click
from click.shell_completion import CompletionItem, get_completion_class

from forecast.cli.command import Command

SHELLS = ("bash", "zsh", "fish")
EXAMPLES = """\b
Examples:
  forecast completion bash
  eval "$(forecast completion zsh)"
"""


def series(_: click.Context, __: click.Parameter, written: str) -> list[CompletionItem]:
    """Tickers that are bundled or kept, and files."""
    from forecast.data.known import bundled, kept

    names = sorted({*bundled(), *kept()})
    tickers = [CompletionItem(name) for name in names if name.startswith(written.upper())]
    return [*tickers, CompletionItem(written, type="file")]


def results(context: click.Context, _: click.Parameter, written: str) -> list[CompletionItem]:
    """Result folders, by name: of tickers, and as text/NAME and translate/NAME."""
    return _folders(Path(context.params.get("out") or "reports"), written, 2)


def corpora(context: click.Context, _: click.Parameter, written: str) -> list[CompletionItem]:
    """Bundled corpora, or pairs for a translator, and files."""
    from forecast.data import corpus, pairs

    of_text = context.parent is not None and context.parent.info_name == "text"
    names = corpus.bundled() if of_text else pairs.bundled()
    found = [CompletionItem(name) for name in names if name.startswith(written)]
    return [*found, CompletionItem(written, type="file")]


def runs(context: click.Context, _: click.Parameter, written: str) -> list[CompletionItem]:
    """Dates of the runs of the result named on the line."""
    out = Path(context.params.get("out") or "reports")
    # What stands before an option without its value is not yet an argument.
    named = context.params.get("result") or next(iter(context.args), "*")
    patterns = [f"{each}/runs/*/scores.json" for each in dict.fromkeys((named, named.upper()))]
    stamps = {path.parent.name for pattern in patterns for path in out.glob(pattern)}
    return [
        CompletionItem(each) for each in sorted(stamps, reverse=True) if each.startswith(written)
    ]


def learned(context: click.Context, _: click.Parameter, written: str) -> list[CompletionItem]:
    """Models of text, or translators, by name."""
    assert context.parent is not None
    room = Path(context.params.get("out") or "reports", str(context.parent.info_name))
    return _folders(room, written, 1)


def _folders(out: Path, written: str, deep: int) -> list[CompletionItem]:
    patterns = ("*/scores.json", "*/*/scores.json")[:deep]
    places = [place.parent for pattern in patterns for place in out.glob(pattern)]
    names = sorted(place.relative_to(out).as_posix() for place in places)
    wanted = written.casefold()
    found = [CompletionItem(name) for name in names if name.casefold().startswith(wanted)]
    return [*found, CompletionItem(written, type="dir")]


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete what you type.

    Commands, options, tickers and results are completed. Add `eval "$(forecast completion bash)"`
    to ~/.bashrc, or the like to ~/.zshrc; for fish: `forecast completion fish >
    ~/.config/fish/completions/forecast.fish`.
    """
    made = get_completion_class(shell)
    assert made is not None, shell
    program = context.find_root().command
    click.echo(made(program, {}, "forecast", "_FORECAST_COMPLETE").source())

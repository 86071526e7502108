"""`forecast completion`, and what a shell is told of tickers and results; loads nothing heavy."""

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
    """Result folders, by name."""
    places = Path(context.params.get("out") or "reports").glob("*/scores.json")
    names = sorted(place.parent.name for place in places)
    found = [CompletionItem(name) for name in names if name.startswith(written.upper())]
    return [*found, CompletionItem(written, type="dir")]


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that lets a shell complete commands, options, tickers and results.

    Add `eval "$(forecast completion bash)"` to ~/.bashrc, or the like to ~/.zshrc; for fish:
    `forecast completion fish > ~/.config/fish/completions/forecast.fish`.
    """
    made = get_completion_class(shell)
    assert made is not None, shell
    program = context.find_root().command
    click.echo(made(program, {}, "forecast", "_FORECAST_COMPLETE").source())

"""`forecast doctor`: what is here, for a bug report or a slow run."""

import json

import click

from forecast.cli.command import Command
from forecast.cli.options import as_json

EXAMPLES = """\b
Examples:
  forecast doctor
  forecast doctor --json
"""


@click.command(cls=Command, epilog=EXAMPLES)
@as_json
def doctor(*, as_json: bool) -> None:
    """Show versions, device, threads, cache and network."""
    from forecast.machine import facts

    here = facts()
    if as_json:
        click.echo(json.dumps(here))
        return
    width = max(map(len, here))
    for name, fact in here.items():
        click.echo(f"{name:<{width}}  {fact}")

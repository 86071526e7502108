"""`forecast settings`: what is chosen, and where it was chosen."""

import json
from dataclasses import fields

import click

from forecast.cli.group import Commands
from forecast.cli.options import Chosen, as_json, models, options, origin, out
from forecast.settings_file import RECORDS, option

SHOW = """\b
Examples:
  forecast settings show
  forecast settings show --hidden 32 --json
"""


@click.group(cls=Commands)
def settings() -> None:
    """Say what is chosen, and where: an option, the environment, a file, or the default."""


@settings.command(epilog=SHOW)
@models
@options(*RECORDS)
@out
@as_json
def show(models: tuple[str, ...], chosen: Chosen, out: str, *, as_json: bool) -> None:
    """List every choice, its value, and where the value comes from.

    An option wins over the environment (FORECAST_HIDDEN=32), this over a file (--settings FILE,
    else forecast.toml in the current folder), and a file over the default.
    """
    context = click.get_current_context()
    values = [("models", "models", ",".join(models)), ("out", "out", out)]
    for record in RECORDS:
        own = chosen[record]
        values += [(option(each), each.name, getattr(own, each.name)) for each in fields(record)]
    told = [(name, value, origin(context, field)) for name, field, value in values]
    if as_json:
        rows = [{"name": name, "value": value, "from": source} for name, value, source in told]
        click.echo(json.dumps({"settings": rows}))
        return
    width = max(len(name) for name, _, _ in told)
    for name, value, source in told:
        click.echo(f"{name:<{width}}  {json.dumps(value, ensure_ascii=False):<10}  {source}")

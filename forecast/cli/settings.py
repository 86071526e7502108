"""`forecast settings`: what is chosen, and where it was chosen."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import click
from click.core import ParameterSource

from forecast.cli.command import FILE, Setting
from forecast.cli.group import Commands
from forecast.cli.options import as_json, made, models, offered, out
from forecast.settings_file import PARTS, option, read

ROOM = """\b
Examples:
  forecast settings show
"""
SHOW = """\b
Examples:
  forecast settings show
  forecast settings show text
  forecast settings show prices --hidden 32 --json
"""
ASKED = {ParameterSource.COMMANDLINE: "command line", ParameterSource.ENVIRONMENT: "environment"}
RECORDS = [record for records in PARTS.values() for record in records]


@click.group(cls=Commands, epilog=ROOM)
def settings() -> None:
    """Show every setting, and where its value comes from."""


@settings.command(epilog=SHOW)
@click.argument("parts", nargs=-1, type=click.Choice([*PARTS]), metavar=f"[{'|'.join(PARTS)}]...")
@models
@offered(*RECORDS)
@out
@as_json
def show(
    parts: tuple[str, ...],
    given: Mapping[str, Any],
    models: tuple[str, ...],
    out: str,
    *,
    as_json: bool,
) -> None:
    """List every setting, its value, and where that comes from.

    All parts are listed, or those named. An option wins over the environment (FORECAST_HIDDEN=32),
    this over a file (--settings FILE, else forecast.toml in the current folder), and a file over
    the default. In a file, a table such as [text] is for the commands of that part, and wins over
    what stands above it.
    """
    given = {**given, "models": ",".join(models), "out": out}
    rows = [
        {"part": part, "name": name, "value": value, "from": origin}
        for part in dict.fromkeys(parts or PARTS)
        for name, (value, origin) in _chosen(click.get_current_context(), part, given).items()
    ]
    if as_json:
        click.echo(json.dumps({"settings": rows}))
        return
    wide = max(len(row["name"]) for row in rows)
    for before, row in zip([{}, *rows], rows, strict=False):
        if row["part"] != before.get("part"):
            click.echo(f"[{row['part']}]")
        value = json.dumps(row["value"], ensure_ascii=False)
        click.echo(f"{row['name']:<{wide}}  {value:<10}  {row['from']}")


for _setting in show.params:
    if isinstance(_setting, Setting):
        _setting.show_default = False  # the list shows defaults, which differ from part to part


def _chosen(
    context: click.Context, part: str, given: Mapping[str, Any]
) -> dict[str, tuple[Any, str]]:
    """Value and origin of every choice of a part, by its name.

    Raises:
        SettingError: the file cannot be read, or a value is out of its bounds.
    """
    path = context.meta.get(FILE)
    written = read(path, part) if path else dict[str, Any]()

    def of(field: str, default: Any) -> tuple[Any, str]:
        source = context.get_parameter_source(field)
        if source is not None and source in ASKED:
            return given[field], ASKED[source]
        return (written[field], str(path)) if field in written else (default, "default")

    usual = {each.name: each.default for each in context.command.params}
    names = ("models", "out") if part == "prices" else ("out",)
    found = {name: of(name, usual[name]) for name in names}
    for record in PARTS[part]:
        own = {each: of(each.name, each.default) for each in fields(record)}
        made(record, {each.name: value for each, (value, _) in own.items()})
        found |= {option(each): told for each, told in own.items()}
    return found

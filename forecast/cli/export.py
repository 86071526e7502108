"""`forecast export`: a result in the form of another tool."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.command import Command
from forecast.cli.complete import results
from forecast.cli.options import as_json, from_file, out

if TYPE_CHECKING:
    from forecast.forecasters.recurrent import FittedRecurrent
    from forecast.texts.model import TextModel

EXAMPLES = """\b
Examples:
  forecast export GOOG --as onnx
  forecast export GOOG --as long --to goog.csv
  forecast export text/ship --as onnx
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("result", metavar="TICKER|FOLDER", shell_complete=results)
@click.option(
    "--as",
    "form",
    type=click.Choice(["onnx", "long"]),
    required=True,
    help="onnx: the saved network; long: the answers as Nixtla's tools read them, in CSV.",
)
@click.option("--to", type=click.Path(path_type=Path), help="File to write; else named by form.")
@out
@from_file
@as_json
def export(result: str, form: str, to: Path | None, out: str, *, as_json: bool) -> None:
    """Write the network or the answers of a result for other tools."""
    from forecast.data.files import write_whole
    from forecast.reporting import folder as folders
    from forecast.reporting.results import found

    place = found(result, Path(out))
    target = to or Path(f"{place.name}.{'onnx' if form == 'onnx' else 'csv'}")
    if form == "onnx":
        from forecast.onnx import save

        save(target, _model(place))
    else:
        from forecast.nixtla import to_long
        from forecast.reporting import formats

        write_whole(target, formats.to_csv(to_long(folders.read(place).answers)))
    click.echo(json.dumps({"written": [str(target)]}) if as_json else target)


def _model(place: Path) -> "FittedRecurrent | TextModel":
    from forecast.forecasters import recurrent
    from forecast.reporting.results import kind
    from forecast.texts import model
    from forecast.training.checkpoint import MODEL, load

    restore = model.restore if kind(place) == "text" else recurrent.restore
    return restore(load(place / MODEL))

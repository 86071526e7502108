"""`forecast plot`: draw a result again, without learning anything."""

from pathlib import Path

import click

from forecast.cli.complete import results
from forecast.cli.options import out

EXAMPLES = """\b
Examples:
  forecast plot
  forecast plot GOOG
  forecast plot reports/GOOG
"""


@click.command(epilog=EXAMPLES)
@click.argument("result", required=False, metavar="[TICKER|FOLDER]", shell_complete=results)
@out
def plot(result: str | None, out: str) -> None:
    """Draw the pictures of a result again from its data; of the newest, where none is named."""
    from forecast.data.tickers import folder_name
    from forecast.reporting import folder as folders

    if result is None:
        place = folders.newest(Path(out))
    else:
        place = Path(result) if Path(result).is_dir() else Path(out) / folder_name(result.upper())
    folders.redraw(place)
    for picture in sorted(place.glob("*.png")):
        click.echo(picture)

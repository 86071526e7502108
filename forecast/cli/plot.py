"""`forecast plot`: draw a result again, without learning anything."""

from pathlib import Path

import click

from forecast.cli.options import out

EXAMPLES = """\b
Examples:
  forecast plot GOOG
  forecast plot reports/GOOG
"""


@click.command(epilog=EXAMPLES)
@click.argument("result", metavar="TICKER|FOLDER")
@out
def plot(result: str, out: str) -> None:
    """Draw the pictures of a result folder again, from its data."""
    from forecast.data.tickers import folder_name
    from forecast.reporting import folder as folders

    place = Path(result) if Path(result).is_dir() else Path(out) / folder_name(result.upper())
    folders.redraw(place)
    for picture in sorted(place.glob("*.png")):
        click.echo(picture)

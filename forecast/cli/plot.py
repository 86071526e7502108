"""`forecast plot`: draw a result again, list the runs there were, hold one against another."""

from pathlib import Path

import click

from forecast.cli.complete import results
from forecast.cli.options import out

EXAMPLES = """\b
Examples:
  forecast plot
  forecast plot GOOG --pictures
  forecast plot reports/GOOG
  forecast plot --list
  forecast plot GOOG --against 20
"""


@click.command(epilog=EXAMPLES)
@click.argument("result", required=False, metavar="[TICKER|FOLDER]", shell_complete=results)
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
@click.option("--pictures", is_flag=True, help="Write each picture as PNG and SVG, too.")
@click.option("--list", "listed", is_flag=True, help="List the runs there were, and draw nothing.")
@click.option("--against", metavar="RUN", help="Hold the result against RUN: how its date begins.")
@out
def plot(
    result: str | None, out: str, *, show: bool, pictures: bool, listed: bool, against: str | None
) -> None:
    """Draw the page of a result again from its data; of the newest, where none is named."""
    from forecast.reporting import folder as folders
    from forecast.reporting import history

    place = folders.found(result, Path(out))
    if listed:
        every = [place] if result else sorted(Path(out).glob("*"))
        click.echo(history.listing(every), nl=False)
        return
    if against is not None:
        from forecast.reporting.pages.comparison import compare

        words, page = compare(place, history.find(place, against))
        click.echo(words, nl=False)
        written = [page]
    else:
        written = folders.redraw(place, pictures=pictures)
    for path in written:
        click.echo(path)
    if show:
        click.launch(str(written[0]))

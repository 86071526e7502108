"""`forecast plot`: draw a result again, list the runs there were, hold one against another."""

import json
from pathlib import Path

import click

from forecast.cli.command import Command
from forecast.cli.complete import results, runs
from forecast.cli.options import as_json, from_file, out

EXAMPLES = """\b
Examples:
  forecast plot
  forecast plot GOOG --pictures
  forecast plot reports/GOOG
  forecast plot text/ship
  forecast plot --list
  forecast plot GOOG --against 20
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("result", required=False, metavar="[TICKER|FOLDER]", shell_complete=results)
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
@click.option("--pictures", is_flag=True, help="Write each picture as PNG and SVG, too.")
@click.option("--list", "listed", is_flag=True, help="List the runs there were, and draw nothing.")
@click.option(
    "--against",
    metavar="RUN",
    shell_complete=runs,
    help="Hold the result against RUN: how its date begins.",
)
@out
@from_file
@as_json
def plot(  # noqa: PLR0913 - one for each option that is no setting
    result: str | None,
    out: str,
    *,
    show: bool,
    pictures: bool,
    listed: bool,
    against: str | None,
    as_json: bool,
) -> None:
    """Draw the page of a result again, without learning.

    Without a name it is that of the newest result. Results are those of a ticker, of a model of
    text (text/NAME) or of a translator (translate/NAME).
    """
    from forecast.reporting import folder as folders
    from forecast.reporting import results as places

    place = places.found(result, Path(out))
    if listed:
        from forecast.reporting.screens import runs as shown

        every = [place] if result else places.every(Path(out))
        told = json.dumps(shown.as_json(every)) + "\n" if as_json else shown.screen(every)
        click.echo(told, nl=False)
        return
    words = ""
    if against is not None:
        from forecast.reporting.history import find
        from forecast.reporting.pages import comparison, lesson_comparison

        of_prices = places.kind(place) == places.PRICES
        compare = comparison.compare if of_prices else lesson_comparison.compare
        words, page = compare(place, find(place, against))
        written = [page]
    else:
        written = folders.redraw(place, pictures=pictures)
    if as_json:
        told = {"written": [str(path) for path in written]}
        click.echo(json.dumps(told | ({"words": words} if words else {})))
    else:
        click.echo(words + "\n".join(map(str, written)))
    if show:
        click.launch(str(written[0]))

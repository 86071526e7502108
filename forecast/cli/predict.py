"""`forecast predict`: what comes next, by a model that has been saved."""

import json

import click

from forecast.cli.options import Chosen, as_json, options, out
from forecast.settings import Csv, Source

EXAMPLES = """\b
Examples:
  forecast predict GOOG
  forecast predict GOOG --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("series", metavar="TICKER|FILE")
@options(Source, Csv)
@out
@as_json
def predict(series: str, chosen: Chosen, out: str, *, as_json: bool) -> None:
    """Forecast the next sessions with the saved model on fresh prices; nothing is learned."""
    from forecast import pipeline
    from forecast.reporting import screen

    prices = pipeline.load(series, chosen[Source], chosen[Csv])
    answers = pipeline.predict(pipeline.place_of(prices.ticker, out), prices)
    if as_json:
        click.echo(json.dumps(screen.upcoming_json(answers, prices.receipt)))
    else:
        click.echo(screen.upcoming_screen(answers, prices.receipt), nl=False)

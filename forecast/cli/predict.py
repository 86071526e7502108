"""`forecast predict`: what comes next, by a model that has been saved."""

import json
from dataclasses import asdict

import click

from forecast.cli.command import Command
from forecast.cli.complete import series
from forecast.cli.options import Chosen, as_json, options, out
from forecast.source_settings import Csv, Source

EXAMPLES = """\b
Examples:
  forecast predict GOOG
  forecast predict GOOG --json
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("series", metavar="TICKER|FILE", shell_complete=series)
@options(Source, Csv)
@out
@as_json
def predict(series: str, chosen: Chosen, out: str, *, as_json: bool) -> None:
    """Forecast with the saved model on fresh prices; learn nothing."""
    from forecast.data.load import load
    from forecast.reporting.screens import upcoming
    from forecast.reporting.wording import origin, plain
    from forecast.result import place_of
    from forecast.saved import Saved

    prices = load(series, chosen[Source], chosen[Csv])
    saved = Saved.open(place_of(prices.ticker, out))
    prices = saved.beside(prices, chosen[Source])
    answers, target = saved.predict(prices), saved.run.target
    if as_json:
        ahead, receipt = upcoming.as_json(answers, target), asdict(prices.receipt)
        click.echo(json.dumps({"next": ahead[0], "upcoming": ahead, "receipt": receipt}))
    else:
        notes = [f"Note: {plain(note, 400)}" for note in prices.receipt.notes]
        head = [plain(prices.ticker, 30), origin(prices.receipt)]
        click.echo("\n".join([*head, *upcoming.lines(answers, target), *notes]))

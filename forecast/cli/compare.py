"""`forecast compare`: many tickers and models in one table, nothing written."""

import json

import click

from forecast.cli.ahead import gathered
from forecast.cli.command import Command
from forecast.cli.complete import series
from forecast.cli.options import Chosen, as_json, models, options
from forecast.cli.progress import Bar
from forecast.settings import (
    Compute,
    Covariates,
    Inputs,
    Network,
    Target,
    Training,
    WalkForward,
)
from forecast.source_settings import Csv, Source

EXAMPLES = """\b
Examples:
  forecast compare GOOG AAPL IBM --models ridge,weekday --source sample
  forecast compare . --models ridge --refit 0 --json
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument(
    "series", nargs=-1, required=True, metavar="TICKER|FILE|FOLDER...", shell_complete=series
)
@models
@options(Target, Source, WalkForward, Inputs, Covariates, Network, Training, Compute, Csv)
@as_json
def compare(
    series: tuple[str, ...], models: tuple[str, ...], chosen: Chosen, *, as_json: bool
) -> None:
    """Show the skill of each model on each ticker, and of all tickers together.

    All claims are corrected together, so that one lucky cell of a large table is no discovery.
    """
    settings = chosen.settings(models)
    panel = gathered(series, settings, chosen)
    from forecast.panel import fit_panel
    from forecast.reporting import formats
    from forecast.reporting.comparison_screen import compared

    with Bar("tickers") as bar:
        found = fit_panel(panel.prices, settings, bar)
    for why in (*panel.left_out, *found.left_out):
        click.echo(f"left out: {why}", err=True)
    if as_json:
        tables = {"scores": found.scores, "pooled": found.pooled}
        told = {name: formats.finite(formats.rows(each)) for name, each in tables.items()}
        click.echo(json.dumps(told))
        return
    click.echo(compared(found.scores, found.pooled, settings.target.target), nl=False)

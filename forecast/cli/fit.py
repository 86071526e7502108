"""`forecast fit`: from tickers or files to scores, a forecast and a report."""

import json

import click

from forecast.cli.complete import series
from forecast.cli.options import Chosen, as_json, models, options, out, quiet
from forecast.cli.progress import Bar
from forecast.settings import (
    Compute,
    Csv,
    Inputs,
    Network,
    Settings,
    Source,
    Training,
    WalkForward,
)

EXAMPLES = """\b
Examples:
  forecast fit GOOG
  forecast fit GOOG AAPL --models lstm,gru,ridge --source sample
  forecast fit prices.csv --horizon 5 --window 20 --json
"""


@click.command(epilog=EXAMPLES)
@click.argument("series", nargs=-1, required=True, metavar="TICKER|FILE...", shell_complete=series)
@models
@options(Source, WalkForward, Inputs, Network, Training, Compute, Csv)
@out
@as_json
@quiet
def fit(
    series: tuple[str, ...],
    models: tuple[str, ...],
    chosen: Chosen,
    out: str,
    *,
    as_json: bool,
    quiet: bool,
) -> None:
    """Walk forward through prices, score the forecasts, say what comes next, write a report."""
    from forecast import pipeline
    from forecast.data.files import prepare
    from forecast.reporting import screen
    from forecast.reporting.command import command

    settings = Settings(
        models=models,
        walk_forward=chosen[WalkForward],
        inputs=chosen[Inputs],
        network=chosen[Network],
        training=chosen[Training],
        compute=chosen[Compute],
    )
    prices = pipeline.load_many(series, chosen[Source], chosen[Csv])
    for each in prices:
        prepare(pipeline.place_of(each.ticker, out))
    bar = Bar("learning", quiet=quiet)
    results = pipeline.fit_many(prices, settings, bar)
    bar.clear()
    told = command(series, settings, chosen[Source], chosen[Csv])
    places = [result.report(out, command=told) for result in results]
    index = pipeline.index(out)
    if as_json:
        found = [
            screen.as_json(each.run, place) for each, place in zip(results, places, strict=True)
        ]
        click.echo(json.dumps(found[0] if len(found) == 1 else {"results": found}))
        return
    screens = [screen.screen(each.run, place) for each, place in zip(results, places, strict=True)]
    click.echo("\n".join(screens), nl=False)
    if index is not None and len(results) > 1:
        click.echo(f"\nAll of them: {index}")

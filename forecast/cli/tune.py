"""`forecast tune`: settings searched inside the history, written as a file that `fit` reads."""

import json
from pathlib import Path

import click

from forecast.cli.command import Command
from forecast.cli.complete import series
from forecast.cli.gathering import gathered
from forecast.cli.options import Chosen, as_json, models, options, out, resume
from forecast.cli.progress import Bar
from forecast.settings import (
    Compute,
    Covariates,
    Inputs,
    Network,
    Search,
    Target,
    Training,
    WalkForward,
)
from forecast.source_settings import Csv, Source

EXAMPLES = """\b
Examples:
  forecast tune GOOG --trials 8
  forecast tune GOOG AAPL --models lstm,gru --trials 8 --refits 1 --to both.toml
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("series", nargs=-1, required=True, metavar="TICKER|FILE...", shell_complete=series)
@models
@options(Target, Search, Source, WalkForward, Inputs, Covariates, Network, Training, Compute, Csv)
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    default="tuned.toml",
    show_default=True,
    help="File to write the chosen settings into.",
)
@out
@resume
@as_json
def tune(  # noqa: PLR0913 - one for each option that is no setting
    series: tuple[str, ...],
    models: tuple[str, ...],
    chosen: Chosen,
    to: Path,
    out: str,
    *,
    resume: bool,
    as_json: bool,
) -> None:
    """Search for better settings inside the history alone.

    The sessions that fit scores are never touched. Every trial counts as tried on the tickers, and
    makes a later claim of fit harder.
    """
    settings = chosen.settings(models)
    prices = gathered(series, settings, chosen).prices
    from forecast import pipeline
    from forecast.data.files import prepared, spare, write_whole
    from forecast.forecasters.kept import resumable
    from forecast.reporting import formats, trials
    from forecast.reporting.screens.tune import screen
    from forecast.tuning import tune as searched

    spare([each.receipt.place for each in prices], to)
    places = [pipeline.place_of(each.ticker, out) for each in prices]
    with (
        prepared([*places, to.parent]),
        resumable(places[0], "tune", resume=resume) as kept,
    ):
        with Bar("trials") as bar:
            found = searched(prices, settings, chosen[Search], bar, kept)
        # Before the file: whoever has it has tried them. The same search again counts nothing more.
        for place in places:
            trials.add(place, found.tried)
        write_whole(to, found.toml().encode())
    if as_json:
        rows = formats.rows(found.trials)
        click.echo(json.dumps(formats.finite({"chosen": found.chosen, "trials": rows})))
        return
    told = screen(found.trials, found.last, found.n, str(to), settings.target.target)
    click.echo(told, nl=False)

"""`forecast compare`: many tickers and models in one table; nothing is written but the count."""

import json
from typing import TYPE_CHECKING

import click

from forecast.cli.command import Command
from forecast.cli.complete import series
from forecast.cli.fit import name_of
from forecast.cli.gathering import gathered, note, warn
from forecast.cli.options import Chosen, as_json, models, options, out, resume
from forecast.cli.progress import Bar
from forecast.errors import printable
from forecast.settings import (
    Compute,
    Covariates,
    Inputs,
    Many,
    Network,
    Target,
    Training,
    WalkForward,
)
from forecast.source_settings import Csv, Source

if TYPE_CHECKING:
    from forecast.data.panel import Panel
    from forecast.panel import PanelResult

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
@out
@resume
@as_json
def compare(
    series: tuple[str, ...],
    models: tuple[str, ...],
    chosen: Chosen,
    out: str,
    *,
    resume: bool,
    as_json: bool,
) -> None:
    """Compare models on many tickers, and on all of them together.

    All claims are corrected together, so that one lucky cell of a large table is no discovery;
    each counts as tried on its ticker, and makes a later claim harder.
    """
    settings = chosen.settings(models)
    panel = gathered(series, settings, chosen)
    from forecast.data.files import prepared
    from forecast.forecasters.kept import resumable
    from forecast.panel import fit_panel
    from forecast.pipeline import place_of
    from forecast.reporting import trials

    names = [each.ticker for each in panel.prices]
    # As with fit: of so many, one folder tells of all.
    one_for_all = len(names) > Many().reports
    places = [place_of(each, out) for each in ([name_of(series)] if one_for_all else names)]
    with prepared(places), resumable(places[0], "compare", resume=resume) as kept:
        earlier = sum(trials.tried(place, settings).earlier_claims for place in places)
        earlier *= len(names) if one_for_all else 1
        with Bar("tickers") as bar:
            found = fit_panel(panel.prices, settings, bar, earlier, kept)
        for place in places:
            trials.add(place, [settings])
        warn(panel)
        for why in (*panel.left_out, *found.left_out):
            click.echo(f"left out: {printable(why)}", err=True)
        note(found.notes)
        _tell(found, panel, as_json=as_json)


def _tell(found: "PanelResult", panel: "Panel", *, as_json: bool) -> None:
    from forecast.reporting import formats
    from forecast.reporting.screens.compare import screen
    from forecast.reporting.screens.panel import asked
    from forecast.reporting.wording import origins

    if as_json:
        tables = {"scores": found.scores, "pooled": found.pooled}
        told = {name: formats.finite(formats.rows(each)) for name, each in tables.items()}
        click.echo(json.dumps(told))
        return
    click.echo(origins([each.receipt for each in panel.prices]))
    click.echo(f"{asked(found.pooled, (found.first, found.last))}\n")
    click.echo(screen(found.scores, found.pooled, found.settings.target.target), nl=False)

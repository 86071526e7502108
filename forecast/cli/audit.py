"""`forecast audit`: whether a model sees what is still to come."""

import json

import click

from forecast.cli.command import Command
from forecast.cli.complete import series
from forecast.cli.options import Chosen, as_json, models, options
from forecast.cli.progress import Bar
from forecast.settings import (
    Audit,
    Compute,
    Covariates,
    Inputs,
    Network,
    Training,
)
from forecast.source_settings import Csv, Source

FAILED = 8
EXAMPLES = """\b
Examples:
  forecast audit
  forecast audit GOOG --models ridge,weekday
  forecast audit GOOG --models ridge --source sample --with IBM --indicators rsi,sma:50
  forecast audit prices.csv --forecaster sklearn.linear_model:RidgeCV --json

Exit code 0 says that every check passed, 8 that one failed; others are those of every command.
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument("series", required=False, metavar="[TICKER|FILE]", shell_complete=series)
@click.option(
    "--forecaster",
    metavar="MODULE:NAME",
    help="Audit this object of your own code, looked for in the current folder first. It is"
    " imported and called: only name code that you would run.",
)
@models
@options(Audit, Source, Inputs, Covariates, Network, Training, Compute, Csv)
@as_json
def audit(
    series: str | None,
    forecaster: str | None,
    models: tuple[str, ...],
    chosen: Chosen,
    *,
    as_json: bool,
) -> None:
    """Check that a model sees nothing of what is still to come.

    Everything after many cutoffs is changed; no forecast before them may move. A forecaster, a
    scikit-learn estimator, a function of a history, or a function of a whole table and the cutoffs
    can be audited. Without prices a made random walk is used.
    """
    from forecast.data.load import load
    from forecast.evaluation.audit.audit import audit as audited
    from forecast.features.gathering import beside
    from forecast.pipeline import subjects
    from forecast.reporting.screens import audit as shown

    settings = chosen.settings(models)
    prices = None
    if series:
        loaded = load(series, chosen[Source], chosen[Csv])
        prices = beside([loaded], settings, chosen[Source])[0]
    with Bar("auditing") as bar:
        reports = [
            audited(thing, prices, chosen[Audit], name=name, progress=bar)
            for name, thing in subjects(settings, forecaster).items()
        ]
    if as_json:
        click.echo(json.dumps(shown.as_json(reports)))
    else:
        click.echo("\n\n".join(map(shown.screen, reports)))
    if not all(report.passed for report in reports):
        click.get_current_context().exit(FAILED)

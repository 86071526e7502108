"""`forecast fit`: from tickers or files to scores, a forecast and a report."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.command import Command
from forecast.cli.complete import series
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
    Settings,
    Target,
    Trading,
    Training,
    WalkForward,
)
from forecast.source_settings import Csv, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forecast.data.panel import Panel
    from forecast.panel import PanelResult
    from forecast.result import Result

EXAMPLES = """\b
Examples:
  forecast fit GOOG
  forecast fit GOOG AAPL --models lstm,gru,ridge --source sample
  forecast fit GOOG --target volatility --models ridge --source sample
  forecast fit prices.csv --horizon 5 --window 20 --json
  forecast fit . --pooled --refit 0
"""


@click.command(cls=Command, epilog=EXAMPLES)
@click.argument(
    "series", nargs=-1, required=True, metavar="TICKER|FILE|FOLDER...", shell_complete=series
)
@models
@options(
    *(Target, Source, WalkForward, Inputs, Covariates, Network, Training, Compute, Trading),
    *(Csv, Many),
)
@out
@resume
@click.option("--interactive", is_flag=True, help="Write a page that can be zoomed, too (plotly).")
@as_json
def fit(  # noqa: PLR0913 - one for each option that is no setting
    series: tuple[str, ...],
    models: tuple[str, ...],
    chosen: Chosen,
    out: str,
    *,
    resume: bool,
    interactive: bool,
    as_json: bool,
) -> None:
    """Learn, forecast, compare with the last close, write a report.

    Prices are walked through as if day by day, and only what came before a forecast is learned
    from. A folder of files, or a file with a column of symbols, holds many tickers.
    """
    settings = chosen.settings(models)
    panel = gathered(series, settings, chosen)
    from forecast import pipeline
    from forecast.data.files import prepared, spare
    from forecast.evaluation.usable import refuse_unusable
    from forecast.forecasters.kept import resumable
    from forecast.reporting.command import command
    from forecast.reporting.pages import zoom
    from forecast.reporting.pages.index import write_index
    from forecast.result import place_of

    if interactive:
        zoom.plotly()
    if len(panel.prices) > chosen[Many].reports:
        warn(panel)
        place = place_of(name_of(series), out)
        with resumable(place, "fit", resume=resume) as kept:
            found = _fit_many(panel, settings, kept)
        note(found.notes)
        _tell_many(found, place, as_json=as_json)
        return
    for why in panel.left_out:
        click.echo(f"left out: {printable(why)}", err=True)
    refuse_unusable(panel.prices, settings)
    folders = [place_of(each.ticker, out) for each in panel.prices]
    for each, folder in zip(panel.prices, folders, strict=True):
        spare([each.receipt.place], folder)
    told = command(series, settings, chosen[Source], chosen[Csv])
    with prepared(folders), resumable(folders[0], "fit", resume=resume) as kept:
        with Bar("learning") as bar:
            results = pipeline.fit_many(panel.prices, settings, bar, out, kept)
        places = [result.report(out, command=told) for result in results]
    both = zip(results, places, strict=True) if interactive else ()
    pages = [zoom.write(place, result.run, result.prices) for result, place in both]
    _tell(results, places, write_index(Path(out)), as_json=as_json)
    for page in () if as_json else pages:
        click.echo(f"To zoom into: {page}")


def _tell(
    results: "Sequence[Result]", places: list[Path], index: Path | None, *, as_json: bool
) -> None:
    from forecast.reporting import formats
    from forecast.reporting.screens import fit as shown
    from forecast.reporting.screens.panel import table

    both, pooled = list(zip(results, places, strict=True)), results[0].run.pooled
    if as_json:
        found = [shown.as_json(each.run, place) for each, place in both]
        several = {"results": found, "pooled": formats.finite(formats.rows(pooled))}
        click.echo(json.dumps(found[0] if len(found) == 1 else several))
        return
    click.echo("\n".join(shown.screen(each.run, place) for each, place in both), nl=False)
    if len(pooled):
        click.echo("\n" + "\n".join(table(pooled, results[0].run.target)))
    if index is not None and len(results) > 1:
        click.echo(f"\nAll of them: {index}")


def name_of(series: tuple[str, ...]) -> str:
    """What the result of many tickers is named after: the one folder or file, or `panel`."""
    return Path(series[0]).resolve().name.split(".", 1)[0] if len(series) == 1 else "panel"


def _fit_many(given: "Panel", settings: Settings, kept: Path) -> "PanelResult":
    """The result of many tickers, written into the folder that holds `kept`."""
    from forecast.data.files import prepared, spare
    from forecast.panel import fit_panel
    from forecast.reporting import trials

    place = kept.parent
    spare([each.receipt.place for each in given.prices], place)
    with prepared([place]):
        earlier = trials.tried(place, settings).earlier_claims * len(given.prices)
        with Bar("tickers") as bar:
            found = fit_panel(given.prices, settings, bar, earlier, kept)
        found = replace(found, left_out=[*given.left_out, *found.left_out])
        found.write(place)
    return found


def _tell_many(found: "PanelResult", place: Path, *, as_json: bool) -> None:
    from forecast.reporting.screens.panel import screen

    if as_json:
        click.echo(json.dumps({**found.as_json(), "folder": str(place)}))
        return
    span, left_out = (found.first, found.last), len(found.left_out)
    told = (found.pooled, span, found.settings, found.better, left_out, str(place))
    click.echo(screen(*told), nl=False)

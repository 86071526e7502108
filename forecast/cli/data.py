"""`forecast data`: look at prices, and at the copies kept of them."""

import json
from dataclasses import asdict
from typing import Any

import click

from forecast.cli.complete import series
from forecast.cli.group import Commands
from forecast.cli.options import Chosen, as_json, options
from forecast.cli.progress import Bar
from forecast.source_settings import Csv, Source

ROOM = """\b
Examples:
  forecast data list
  forecast data show GOOG --source sample
"""
SHOW = """\b
Examples:
  forecast data show GOOG
  forecast data show prices.csv --json
"""
LIST = """\b
Examples:
  forecast data list
  forecast data list --json
"""
REFRESH = """\b
Examples:
  forecast data refresh GOOG
  forecast data refresh
"""
CLEAR = """\b
Examples:
  forecast data clear GOOG
  forecast data clear
"""


@click.group(cls=Commands, epilog=ROOM)
def data() -> None:
    """Look at prices, and at the copies kept of them."""


@data.command(epilog=SHOW)
@click.argument("series", metavar="TICKER|FILE", shell_complete=series)
@options(Source, Csv)
@as_json
def show(series: str, chosen: Chosen, *, as_json: bool) -> None:
    """Show where prices come from, what is odd, and both ends."""
    from forecast.data.load import load
    from forecast.data.quality import findings
    from forecast.reporting.screens.prices import screen

    prices = load(series, chosen[Source], chosen[Csv])
    odd = [finding.sentence for finding in findings(prices.table)]
    if as_json:
        click.echo(json.dumps({"receipt": asdict(prices.receipt), "findings": odd}))
    else:
        click.echo(screen(prices, odd), nl=False)


@data.command("list", epilog=LIST)
@as_json
def list_(*, as_json: bool) -> None:
    """List the bundled tickers, and those of which a copy is kept."""
    from forecast.data import cache, known

    if as_json:
        kept = [asdict(each) for each in cache.entries()]
        click.echo(json.dumps({"bundled": known.bundled(), "kept": kept}))
        return
    click.echo(f"bundled: {' '.join(known.bundled())}")
    for each in cache.entries():
        click.echo(f"{each.ticker:<20} {each.rows:>6} sessions until {each.last}, {each.fetched}")


@data.command(epilog=REFRESH)
@click.argument("tickers", nargs=-1, metavar="[TICKER]...", shell_complete=series)
@as_json
def refresh(tickers: tuple[str, ...], *, as_json: bool) -> None:
    """Fetch the newest sessions of all kept copies, or of those named."""
    from forecast.data import cache
    from forecast.data.load import load

    asked = tickers or [each.ticker for each in cache.entries()]
    told = list[dict[str, Any]]()
    for done, ticker in enumerate(asked):
        with Bar("fetching") as bar:
            bar(done, len(asked))
            receipt = load(ticker, Source(source="yahoo")).receipt
        told.append(asdict(receipt))
        if not as_json:
            click.echo(f"{ticker}: {receipt.rows} sessions until {receipt.last}")
    if as_json:
        click.echo(json.dumps({"refreshed": told}))


@data.command(epilog=CLEAR)
@click.argument("tickers", nargs=-1, metavar="[TICKER]...", shell_complete=series)
@as_json
def clear(tickers: tuple[str, ...], *, as_json: bool) -> None:
    """Remove all kept copies, or those named.

    They can be fetched again.
    """
    from forecast.data import cache
    from forecast.data.tickers import check

    names = [check(each) for each in tickers] or [None]
    gone = [each for name in names for each in cache.clear(name)]
    if as_json:
        click.echo(json.dumps({"removed": gone}))
        return
    click.echo("\n".join(f"removed {each}" for each in gone) or "no copy was kept")

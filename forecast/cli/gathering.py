"""Loading prices while torch is imported, which saves a second of waiting for Yahoo."""

from collections.abc import Sequence
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

import click

from forecast.cli.options import Chosen
from forecast.cli.progress import Bar
from forecast.errors import printable
from forecast.settings import Settings
from forecast.source_settings import Csv, Source

if TYPE_CHECKING:
    from forecast.data.panel import Panel

NOTED = 20


def gathered(series: tuple[str, ...], settings: Settings, chosen: Chosen) -> "Panel":
    """The prices of everything named; to be called before anything that imports torch itself."""
    Thread(target=import_module, args=("torch",), daemon=True).start()
    from forecast.features import gathering

    with Bar("reading") as bar:
        return gathering.gathered(series, settings, chosen[Source], chosen[Csv], bar)


def warn(panel: "Panel") -> None:
    """Say on stderr what was done to files and which columns know too much, where no screen can."""
    from forecast.data.quality import foretellers

    told = list[str]()
    for prices in panel.prices:
        notes = prices.receipt.notes if prices.receipt.source == "csv" else ()
        found = (*notes, *(each.sentence for each in foretellers(prices.table)))
        told += [f"{prices.ticker}: {each}" for each in found]
    note(told)


def note(told: Sequence[str]) -> None:
    """Say so on stderr, and of very many the first."""
    for each in told[:NOTED]:
        click.echo(printable(each), err=True)
    if len(told) > NOTED:
        click.echo(f"and {len(told) - NOTED:,} more such notes", err=True)

"""Loading prices while torch is imported, which saves a second of waiting for Yahoo."""

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


def gathered(series: tuple[str, ...], settings: Settings, chosen: Chosen) -> "Panel":
    """The prices of everything named; to be called before anything that imports torch itself."""
    Thread(target=import_module, args=("torch",), daemon=True).start()
    from forecast.features import gathering

    with Bar("reading") as bar:
        return gathering.gathered(series, settings, chosen[Source], chosen[Csv], bar)


def warn(panel: "Panel") -> None:
    """Say on stderr which columns know more than they could, where no screen has room for it."""
    from forecast.data.quality import foretellers

    for prices in panel.prices:
        for each in foretellers(prices.table):
            click.echo(printable(f"{prices.ticker}: {each.sentence}"), err=True)

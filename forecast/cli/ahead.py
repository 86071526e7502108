"""Loading prices while torch is imported, which saves a second of waiting for Yahoo."""

from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING

from forecast.cli.options import Chosen
from forecast.cli.progress import Bar
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

"""The prices of everything that is named, with what is to be read alongside them."""

from collections.abc import Sequence
from dataclasses import replace

from forecast.data.load import load_many
from forecast.data.panel import Panel, load_panel
from forecast.data.prices import Prices
from forecast.features.alongside import joined
from forecast.features.covariates import listed
from forecast.progress import Progress, silent
from forecast.settings import Settings
from forecast.source_settings import Csv, Source


def gathered(
    names: Sequence[str],
    settings: Settings,
    source: Source = Source(),
    how: Csv = Csv(),
    progress: Progress = silent,
) -> Panel:
    """The prices of everything that is named, with what the settings want to be read alongside.

    Raises:
        ForecastError: as `load_panel` and `beside` do.
    """
    panel = load_panel(names, source, how, progress)
    return replace(panel, prices=beside(panel.prices, settings, source))


def beside(prices: Sequence[Prices], settings: Settings, source: Source = Source()) -> list[Prices]:
    """The prices with a column for each other ticker or file that is to be read alongside.

    Raises:
        ForecastError: as `load` does, and `forecast.features.alongside.joined`.
    """
    setting, kind = settings.covariates, settings.inputs.inputs
    others = load_many(listed(setting.alongside), source)
    return [joined(each, others, lag=setting.with_lag, kind=kind) for each in prices]

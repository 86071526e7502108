"""Forecast stock series, and see honestly whether the forecast beats the last close.

>>> import forecast
>>> prices = forecast.load("GOOG", forecast.Source(source="sample"))
>>> prices.ticker, len(prices.table)
('GOOG', 2148)

What is listed here is the public interface; each name is imported when it is first used, so that
the command line's help needs neither pandas nor torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast import text, translation
    from forecast.data.load import load, load_many
    from forecast.data.panel import load_panel
    from forecast.data.prices import Prices, Receipt
    from forecast.errors import ForecastError
    from forecast.evaluation.audit.audit import audit
    from forecast.evaluation.scores import score
    from forecast.evaluation.walk_forward import walk_forward
    from forecast.features.alongside import joined
    from forecast.features.windows import build_dataset
    from forecast.forecasters.catalogue import by_name
    from forecast.panel import fit_panel
    from forecast.pipeline import fit, fit_many
    from forecast.result import Result
    from forecast.saved import predict
    from forecast.settings import (
        Audit,
        Compute,
        Covariates,
        Inputs,
        Network,
        Search,
        Settings,
        Target,
        Trading,
        Training,
        WalkForward,
    )
    from forecast.source_settings import Csv, Source
    from forecast.tuning import tune

_SETTINGS = (
    *("Audit", "Compute", "Covariates", "Inputs", "Network", "Search", "Settings"),
    *("Target", "Trading", "Training", "WalkForward"),
)
_HOMES = {
    "ForecastError": "forecast.errors",
    **dict.fromkeys(_SETTINGS, "forecast.settings"),
    **dict.fromkeys(("Source", "Csv"), "forecast.source_settings"),
    **dict.fromkeys(("Prices", "Receipt"), "forecast.data.prices"),
    **dict.fromkeys(("load", "load_many"), "forecast.data.load"),
    "load_panel": "forecast.data.panel",
    "fit_panel": "forecast.panel",
    "tune": "forecast.tuning",
    "joined": "forecast.features.alongside",
    "build_dataset": "forecast.features.windows",
    "by_name": "forecast.forecasters.catalogue",
    "walk_forward": "forecast.evaluation.walk_forward",
    "audit": "forecast.evaluation.audit.audit",
    "score": "forecast.evaluation.scores",
    **dict.fromkeys(("fit", "fit_many"), "forecast.pipeline"),
    "Result": "forecast.result",
    "predict": "forecast.saved",
}

__all__ = [
    "Audit",
    "Compute",
    "Covariates",
    "Csv",
    "ForecastError",
    "Inputs",
    "Network",
    "Prices",
    "Receipt",
    "Result",
    "Search",
    "Settings",
    "Source",
    "Target",
    "Trading",
    "Training",
    "WalkForward",
    "audit",
    "build_dataset",
    "by_name",
    "fit",
    "fit_many",
    "fit_panel",
    "joined",
    "load",
    "load_many",
    "load_panel",
    "predict",
    "score",
    "text",
    "translation",
    "tune",
    "walk_forward",
]


def __getattr__(name: str) -> Any:
    if name in ("text", "translation"):
        return import_module(f"forecast.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'forecast' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

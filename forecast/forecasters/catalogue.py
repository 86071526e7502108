"""Forecasters by name: a new one is a line here.

Those that learn name the module with their `named` function, imported only when asked for, so that
scoring a baseline never loads torch.
"""

from importlib import import_module

from forecast.errors import SettingError, unknown
from forecast.forecasters.base import Forecaster
from forecast.forecasters.naive import Drift, Last, Smoothing, Weekday
from forecast.forecasters.volatility import Ewma, Garch, Hars, LastVolatility
from forecast.progress import Progress, silent
from forecast.settings import Settings, Target

NAIVE: dict[str, Forecaster] = {
    "last": Last(),
    "drift": Drift(),
    "logdrift": Drift(logs=True),
    "weekday": Weekday(),
    "smoothing": Smoothing(),
}
LEARNING = {
    "lstm": "forecast.forecasters.recurrent",
    "gru": "forecast.forecasters.recurrent",
    "rnn": "forecast.forecasters.recurrent",
    "ridge": "forecast.forecasters.tabular",
    "boosting": "forecast.forecasters.tabular",
}
BASELINES = ("last", "drift", "logdrift")
VOLATILITY_BASELINES = ("last", "ewma", "har")


def baselines(target: Target) -> tuple[str, ...]:
    """The forecasters that are in every table, and make no claim."""
    return VOLATILITY_BASELINES if target.target == "volatility" else BASELINES


def _naive(target: Target) -> dict[str, Forecaster]:
    """The baselines of this target, and others as quick."""
    if target.target != "volatility":
        return NAIVE
    how = target.variance
    return {"last": LastVolatility(how), "ewma": Ewma(how), "har": Hars(how), "garch": Garch()}


def by_name(settings: Settings, progress: Progress = silent) -> dict[str, Forecaster]:
    """The forecasters asked for, in that order, and the baselines that are in every table.

    Raises:
        SettingError: an unknown name, or none at all.

    >>> list(by_name(Settings(models=("weekday",))))
    ['weekday', 'last', 'drift', 'logdrift']
    """
    if not settings.models:
        every = (*LEARNING, *_naive(settings.target))
        raise SettingError(f"models names none; there are {', '.join(every)}")
    if settings.target.target == "volatility" and settings.inputs.inputs == "level":
        raise SettingError("inputs level reads prices as they are; volatility needs changes")
    names = dict.fromkeys((*settings.models, *baselines(settings.target)))
    return {name: _named(name, settings, progress) for name in names}


def _named(name: str, settings: Settings, progress: Progress) -> Forecaster:
    naive = _naive(settings.target)
    if name in naive:
        return naive[name]
    if name in LEARNING:
        made: Forecaster = import_module(LEARNING[name]).named(name, settings, progress)
        return made
    raise unknown("no model is named", name, (*LEARNING, *naive))

"""What can be audited, each kind as one question: a table of sessions and cutoffs in, answers out.

| kind | what it is |
|---|---|
| forecaster with covariates | its covariates are made anew from every table it is asked about |
| forecaster | has `fit_many(histories, horizon)`; what that returns has `forecast(histories)` |
| estimator | of scikit-learn, instance or class; reads the windows that our own regressors read |
| function of a history | one argument, rows up to a cutoff; returns the next close, or a few |
| function of the table | one argument, every row; returns the next close at each row, or NaN |
| pipeline | two arguments, every row and the cutoffs (row numbers); one answer for each cutoff |

The last two are handed the future on purpose: it is what they do with it that is audited. A
pipeline may answer with an array, one column for each horizon, or with a table whose first column
is the forecast of the next close and whose others are closes too, such as ends of intervals.
"""

import inspect
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.errors import ForecastError, SettingError
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.outcomes import outcomes_ahead
from forecast.evaluation.quantiles import with_quantiles
from forecast.evaluation.walk_forward import answer_rows
from forecast.features.covariates import with_covariates
from forecast.forecasters.base import Forecaster
from forecast.settings import Covariates
from forecast.shapes import Answers, Rows, Table

# Cutoffs between the refits of a forecaster, and cutoffs at most of a function of a history.
REFIT = 80
FEW = 40


@dataclass(frozen=True, slots=True)
class WithCovariates:
    """A forecaster that reads covariates made from the prices, as they are made for `fit`."""

    forecaster: Forecaster
    covariates: Covariates


@runtime_checkable
class Subject(Protocol):
    """Something that can be asked for forecasts."""

    @property
    def name(self) -> str: ...

    def ask(self, table: pd.DataFrame, cutoffs: Rows) -> pd.DataFrame:
        """One row for each cutoff, the forecast of the next close in the first column."""
        ...

    def use(self, histories: Sequence[pd.DataFrame]) -> None:
        """Everything is called once with these very tables."""
        ...

    def again(self, table: pd.DataFrame, other: pd.DataFrame, cutoffs: Rows) -> tuple[Table, Table]:
        """Answers about a table, and the same asked again after work on another."""
        ...


@dataclass(frozen=True, slots=True)
class OfForecaster:
    """A forecaster, walked forward with a refit every 80 cutoffs, its intervals with it."""

    name: str
    forecaster: Forecaster
    horizon: int
    covariates: Covariates = Covariates()

    def ask(self, table: pd.DataFrame, cutoffs: Rows) -> pd.DataFrame:
        prices = with_covariates(Prices.of(self.name, table), self.covariates, self.horizon)
        cutoffs = cutoffs - (len(table) - len(prices.table))
        parts = [cutoffs[at : at + REFIT] for at in range(0, len(cutoffs), REFIT)]
        known = [[prices.table.iloc[: row + 1] for row in part] for part in parts]
        with guarded(self.name):
            fits = self.forecaster.fit_many([part[0] for part in known], self.horizon)
            told = [fit.forecast(part) for fit, part in zip(fits, known, strict=True)]
            forecasts = np.concatenate([np.asarray(each, dtype="float64") for each in told])
        forecasts = _shaped(self.name, forecasts, (len(cutoffs), self.horizon))
        known_by = outcomes_ahead(prices.table, self.horizon)
        rows = answer_rows(self.name, self.name, cutoffs, forecasts, known_by)
        answers = with_quantiles(rows, {self.name: known_by})
        names = ["forecast", *QUANTILES]
        values = answers[names].to_numpy().reshape(len(cutoffs), -1)
        ahead = range(1, self.horizon + 1)
        return pd.DataFrame(values, columns=[f"{name} {h}" for h in ahead for name in names])

    def use(self, histories: Sequence[pd.DataFrame]) -> None:
        with guarded(self.name):
            for fit in self.forecaster.fit_many(histories, self.horizon):
                fit.forecast(histories)

    def again(self, table: pd.DataFrame, other: pd.DataFrame, cutoffs: Rows) -> tuple[Table, Table]:
        known = [table.iloc[: row + 1] for row in cutoffs]
        with guarded(self.name):
            fit = self.forecaster.fit_many([known[0]], self.horizon)[0]
            before = np.array(fit.forecast(known), dtype="float64")
            fit.forecast([other])
            self.forecaster.fit_many([other], self.horizon)
            return before, np.array(fit.forecast(known), dtype="float64")


@dataclass(frozen=True, slots=True)
class OfFunction:
    """A function of a history, or of the table and the cutoffs."""

    name: str
    answers: Callable[[pd.DataFrame, Rows], pd.DataFrame]

    def ask(self, table: pd.DataFrame, cutoffs: Rows) -> pd.DataFrame:
        return self.answers(table.copy(), cutoffs)

    def use(self, histories: Sequence[pd.DataFrame]) -> None:
        for each in histories:
            self.answers(each, np.array([len(each) - 1]))

    def again(self, table: pd.DataFrame, other: pd.DataFrame, cutoffs: Rows) -> tuple[Table, Table]:
        before = self.ask(table, cutoffs).to_numpy()
        self.ask(other, cutoffs)
        return before, self.ask(table, cutoffs).to_numpy()


def subject(thing: Any, table: pd.DataFrame, horizon: int, name: str = "") -> tuple[Subject, bool]:
    """The subject, and whether it is to be asked at few cutoffs only.

    Raises:
        SettingError: it is none of the kinds above, or a class that cannot be made.
    """
    name = name or getattr(thing, "__name__", type(thing).__name__)
    if isinstance(thing, type):
        with guarded(name):
            thing = thing()
    if isinstance(thing, WithCovariates):
        return OfForecaster(name, thing.forecaster, horizon, thing.covariates), False
    if callable(getattr(thing, "fit_many", None)):
        return OfForecaster(name, thing, horizon), False
    if callable(getattr(thing, "fit", None)) and callable(getattr(thing, "predict", None)):
        return OfForecaster(name, _windowed(thing), horizon), False
    if not callable(thing):
        raise SettingError(
            f"{name} is neither a forecaster (fit_many), nor an estimator (fit, predict), nor a"
            " function"
        )
    return _of_callable(thing, table, name)


def _windowed(estimator: Any) -> Forecaster:
    # scikit-learn takes a second to import.
    from forecast.forecasters.tabular import Tabular  # noqa: PLC0415

    return Tabular(regressor=estimator)


def _of_callable(
    function: Callable[..., Any], table: pd.DataFrame, name: str
) -> tuple[Subject, bool]:
    count = _arguments(function, name)
    if count == 2:
        return OfFunction(name, lambda rows, at: _frame(name, function, (rows, at), len(at))), False
    with guarded(name):
        trial = function(table.copy())
    if np.ndim(trial) and len(trial) == len(table):
        return OfFunction(
            name, lambda rows, at: _frame(name, function, (rows,), len(rows)).iloc[at]
        ), False

    def flat(history: pd.DataFrame) -> Answers:
        return np.reshape(function(history), (1, -1))

    def at_each(rows: pd.DataFrame, cutoffs: Rows) -> pd.DataFrame:
        # The whole table is handed as it came, so that a change of it is seen.
        known = [rows if row == len(rows) - 1 else rows.iloc[: row + 1].copy() for row in cutoffs]
        return pd.concat([_frame(name, flat, (each,), 1) for each in known], ignore_index=True)

    return OfFunction(name, at_each), True


def _arguments(function: Callable[..., Any], name: str) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        every = inspect.signature(function).parameters.values()
    except ValueError:
        return 1
    count = sum(each.kind in kinds and each.default is inspect.Parameter.empty for each in every)
    if count not in (1, 2):
        raise SettingError(
            f"{name} needs {count} arguments; an audited function takes a history, or the whole"
            " table and the cutoffs"
        )
    return count


def _frame(
    name: str, function: Callable[..., Any], arguments: tuple[Any, ...], rows: int
) -> pd.DataFrame:
    """What a function answered, as a table of numbers."""
    with guarded(name):
        told = function(*arguments)
        values = np.array(told, dtype="float64")
    columns = list(told.columns) if isinstance(told, pd.DataFrame) else None
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or len(values) != rows:
        raise SettingError(
            f"{name} answered with shape {np.shape(told)}; needs {rows} rows, one for each cutoff"
        )
    return pd.DataFrame(values, columns=columns)


def _shaped(name: str, forecasts: Answers, needed: tuple[int, int]) -> Answers:
    if forecasts.shape != needed or not np.isfinite(forecasts).all():
        raise SettingError(
            f"{name} answered with shape {forecasts.shape}; needs finite closes of shape {needed}"
        )
    return forecasts


@contextmanager
def guarded(name: str) -> Generator[None, None, None]:
    """Whatever the code of others raises becomes one line that names it."""
    try:
        yield
    except ForecastError:
        raise
    except Exception as error:
        told = " ".join(str(error).split())[:200]
        raise SettingError(f"{name} raised {type(error).__name__}: {told}") from error

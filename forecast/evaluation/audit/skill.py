"""Checks on made series: a signal that is there is found, and none is found where there is none."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from forecast.data.prices import COLUMNS
from forecast.data.synthetic import Synthetic, ar1, bounce, random_walk, trend, weekdays
from forecast.errors import ForecastError
from forecast.evaluation.audit.case import Case, cutoffs_of
from forecast.evaluation.audit.findings import Finding
from forecast.evaluation.significance import Test, diebold_mariano
from forecast.shapes import Series

ROWS = 400
WALKS = (1, 2, 3)
# No chance finding of one audit in a thousand; a leak's p-value is far smaller.
TOO_GOOD = 0.001
FOUND = 0.01
PLANTED: dict[str, Callable[[int, int], Synthetic]] = {
    "changes that go on (AR(1) of 0.7)": lambda rows, seed: ar1(0.7, rows, seed),
    "a trend": trend,
    "a weekday effect": weekdays,
    "a bounce around a level": bounce,
}


def walk(case: Case) -> Finding:
    """Random walks cannot be forecast; what does it by more than luck has seen the future."""
    try:
        parts = [_asked(case, random_walk(ROWS, seed)) for seed in WALKS]
    except ForecastError as error:
        return _skipped("random walk", error)
    actual, forecast, last = (np.concatenate(each) for each in zip(*parts, strict=True))
    test = diebold_mariano(actual, forecast, last)
    if test.p_value < TOO_GOOD:
        return Finding(
            "random walk",
            "failed",
            f"random walks were forecast better than the last close does (p < {TOO_GOOD}), which is"
            " possible only with sessions that were still to come",
        )
    reason = test.reason or f"p = {test.p_value:.2g}"
    return Finding("random walk", "passed", f"random walks were not beaten ({reason})")


def planted(case: Case) -> Finding:
    """At least one of four kinds of signals is found, for most forecasters are of one kind."""
    tests = dict[str, Test]()
    try:
        for name, make in PLANTED.items():
            tests[name] = diebold_mariano(*_asked(case, make(ROWS, 1)))
    except ForecastError as error:
        return _skipped("planted", error)
    found = [name for name, test in tests.items() if test.p_value < FOUND]
    if found:
        return Finding("planted", "passed", f"it found {', '.join(found)}")
    if all(test.reason.startswith("identical") for test in tests.values()):
        return Finding("planted", "skipped", "it repeats the last close; nothing to find")
    told = f"it found none of: {', '.join(PLANTED)}; are its targets those of its inputs?"
    return Finding("planted", "failed", told)


def _asked(case: Case, made: Synthetic) -> tuple[Series, Series, Series]:
    """Logs of the next closes, of their forecasts and of the last closes."""
    table = _like(made.prices.table, case.table)
    cutoffs = cutoffs_of(len(table), few=case.few)
    forecasts = case.subject.ask(table, cutoffs).to_numpy()[:-1, 0]
    closes = table["close"].to_numpy()
    ok = np.isfinite(forecasts) & (forecasts > 0)
    rows = cutoffs[:-1][ok]
    return np.log(closes[rows + 1]), np.log(forecasts[ok]), np.log(closes[rows])


def _like(made: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    """The made series with the columns of a table; its covariates, which know nothing of it."""
    table = made[[name for name in made.columns if name in like.columns]]
    extra = [name for name in like.columns if name not in COLUMNS]
    return table.assign(**{name: np.resize(like[name].to_numpy(), len(made)) for name in extra})


def _skipped(check: str, error: ForecastError) -> Finding:
    return Finding(check, "skipped", f"made prices are refused: {error}")

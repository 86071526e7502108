"""For the tests of your own models: an audit that fails as an assertion does."""

from typing import Any

import pandas as pd

from forecast.data.prices import Prices
from forecast.evaluation.audit.audit import audit
from forecast.settings import Audit

__all__ = ["check_forecaster"]


def check_forecaster(
    forecaster: Any, prices: Prices | pd.DataFrame | None = None, setting: Audit = Audit()
) -> None:
    """Pass if the look-ahead audit finds nothing; `forecaster` is anything that it can audit.

    A forecaster, a scikit-learn estimator, a function of a history, or a pipeline that is handed
    everything: see `forecast.evaluation.audit.subjects`. Without prices a made random walk is used.

    Raises:
        AssertionError: a check failed; the message has one line for each.
        DataError: the prices are too few.
        SettingError: it is nothing that can be audited, or raised an error of its own.

    >>> check_forecaster(lambda history: history["close"].iloc[-1])
    >>> def peeking(table, cutoffs):
    ...     return table["close"].shift(-1).ffill().to_numpy()[cutoffs]
    >>> check_forecaster(peeking)
    Traceback (most recent call last):
    AssertionError: peeking, future: 12 of 12 other futures moved earlier answers; ...
    """
    report = audit(forecaster, prices, setting)
    if not report.passed:
        lines = [f"{report.name}, {each.check}: {each.sentence}" for each in report.failures]
        raise AssertionError("\n".join(lines))

"""Checks of conduct: repeatable, independent of the currency, and free of side effects."""

import numpy as np
import pandas as pd

from forecast.evaluation.audit.case import Case
from forecast.evaluation.audit.findings import Finding
from forecast.evaluation.audit.futures import scaled, shocked

# As a split and dividends since then changed AAPL's close of 2013-03-01.
FACTOR = 7.668
CLOSE = 1e-5


def determinism(case: Case) -> Finding:
    """Asked twice about the same, it answers the same to the last bit."""
    return _finding(
        "determinism",
        np.array_equal(case.base.to_numpy(), case.ask(case.table), equal_nan=True),
        "asked twice, it answered the same to the last bit",
        "asked twice, it answered otherwise: it draws random numbers without a seed of its own, or"
        " remembers; give it a seed and audit again, for without that no leak can be seen",
    )


def scale(case: Case) -> Finding:
    """Prices 7.668 times as large lead to forecasts 7.668 times as large."""
    base, told = case.base.to_numpy(), case.ask(scaled(case.table, FACTOR)) / FACTOR
    return _finding(
        "scale",
        np.allclose(told, base, rtol=CLOSE, atol=0, equal_nan=True),
        f"prices {FACTOR} times as large gave forecasts {FACTOR} times as large",
        f"prices {FACTOR} times as large gave other forecasts: a split or dividend still to come"
        " would change them, or they come from elsewhere than the prices it is handed",
    )


def history(case: Case) -> Finding:
    """The tables that it is handed stay as they were."""
    ends = {int(case.cutoffs[0]) + 1, len(case.table)}
    handed = [case.table.iloc[:end].copy() for end in sorted(ends)]
    kept = [each.copy() for each in handed]
    case.subject.use(handed)
    return _finding(
        "history",
        all(_same(*each) for each in zip(handed, kept, strict=True)),
        "the tables it was handed are as they were",
        "it changed a table that it was handed; let it work on a copy",
    )


def fitted(case: Case) -> Finding:
    """What has learned answers the same after work on other prices as before."""
    other = shocked(case.table, len(case.table) // 2, seed=1)
    before, after = case.subject.again(case.table, other, case.cutoffs)
    return _finding(
        "fitted",
        np.array_equal(before, after, equal_nan=True),
        "work on other prices between changed nothing",
        "after work on other prices it answered otherwise: what one fit learned was changed by the"
        " next; let each fit return something of its own",
    )


def _same(one: pd.DataFrame, two: pd.DataFrame) -> bool:
    return bool(one.columns.equals(two.columns) and one.index.equals(two.index) and one.equals(two))


def _finding(check: str, holds: object, passed: str, failed: str) -> Finding:
    return Finding(check, "passed", passed) if holds else Finding(check, "failed", failed)

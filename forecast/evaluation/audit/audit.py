"""The audit: every check on one subject, each only where the check that it rests on has passed."""

from collections.abc import Callable
from typing import Any

import pandas as pd

from forecast.data.prices import Prices
from forecast.data.synthetic import random_walk
from forecast.evaluation.audit import conduct, look_ahead, skill
from forecast.evaluation.audit.case import Case
from forecast.evaluation.audit.findings import Finding, Report
from forecast.progress import Progress, silent
from forecast.settings import Audit

CHECKS: dict[str, Callable[[Case], Finding]] = {
    "determinism": conduct.determinism,
    "future": look_ahead.future,
    "gaps": look_ahead.gaps,
    "truncation": look_ahead.truncation,
    "scale": conduct.scale,
    "history": conduct.history,
    "fitted": conduct.fitted,
    "random walk": skill.walk,
    "planted": skill.planted,
}
# A check means nothing where the one that it rests on has failed.
RESTS_ON = {
    **dict.fromkeys(("future", "truncation", "scale", "fitted"), "determinism"),
    "gaps": "future",
}


def audit(
    thing: Any,
    prices: Prices | pd.DataFrame | None = None,
    setting: Audit = Audit(),
    *,
    name: str = "",
    progress: Progress = silent,
) -> Report:
    """Whether anything after a cutoff moves the forecast that is made at it.

    What can be audited is listed in `forecast.evaluation.audit.subjects`. Without prices, a made
    random walk is used. Nothing that it is handed is changed.

    Raises:
        DataError: the prices are too few.
        SettingError: the thing is nothing that can be audited, or raised an error of its own.
    """
    if prices is None:
        prices = random_walk(setting.rows, seed=0).prices
    ticker = prices.ticker if isinstance(prices, Prices) else ""
    case = Case.of(thing, prices.table if isinstance(prices, Prices) else prices, setting, name)
    findings = dict[str, Finding]()
    for done, (check, run) in enumerate(CHECKS.items()):
        progress(done, len(CHECKS))
        needed = RESTS_ON.get(check, "")
        if needed and findings[needed].outcome != "passed":
            sentence = f"says nothing while {needed} does not pass"
            findings[check] = Finding(check, "skipped", sentence)
        else:
            findings[check] = run(case)
    progress(len(CHECKS), len(CHECKS))
    return Report(
        name=case.subject.name,
        ticker=ticker,
        first=case.table.index[0],
        last=case.table.index[-1],
        rows=len(case.table),
        cutoffs=len(case.cutoffs),
        findings=tuple(findings.values()),
    )

"""The forecasts of sessions to come, in words and as JSON values."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from forecast.evaluation.answers import COVERAGES
from forecast.reporting import formats
from forecast.reporting.wording import change, day, percent, price


def lines(answers: pd.DataFrame) -> list[str]:
    """The nearest session to come and, with a longer horizon, the farthest; two lines each."""
    rows = formats.rows(answers)
    told = list[str]()
    for row in rows[:1] + rows[1:][-1:]:
        when = "next session" if row["horizon"] == 1 else f"in {row['horizon']} sessions"
        moved = change(row["forecast"] / row["last"] - 1)
        told.append(f"{day(row['date'])} ({when}): {price(row['forecast'])} ({moved})")
        ends = [
            f"{percent(level)} interval {price(row[low])} to {price(row[high])}"
            for level, (low, high) in COVERAGES.items()
            if math.isfinite(row[low])
        ]
        told.append("  " + ("; ".join(ends) or "no intervals: too few answers before it"))
    return told


def as_json(answers: pd.DataFrame) -> list[dict[str, Any]]:
    """Each session to come; changes are shares, prices as in the source, NaN is None."""
    told: list[dict[str, Any]] = formats.finite([_session(row) for row in formats.rows(answers)])
    return told


def _session(row: Mapping[str, Any]) -> dict[str, Any]:
    ends = {f"{100 * level:.0f}": [row[low], row[high]] for level, (low, high) in COVERAGES.items()}
    return {
        "date": day(row["date"]),
        "horizon": row["horizon"],
        "forecast": row["forecast"],
        "change": row["forecast"] / row["last"] - 1,
        "interval": ends,
    }

"""The forecasts of sessions to come, in words and as JSON values."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from forecast.evaluation.answers import COVERAGES, QUANTILES, rise
from forecast.reporting import formats
from forecast.reporting.wording import change, day, percent, price
from forecast.settings import TargetName


def lines(answers: pd.DataFrame, target: TargetName = "close") -> list[str]:
    """The nearest session to come and, with a longer horizon, the farthest; two lines each."""
    rows = formats.rows(answers)
    told = list[str]()
    for row in rows[:1] + rows[1:][-1:]:
        when = "next session" if row["horizon"] == 1 else f"in {row['horizon']} sessions"
        told.append(f"{day(row['date'])} ({when}): {said(row, target)}")
        ends = [
            f"{percent(level)} interval {_ends(row, low, high, target)}"
            for level, (low, high) in COVERAGES.items()
            if math.isfinite(row[low])
        ]
        told.append("  " + ("; ".join(ends) or "no intervals: too few answers before it"))
    return told


def as_json(answers: pd.DataFrame, target: TargetName = "close") -> list[dict[str, Any]]:
    """Each session to come; changes and chances are shares, prices as in the source, NaN is None.

    Volatilities are in per cent a session.
    """
    told: list[dict[str, Any]] = formats.finite(
        [_session(row, target) for row in formats.rows(answers)]
    )
    return told


def _session(row: Mapping[str, Any], target: TargetName) -> dict[str, Any]:
    ends = {f"{100 * level:.0f}": [row[low], row[high]] for level, (low, high) in COVERAGES.items()}
    found = {
        "date": day(row["date"]),
        "horizon": row["horizon"],
        "forecast": row["forecast"],
        "change": row["forecast"] / row["last"] - 1,
        "interval": ends,
    }
    return found | ({"rise": _rise(row)} if target == "direction" else {})


def _rise(row: Mapping[str, Any]) -> float:
    return rise(row["last"], [row[name] for name in QUANTILES])


def _moved(row: Mapping[str, Any], column: str = "forecast") -> str:
    return change(row[column] / row["last"] - 1)


def _ends(row: Mapping[str, Any], low: str, high: str, target: TargetName) -> str:
    if target in ("close", "volatility"):
        return f"{price(row[low])} to {price(row[high])}"
    return f"{_moved(row, low)} to {_moved(row, high)}"


def said(row: Mapping[str, Any], target: TargetName) -> str:
    """One answer in the words of its target."""
    return SAID[target](row)


SAID: dict[TargetName, Callable[[Mapping[str, Any]], str]] = {
    "close": lambda row: f"{price(row['forecast'])} ({_moved(row)})",
    "return": lambda row: f"{_moved(row)} (close {price(row['forecast'])})",
    "direction": lambda row: f"{percent(_rise(row))} chance of a rise",
    "volatility": lambda row: (
        f"volatility {price(row['forecast'])} % a session (last {price(row['last'])} %)"
    ),
}

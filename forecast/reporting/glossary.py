"""What each column of the score table is called, how it is written, and what it says in a sentence.

A column that is not here is shown all the same, under its own name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forecast.reporting.wording import change, percent, plain, price


@dataclass(frozen=True, slots=True)
class Entry:
    """The name of a score, the way to write its value, and one plain sentence about it."""

    name: str
    written: Callable[[Any], str]
    sentence: str


def _number(value: Any) -> str:
    if isinstance(value, str):
        return plain(value, 60) or "-"
    return f"{value:.4g}" if math.isfinite(value) else "-"


def _share(value: Any) -> str:
    return percent(value, 1) if math.isfinite(value) else "-"


def _signed(value: Any) -> str:
    return change(value) if math.isfinite(value) else "-"


def _p(value: Any) -> str:
    if not math.isfinite(value):
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


GLOSSARY = {
    "n": Entry("forecasts", _number, "How many forecasts have an actual close to be held against."),
    "mae": Entry("MAE", price, "The mean distance from the actual close, in the prices' currency."),
    "rmse": Entry(
        "RMSE", price, "The root of the mean squared distance, in which large misses weigh more."
    ),
    "skill": Entry(
        "skill", _signed, "The share of the last close's MAE that is removed; below 0 is worse."
    ),
    "skill_rmse": Entry("skill in RMSE", _signed, "The same share of the last close's RMSE."),
    "r2": Entry(
        "R2 of returns",
        _signed,
        "The share of the squared daily changes that is explained; seldom more than 0.5 %.",
    ),
    "mase": Entry("MASE", _number, "The error in units of the first history's mean daily change."),
    "mase_last": Entry("MASE of the last close", _number, "The same for repeating the last close."),
    "p_value": Entry(
        "p, Diebold-Mariano",
        _p,
        "How often chance alone would make errors look this much smaller than the last close's.",
    ),
    "p_holm": Entry("p (Holm)", _p, "The same, made stricter for every model that was tried."),
    "cw_p": Entry(
        "p, Clark-West",
        _p,
        "How often chance would look this much like a signal, be it too weak to forecast better.",
    ),
    "cw_holm": Entry(
        "p, Clark-West (Holm)", _p, "The same, made stricter for every model that was tried."
    ),
    "tests": Entry("claims", _number, "How many claims were corrected together; 0 claims nothing."),
    "overlap": Entry(
        "overlap", _number, "How many forecasts in a row share a session, which tests allow for."
    ),
    "direction": Entry("direction", _share, "How often the close moved the way that was forecast."),
    "up_rate": Entry("rises", _share, "How often the close rose: what always saying up would get."),
    "flat": Entry("no direction", _share, "How often no change was forecast, or none came."),
    "direction_p": Entry(
        "p, Pesaran-Timmermann", _p, "How often chance would agree this well with the directions."
    ),
    "correlation": Entry(
        "correlation", _number, "Of the change forecast with the change that came, from -1 to 1."
    ),
    "lag": Entry(
        "lag", _number, "Which earlier close the forecast resembles most; 0 is the one it is for."
    ),
    "coverage80": Entry("in 80 %", _share, "How many closes fell inside the 80 % interval."),
    "coverage95": Entry("in 95 %", _share, "How many closes fell inside the 95 % interval."),
    "width80": Entry(
        "width of 80 %", _share, "The mean width of it, as a share of the last close."
    ),
    "width95": Entry(
        "width of 95 %", _share, "The mean width of it, as a share of the last close."
    ),
}


def entry(column: str) -> Entry:
    """What is known of a column of the score table."""
    return GLOSSARY.get(column) or Entry(column.replace("_", " "), _number, "")

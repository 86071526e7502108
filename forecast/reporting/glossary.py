"""What each column of the score table is called, how it is written, and what it says in a sentence.

A column that is not here is shown all the same, under its own name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forecast.reporting.wording import change, percent, plain, price
from forecast.settings import TargetName


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


_CHANCE = "How often chance alone would make this error look this much smaller than"
_STRICT = "The same, made stricter for every model that was tried."
_OF_RETURN = {
    "mae": Entry("MAE, %", _number, "The mean distance from the actual return, in per cent."),
    "rmse": Entry("RMSE, %", _number, "The root of the mean squared distance, in per cent."),
}
_OF_DIRECTION = {
    "brier": Entry("Brier", _number, "The mean squared distance of the chance from 1 or 0."),
    "log_loss": Entry("log loss", _number, "How surprising what came was; 0.693 is a coin's."),
    "skill": Entry("skill", _signed, "The share of the base rate's Brier score that is removed."),
    "direction": Entry("right", _share, "How often the close went to the likelier side."),
    "mcc": Entry("MCC", _number, "Agreement of the sides, from -1 to 1; 0 for one side always."),
    "p_value": Entry("p, Diebold-Mariano", _p, f"{_CHANCE} the base rate's."),
}
_OF_VOLATILITY = {
    "n": Entry("forecasts", _number, "How many forecasts have an actual volatility by now."),
    "qlike": Entry("QLIKE", _number, "An error of the variance; saying too little costs most."),
    "log_mse": Entry("MSE of logs", _number, "The mean squared error of the log variance."),
    "mae": Entry("MAE, %", _number, "The mean distance from the actual, in per cent a session."),
    "rmse": Entry("RMSE, %", _number, "The root of the mean squared distance, likewise."),
    "skill": Entry("skill", _signed, "The share of HAR's QLIKE that is removed."),
    "log_skill": Entry("skill in logs", _signed, "The share of HAR's MSE of logs removed."),
    "correlation": Entry("correlation", _number, "Of the logs of forecast and actual."),
    "p_value": Entry("p, QLIKE", _p, f"{_CHANCE} HAR's."),
    "log_p": Entry("p, logs", _p, f"{_CHANCE} HAR's, on logs."),
    "log_holm": Entry("p, logs (Holm)", _p, _STRICT),
    "coverage80": Entry("in 80 %", _share, "How many fell inside the 80 % interval."),
    "coverage95": Entry("in 95 %", _share, "How many fell inside the 95 % interval."),
    "width80": Entry("width of 80 %", _share, "Its mean width, as a share of the last."),
    "width95": Entry("width of 95 %", _share, "Its mean width, as a share of the last."),
}
OF_TARGET: dict[TargetName, dict[str, Entry]] = {
    "close": {},
    "return": _OF_RETURN,
    "direction": _OF_DIRECTION,
    "volatility": _OF_VOLATILITY,
}


def entry(column: str, target: TargetName = "close") -> Entry:
    """What is known of a column of the score table of this target."""
    found = OF_TARGET[target].get(column) or GLOSSARY.get(column)
    return found or Entry(column.replace("_", " "), _number, "")

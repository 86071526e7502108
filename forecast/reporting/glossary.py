"""What each column of a table of scores is called, how it is written, what it says in a sentence.

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


def _ratio(value: Any) -> str:
    return f"{value:.2f}" if math.isfinite(value) else "-"


def _ratio4(value: Any) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "-"


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
    "mape": Entry(
        "MAPE", _share, "The mean distance as a share of the price; small for any daily forecast."
    ),
    "mape_last": Entry("MAPE of the last close", _share, "The same for repeating the last close."),
    "r2_mean": Entry(
        "R2 beside the mean",
        _signed,
        "The same share, beside a forecast of the mean return that was known by then.",
    ),
    "rmsse": Entry("RMSSE", _number, "As MASE, with squares, in which large misses weigh more."),
    "mcc": Entry(
        "MCC",
        _number,
        "How well the directions agree, from -1 to 1; 0 is chance, and always saying up is 0, too.",
    ),
    "gw_p": Entry(
        "p, Giacomini-White",
        _p,
        "How often chance alone would tell model and last close apart so well; small: they differ.",
    ),
    "spa_p": Entry(
        "p, superior ability",
        _p,
        "How often the luckiest of this run's models would look as good as its best one does.",
    ),
    "mcs_p": Entry(
        "p, confidence set",
        _p,
        "Small: it is not among the best of this run; 1: nothing here is better than it.",
    ),
    "winkler80": Entry(
        "Winkler, 80 %", _share, "Width of the interval and a fine for each miss; less is better."
    ),
    "winkler95": Entry(
        "Winkler, 95 %", _share, "Width of the interval and a fine for each miss; less is better."
    ),
    "kupiec80_p": Entry(
        "p, Kupiec, 80 %", _p, "Small: the 80 % interval misses more or less often than it should."
    ),
    "kupiec95_p": Entry(
        "p, Kupiec, 95 %", _p, "Small: the 95 % interval misses more or less often than it should."
    ),
    "christoffersen80_p": Entry(
        "p, Christoffersen, 80 %",
        _p,
        "Small: one miss of the 80 % interval makes the next likelier.",
    ),
    "christoffersen95_p": Entry(
        "p, Christoffersen, 95 %",
        _p,
        "Small: one miss of the 95 % interval makes the next likelier.",
    ),
    "pinball": Entry(
        "pinball loss", _number, "How far returns fell from the quantiles forecast; less is better."
    ),
    "crps": Entry(
        "CRPS", _number, "Twice that: how far returns fell from the whole range that was forecast."
    ),
    "wql": Entry("WQL", _number, "That, in units of the mean size of returns; less is better."),
    "coverage80": Entry("in 80 %", _share, "How many closes fell inside the 80 % interval."),
    "coverage95": Entry("in 95 %", _share, "How many closes fell inside the 95 % interval."),
    "width80": Entry(
        "width of 80 %", _share, "The mean width of it, as a share of the last close."
    ),
    "width95": Entry(
        "width of 95 %", _share, "The mean width of it, as a share of the last close."
    ),
    "strategy": Entry(
        "traded by",
        _number,
        "sign: wholly in or wholly short; sized: more where more is forecast; hold: bought once.",
    ),
    "gross_sharpe": Entry(
        "Sharpe, gross", _ratio, "Mean gain over its scatter, for a year, before any costs."
    ),
    "net_sharpe": Entry("Sharpe, net", _ratio, "The same after costs."),
    "psr": Entry(
        "chance of gain", _share, "How sure it is that the gain after costs was more than luck."
    ),
    "dsr": Entry(
        "deflated",
        _share,
        "The same, knowing how many were tried; from 95 % on it is evidence.",
    ),
    "growth": Entry("gain", _signed, "What the whole time would have brought, after costs."),
    "drawdown": Entry("drawdown", _signed, "The largest loss on the way, from a height before it."),
    "turnover": Entry(
        "turnover", _share, "How much of the capital changes hands from one position to the next."
    ),
    "tickers": Entry("tickers", _number, "How many tickers are pooled."),
    "days": Entry("days", _number, "On how many days forecasts were made; each counts as one."),
    "skill_se": Entry("error of skill", _share, "How far skill may be off by chance."),
    "mse_ratio": Entry(
        "MSE / last's", _ratio4, "Squared error of all over the last close's; below 1 is better."
    ),
    "mse_ratio_se": Entry("its error", _ratio4, "How far that may be off by chance."),
    "mse_ratio_low": Entry("from", _ratio4, "The lower end of its 95 % interval."),
    "mse_ratio_high": Entry("to", _ratio4, "The upper end; below 1 is evidence."),
    "mean_ratio": Entry("mean of tickers", _ratio4, "The mean of each ticker's own such ratio."),
    "mean_ratio_low": Entry("from", _ratio4, "The lower end of its 95 % interval."),
    "mean_ratio_high": Entry("to", _ratio4, "The upper end of it."),
    "rank_correlation": Entry(
        "rank correlation", _number, "How well each day's order of tickers was forecast, -1 to 1."
    ),
    "rank_t": Entry("its t", _ratio, "That over its error; beyond 2 is seldom luck."),
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

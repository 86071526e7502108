"""The columns of score tables: a name, a number format and a sentence for each.

Each sentence stands by itself and needs no statistics. A column that is not here is shown all the
same, under its own name.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecast.evaluation.answers import COVERAGES
from forecast.reporting.wording import change, number, p_value, percent, plain, price
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
    return number(value, ".2f")


def _ratio4(value: Any) -> str:
    return number(value, ".4f")


def _levels(
    column: str, name: str, written: Callable[[Any], str], sentence: str
) -> dict[str, Entry]:
    """An entry for each interval there is."""
    return {
        column.format(level): Entry(name.format(level), written, sentence.format(level))
        for level in (f"{100 * share:.0f}" for share in COVERAGES)
    }


_CHANCE = "How often chance alone would make errors look this much smaller than"
_STRICT = "made stricter for everything that was tried"
GLOSSARY = {
    "ticker": Entry("ticker", _number, "Whose prices these are."),
    "forecaster": Entry("forecaster", _number, "Which model, or which naive way, forecast."),
    "horizon": Entry("sessions ahead", _number, "How many trading days ahead was forecast."),
    "n": Entry("forecasts", _number, "How many forecasts could be held against what then came."),
    "mae": Entry("MAE", price, "The mean distance from the actual close, in the prices' currency."),
    "rmse": Entry(
        "RMSE", price, "The root of the mean squared distance, in which large misses weigh more."
    ),
    "mape": Entry(
        "MAPE", _share, "The mean distance as a share of the price; small for any daily forecast."
    ),
    "mape_last": Entry(
        "MAPE of the last close", _share, "What repeating the last close has for a MAPE."
    ),
    "skill": Entry(
        "skill", _signed, "The share of the last close's MAE that is removed; below 0 is worse."
    ),
    "skill_rmse": Entry(
        "skill in RMSE", _signed, "The share of the last close's RMSE that is removed."
    ),
    "r2": Entry(
        "R2 of returns",
        _signed,
        "The share of the squared changes that is explained; of daily ones seldom more than 0.5 %.",
    ),
    "r2_mean": Entry(
        "R2 beside the mean",
        _signed,
        "The share explained of what a forecast of the mean change so far leaves unexplained.",
    ),
    "mase": Entry("MASE", _number, "The error in units of the first history's mean daily change."),
    "mase_last": Entry(
        "MASE of the last close", _number, "What repeating the last close has for a MASE."
    ),
    "rmsse": Entry("RMSSE", _number, "As MASE, with squares, in which large misses weigh more."),
    "direction": Entry("direction", _share, "How often the close moved the way that was forecast."),
    "up_rate": Entry("rises", _share, "How often the close rose: what always saying up would get."),
    "flat": Entry("no direction", _share, "How often no change was forecast, or none came."),
    "mcc": Entry(
        "MCC",
        _ratio4,
        "How well the directions agree, from -1 to 1; 0 is chance, and always saying up is 0, too.",
    ),
    "direction_p": Entry(
        "p, Pesaran-Timmermann",
        p_value,
        "How often chance would agree this well with the directions.",
    ),
    "correlation": Entry(
        "correlation",
        _number,
        "How well the changes forecast go along with those that came, -1 to 1; 0: not at all.",
    ),
    "correlation_p": Entry(
        "p, correlation", p_value, "How often chance alone would make them go along this well."
    ),
    "lag": Entry(
        "lag", _number, "Which earlier close the forecast resembles most; 0 is the one it is for."
    ),
    "p_value": Entry("p, Diebold-Mariano", p_value, f"{_CHANCE} the last close's."),
    "p_holm": Entry("p (Holm)", p_value, f"The p of Diebold and Mariano, {_STRICT}."),
    "cw_p": Entry(
        "p, Clark-West",
        p_value,
        "How often chance would look this much like a signal, be it too weak to forecast better.",
    ),
    "cw_holm": Entry("p, Clark-West (Holm)", p_value, f"The p of Clark and West, {_STRICT}."),
    "gw_p": Entry(
        "p, Giacomini-White",
        p_value,
        "How often chance alone would tell model and last close apart so well; small: they differ.",
    ),
    "spa_p": Entry(
        "p, superior ability",
        p_value,
        "How often the luckiest of this run's models would look as good as its best one does.",
    ),
    "mcs_p": Entry(
        "p, confidence set",
        p_value,
        "Small: it is not among the best of this run; 1: nothing here is better than it.",
    ),
    "tests": Entry(
        "claims", _number, "How many claims p (Holm) is made stricter for; 0: it makes no claim."
    ),
    "overlap": Entry(
        "overlap", _number, "How many forecasts in a row share a session, which tests allow for."
    ),
    **_levels("coverage{}", "in {} %", _share, "How many closes fell inside the {} % interval."),
    **_levels(
        "width{}",
        "width of {} %",
        _share,
        "The mean width of the {} % interval, as a share of the last close.",
    ),
    **_levels(
        "winkler{}",
        "Winkler, {} %",
        _share,
        "The width of the {} % interval and a fine for each miss; less is better.",
    ),
    **_levels(
        "kupiec{}_p",
        "p, Kupiec, {} %",
        p_value,
        "Small: the {} % interval misses more or less often than it should.",
    ),
    **_levels(
        "christoffersen{}_p",
        "p, Christoffersen, {} %",
        p_value,
        "Small: whether the {} % interval misses tells whether the next one will.",
    ),
    "pinball": Entry(
        "pinball loss",
        _number,
        "How far returns fell from the range forecast, half of CRPS; less is better.",
    ),
    "crps": Entry(
        "CRPS",
        _number,
        "How far returns fell from the range forecast, in units of returns; less is better.",
    ),
    "wql": Entry("WQL", _number, "The CRPS in units of the mean size of returns; less is better."),
    "reason": Entry("why no p", _number, "Why there is no p; empty where there is one."),
    "missing": Entry("why missing", _number, "Why other figures are missing, each by its name."),
    "strategy": Entry(
        "traded by",
        _number,
        "sign: wholly in or wholly short; sized: more where more is forecast; hold: bought once.",
    ),
    "gross_sharpe": Entry(
        "Sharpe, gross", _ratio, "Mean gain over its scatter, for a year, before any costs."
    ),
    "net_sharpe": Entry(
        "Sharpe, net", _ratio, "Mean gain over its scatter, for a year, after costs."
    ),
    "psr": Entry(
        "chance of gain", _share, "How sure it is that the gain after costs was more than luck."
    ),
    "dsr": Entry(
        "deflated",
        _share,
        "How sure it is that the gain beats the luckiest of all tries; evidence from 95 % on.",
    ),
    "growth": Entry("gain", _signed, "What the whole time would have brought, after costs."),
    "drawdown": Entry("drawdown", _signed, "The largest loss on the way, from a height before it."),
    "turnover": Entry(
        "turnover", _share, "How much of the capital changes hands from one position to the next."
    ),
    "tickers": Entry("tickers", _number, "How many tickers are taken together."),
    "days": Entry("days", _number, "On how many days forecasts were made; each counts as one."),
    "skill_se": Entry("error of skill", _share, "How far the skill may be off by chance."),
    "mse_ratio": Entry(
        "squared error",
        _ratio4,
        "The squared error of all forecasts over that of the naive way; below 1 is better.",
    ),
    "mse_ratio_se": Entry("its error", _ratio4, "How far that ratio may be off by chance."),
    "mse_ratio_low": Entry("from", _ratio4, "The lower end of the 95 % interval of that ratio."),
    "mse_ratio_high": Entry("to", _ratio4, "The upper end of that interval; below 1 is evidence."),
    "mean_ratio": Entry("mean of tickers", _ratio4, "The mean of each ticker's own such ratio."),
    "mean_ratio_low": Entry("from", _ratio4, "The lower end of the 95 % interval of that mean."),
    "mean_ratio_high": Entry("to", _ratio4, "The upper end of that interval."),
    "rank_correlation": Entry(
        "rank correlation", _number, "How well each day's order of tickers was forecast, -1 to 1."
    ),
    "rank_t": Entry("its t", _ratio, "The rank correlation over its error; beyond 2 is rare luck."),
    "verdict": Entry("verdict", _number, "What may be claimed, in words."),
}
_OF_RETURN = {
    "mae": Entry("MAE, %", _number, "The mean distance from the actual return, in per cent."),
    "rmse": Entry("RMSE, %", _number, "The root of the mean squared distance, in per cent."),
}
_OF_DIRECTION = {
    "brier": Entry("Brier", _ratio4, "The mean squared distance of the chance from 1 or 0."),
    "log_loss": Entry("log loss", _ratio4, "How surprising what came was; 0.693 is a coin's."),
    "skill": Entry(
        "skill",
        _signed,
        "The share removed of the Brier score of always saying the share of rises so far.",
    ),
    "direction": Entry("right", _share, "How often the close went to the likelier side."),
    "mcc": Entry("MCC", _ratio4, "Agreement of the sides, from -1 to 1; 0 for one side always."),
    "p_value": Entry(
        "p, Diebold-Mariano",
        p_value,
        "How often chance would look this much better than the share of rises so far.",
    ),
}
_OF_VOLATILITY = {
    "qlike": Entry("QLIKE", _number, "An error of the variance; saying too little costs most."),
    "log_mse": Entry(
        "MSE of logs",
        _number,
        "The mean squared error of the log variance; it favours saying less.",
    ),
    "mae": Entry("MAE, %", _number, "The mean distance from the actual, in per cent a session."),
    "rmse": Entry(
        "RMSE, %", _number, "The root of the mean squared distance, in per cent a session."
    ),
    "skill": Entry(
        "skill", _signed, "The share removed of the QLIKE of HAR, the usual model of volatility."
    ),
    "log_skill": Entry("skill in logs", _signed, "The share removed of HAR's MSE of logs."),
    "correlation": Entry(
        "correlation", _number, "How well volatilities forecast go along with those that came."
    ),
    "p_value": Entry("p, QLIKE", p_value, f"{_CHANCE} HAR's, by QLIKE."),
    "log_p": Entry("p, logs", p_value, f"{_CHANCE} HAR's, on logs."),
    "log_holm": Entry("p, logs (Holm)", p_value, f"The p on logs, {_STRICT}."),
    **_levels("coverage{}", "in {} %", _share, "How many fell inside the {} % interval."),
    **_levels(
        "width{}",
        "width of {} %",
        _share,
        "The mean width of the {} % interval, as a share of the last volatility.",
    ),
}
OF_TARGET: dict[TargetName, dict[str, Entry]] = {
    "close": {},
    "return": _OF_RETURN,
    "direction": _OF_DIRECTION,
    "volatility": _OF_VOLATILITY,
}


def entry(column: str, target: TargetName = "close") -> Entry:
    """The entry of a column in the score table of this target."""
    found = OF_TARGET[target].get(column) or GLOSSARY.get(column)
    return found or Entry(column.replace("_", " "), _number, "")


def meanings(target: TargetName, *tables: pd.DataFrame) -> dict[str, str]:
    """The sentence of each column of these tables, by its name."""
    names = [str(name) for table in tables for name in table.columns]
    return {name: entry(name, target).sentence for name in names}

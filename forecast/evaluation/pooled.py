"""Scores of many tickers together: one row for each forecaster and horizon, days as clusters.

| column | meaning |
|---|---|
| forecaster, horizon | whose forecasts, how far ahead |
| tickers, days, n | tickers, days on which forecasts were made, forecasts with a known actual |
| skill, skill_se | share of the reference's error removed; its standard error |
| mse_ratio, mse_ratio_se | squared error over that of the reference; its standard error |
| mse_ratio_low, mse_ratio_high | 95 % interval of that ratio, from resampled blocks of days |
| p_value | that the ratio is below 1 by luck, one-sided |
| mean_ratio, mean_ratio_low, mean_ratio_high | the mean of each ticker's own ratio; its interval |
| rank_correlation, rank_t | forecast with actual order of a day's tickers, mean; its t value |
| missing | why there are no other figures, each by its name |

`MEASURES` holds the errors and the reference of each target: for closes they are errors of log
price, so that no ticker weighs more because its price is higher. Tickers move together, and
forecasts may overlap: all forecasts of a day count as one observation, and standard errors allow
for as many days as a forecast spans. What cannot be computed is NaN, and `missing` says why.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.special import stdtr

from forecast.errors import DataError
from forecast.evaluation.answers import values_of
from forecast.evaluation.bootstrap import interval, usual_shares
from forecast.evaluation.losses import MEASURES, Measure
from forecast.evaluation.missing import in_words, lacking, too_few
from forecast.evaluation.significance import FEWEST, SAME, degrees, long_run_variance
from forecast.settings import TargetName
from forecast.shapes import Rows, Series

Panel = Float[np.ndarray, "day ticker"]

COLUMNS = (
    *("forecaster", "horizon", "tickers", "days", "n", "skill", "skill_se"),
    *("mse_ratio", "mse_ratio_se", "mse_ratio_low", "mse_ratio_high", "p_value"),
    *("mean_ratio", "mean_ratio_low", "mean_ratio_high", "rank_correlation", "rank_t"),
    "missing",
)
RATIOS = tuple(name for name in COLUMNS if name.startswith(("skill", "mse", "mean")))
AT_ONCE = 64  # tickers whose ratios are redrawn together
# The order of two tickers means little.
FEWEST_TICKERS = 3


def pooled(answers: pd.DataFrame, target: TargetName = "close") -> pd.DataFrame:
    """The pooled score table of an answers table; rows whose actual is unknown are left out.

    Answers to `direction` are those that `forecast.evaluation.direction.chances` makes.

    Raises:
        DataError: no answer has a known actual, or there are none of the reference.
    """
    known, measure = answers.dropna(subset=["actual", "forecast"]), MEASURES[target]
    if known.empty:
        raise DataError("no answer has a known actual; nothing to score")
    groups = known.groupby(["forecaster", "horizon"], sort=False, observed=True)
    theirs = known[known["forecaster"] == measure.baseline]
    if measure.baseline and theirs.empty:
        raise DataError(f"no answers of {measure.baseline}; no score without a baseline")
    rows = list[dict[str, Any]]()
    for _, group in groups:
        found = _Errors.of(group, theirs, measure)
        row = _row(group, found)
        rows.append(row | {"missing": in_words(lacking(row, _whys(row, found, measure)))})
    return pd.DataFrame(rows, columns=list(COLUMNS))


@dataclass(frozen=True, slots=True, eq=False)
class _Errors:
    """The errors of one forecaster at one horizon, by day and ticker; NaN where nothing was asked.

    Plain and squared losses, its own and those of the reference; changes that came and changes
    forecast. `overlap` is the median number of days whose forecasts share a session.
    """

    plain: Panel
    plain_reference: Panel
    square: Panel
    square_reference: Panel
    came: Panel
    said: Panel
    overlap: int

    @classmethod
    def of(cls, group: pd.DataFrame, baseline: pd.DataFrame, measure: Measure) -> "_Errors":
        days, day = np.unique(group["cutoff"].to_numpy(), return_inverse=True)
        tickers, ticker = np.unique(group["ticker"].to_numpy("str"), return_inverse=True)
        actual, forecast, last = values_of(group)
        reference = _beside(group, baseline) if measure.baseline else last
        found = (
            measure.plain(actual, forecast),
            measure.plain(actual, reference),
            measure.square(actual, forecast),
            measure.square(actual, reference),
            measure.change(actual, last),
            measure.change(forecast, last),
        )
        panels = np.full((len(found), len(days), len(tickers)), np.nan)
        for panel, values in zip(panels, found, strict=True):
            panel[day, ticker] = values
        reached = cast(Rows, days.searchsorted(group["date"].to_numpy()))
        # Two models that both miss stay apart for days, where no forecast overlaps as well.
        least = 2 if measure.baseline else 1
        return cls(*panels, overlap=max(int(np.median(np.subtract(reached, day))), least))


def _beside(group: pd.DataFrame, baseline: pd.DataFrame) -> Series:
    """What the baseline answered at the same cutoffs of the same tickers; NaN where it did not."""
    same = baseline[baseline["horizon"] == int(group["horizon"].iloc[0])]
    keys = [pd.MultiIndex.from_frame(each[["ticker", "cutoff"]]) for each in (group, same)]
    theirs = pd.Series(same["forecast"].to_numpy("float64"), index=keys[1])
    return theirs.reindex(keys[0]).to_numpy()


def _row(group: pd.DataFrame, found: _Errors) -> dict[str, Any]:
    days, tickers = found.square.shape
    squares, theirs = found.square, found.square_reference
    rest, skill_se = clustered_ratio(
        _by_day(found.plain), _by_day(found.plain_reference), found.overlap
    )
    pooled_ratio, error = clustered_ratio(_by_day(squares), _by_day(theirs), found.overlap)
    draws = usual_shares(days, found.overlap)
    low, high = interval(_quotient(draws @ _by_day(squares), draws @ _by_day(theirs)))
    own = _quotient(np.nansum(squares, axis=0), np.nansum(theirs, axis=0))
    mean_low, mean_high = interval(_redrawn(draws, squares, theirs))
    ranked, ranked_t = rank_correlation(found.came, found.said, found.overlap)
    return {
        "forecaster": group["forecaster"].iloc[0],
        "horizon": int(group["horizon"].iloc[0]),
        "tickers": tickers,
        "days": days,
        "n": len(group),
        "skill": 1 - rest,
        "skill_se": skill_se,
        "mse_ratio": pooled_ratio,
        "mse_ratio_se": error,
        "mse_ratio_low": low,
        "mse_ratio_high": high,
        "p_value": _p_value(pooled_ratio, error, days, found.overlap),
        "mean_ratio": float(_mean(own)),
        "mean_ratio_low": mean_low,
        "mean_ratio_high": mean_high,
        "rank_correlation": ranked,
        "rank_t": ranked_t,
    }


def _redrawn(draws: np.ndarray, squares: Panel, theirs: Panel) -> Series:
    """The mean of the tickers' own ratios in every draw; a few tickers at a time, to be small."""
    total, known = np.zeros((2, len(draws)))
    for first in range(0, squares.shape[1], AT_ONCE):
        some = slice(first, first + AT_ONCE)
        own, other = (np.nan_to_num(each[:, some]) for each in (squares, theirs))
        ratios = _quotient(draws @ own, draws @ other)
        total += np.nansum(ratios, axis=1)
        known += np.isfinite(ratios).sum(axis=1)
    return _quotient(total, known)


def _whys(row: Mapping[str, Any], found: _Errors, measure: Measure) -> dict[str, str]:
    """Why each figure would be missing, where it is."""
    right = f"{measure.beside} was never wrong"
    same = f"its errors and those of {measure.beside} are in one proportion every day"
    if np.array_equal(found.square, found.square_reference, equal_nan=True):
        same = f"identical to {measure.beside}"
    needed = FEWEST * found.overlap
    short = too_few(row["days"], needed, "days") if row["days"] < needed else same
    enough = np.isfinite(found.came).sum(axis=1).max(initial=0) >= FEWEST_TICKERS
    alike = "each day all changes forecast, or all that came, are alike"
    ranked = alike if enough else f"fewer than {FEWEST_TICKERS} tickers a day"
    known = row["rank_correlation"] == row["rank_correlation"]
    return {
        **dict.fromkeys(RATIOS, right),
        "p_value": right if math.isnan(row["mse_ratio"]) else short,
        "rank_correlation": ranked,
        "rank_t": "the same every day" if known else ranked,
    }


def clustered_ratio(model: Series, naive: Series, overlap: int = 1) -> tuple[float, float]:
    """Sum of `model` over sum of `naive`, and its standard error; one value a cluster, in order.

    The delta method: with a = model - ratio * naive, se = sqrt(n w) / sum naive, w the
    `long_run_variance` of a. Where nothing overlaps that is Liang and Zeger's (1986)
    clustered error of the weighted regression of a forecast's loss on the last close's.

    >>> clustered_ratio(np.array([1.0, 3.0]), np.array([2.0, 2.0]))
    (1.0, 0.353...)
    """
    total = float(naive.sum())
    if not total:
        return float("nan"), float("nan")
    found = float(model.sum()) / total
    apart = model - found * naive
    return found, math.sqrt(len(apart) * long_run_variance(apart, overlap)) / total


def rank_correlation(actual: Panel, forecast: Panel, overlap: int = 1) -> tuple[float, float]:
    """Mean over days of Spearman's correlation across a day's tickers, and its t value.

    Spearman (1904), ties shared; days with fewer than three tickers, or whose forecasts or actuals
    are all the same, are left out. t = mean / sqrt(w / days), w the `long_run_variance`, as Fama
    and MacBeth (1973) average cross-sections.

    >>> rank_correlation(np.array([[1.0, 2.0, 3.0]] * 2), np.array([[2.0, 4.0, 9.0]] * 2))
    (1.0, nan)
    """
    orders = [pd.DataFrame(each).rank(axis=1).to_numpy() for each in (actual, forecast)]
    enough = np.isfinite(actual).sum(axis=1) >= FEWEST_TICKERS
    real, said = (np.nan_to_num(each - _mean(each)[:, None]) for each in orders)
    scale = np.sqrt(np.sum(real**2, axis=1) * np.sum(said**2, axis=1))
    daily = _quotient(np.sum(real * said, axis=1), scale)
    daily = daily[enough & np.isfinite(daily)]
    if not len(daily):
        return float("nan"), float("nan")
    error = math.sqrt(long_run_variance(daily, overlap) / len(daily))
    return float(daily.mean()), float(daily.mean()) / error if error > SAME else float("nan")


def _p_value(found: float, error: float, days: int, overlap: int) -> float:
    """Student's t with the `degrees` of freedom of the error."""
    if days < FEWEST * overlap or not error > SAME:
        return float("nan")
    return float(stdtr(degrees(days, overlap), (found - 1) / error))


def _by_day(values: Panel) -> Series:
    return np.nansum(values, axis=1)


def _quotient(above: Any, below: Any) -> np.ndarray:
    """The quotients, of any shape; NaN where the denominator is zero."""
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def _mean(values: np.ndarray) -> np.ndarray:
    """Means over the last axis of what is known; NaN where nothing is."""
    known = np.isfinite(values)
    return _quotient(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))

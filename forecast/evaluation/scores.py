"""The score table: one row for each ticker, forecaster and horizon, the naive baselines among them.

| column | meaning |
|---|---|
| ticker, forecaster, horizon | whose forecasts, of what, how far ahead |
| n | forecasts whose actual is known |
| rmse, mae | errors in the currency of the closes |
| skill, skill_rmse | share of the last close's MAE and RMSE removed |
| r2 | R2 of the log returns against the random walk |
| mase, mase_last | error of log price over the first history's daily change; the last close's own |
| direction, up_rate, flat | share of signs forecast; share of rises; share of rows left out |
| direction_p | Pesaran-Timmermann, one-sided; forecasts that do not overlap only |
| p_value, p_holm | Diebold-Mariano against the last close, one-sided; Holm-corrected |
| cw_p, cw_holm | Clark-West on log returns, one-sided; Holm-corrected |
| tests | claims corrected together; 0 where the forecaster makes none |
| overlap | forecasts in a row that share a session |
| lag, correlation | sessions the forecast trails by; of forecast with actual log change |
| coverage80, coverage95 | share of actuals inside the interval |
| width80, width95 | mean width of the interval as a share of the last close |
| reason | why there is no p-value; empty where there is one |

What cannot be computed is NaN.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int

from forecast.errors import DataError
from forecast.evaluation import metrics
from forecast.evaluation.answers import COVERAGES
from forecast.evaluation.coverage import session_rows
from forecast.evaluation.significance import (
    Test,
    clark_west,
    diebold_mariano,
    holm,
    pesaran_timmermann,
)
from forecast.shapes import Series

BASELINES = ("last", "drift", "logdrift")
TARGET = ("cutoff", "date", "last", "actual")
COLUMNS = (
    *("ticker", "forecaster", "horizon", "n", "rmse", "mae", "skill", "skill_rmse", "r2"),
    *("mase", "mase_last", "direction", "up_rate", "flat", "direction_p", "p_value", "p_holm"),
    *("cw_p", "cw_holm", "tests", "overlap", "lag", "correlation"),
    *(f"coverage{100 * share:.0f}" for share in COVERAGES),
    *(f"width{100 * share:.0f}" for share in COVERAGES),
    "reason",
)


def score(
    answers: pd.DataFrame, closes: Mapping[str, pd.Series], claimed: Sequence[str]
) -> pd.DataFrame:
    """The score table of an answers table; rows whose actual is unknown are left out.

    `closes` holds the closes of each ticker, all of them, by date. `claimed` names the forecasters
    that may be called better than the last close: their p-values are Holm-corrected together, over
    every ticker and horizon. The others are shown, and claim nothing.

    Raises:
        DataError: nothing to score, a baseline missing, forecasters asked about different
            targets, a forecast that is no price, or a claimed forecaster without answers.
    """
    known = answers[answers["actual"].notna()]
    _check(known, claimed)
    rows: list[dict[str, Any]] = []
    for _, group in known.groupby(["ticker", "horizon"], sort=False, observed=True):
        rows.extend(_rows(group, closes))
    scores = pd.DataFrame(rows)
    claims = scores["forecaster"].isin(list(claimed)).to_numpy()
    scores["tests"] = np.where(claims, claims.sum(), 0)
    for corrected, single in (("p_holm", "p_value"), ("cw_holm", "cw_p")):
        p_values = scores[single].to_numpy("float64")
        scores[corrected] = np.nan
        scores.loc[claims, corrected] = holm(p_values[claims])
    return scores[list(COLUMNS)]


@dataclass(frozen=True, slots=True, eq=False)
class _Targets:
    """What all forecasters of one ticker and horizon were asked."""

    horizon: int
    cutoffs: Int[np.ndarray, "answer"]
    closes: Series

    @property
    def overlap(self) -> int:
        """Forecasts in a row that share a session: the horizon in steps, rounded up."""
        step = int(np.diff(self.cutoffs).min(initial=self.horizon))
        return -(-self.horizon // step)

    @property
    def scale(self) -> float:
        """Mean absolute daily log change of the first history."""
        return metrics.naive_scale(self.closes[: self.cutoffs[0] + 1])


def _rows(group: pd.DataFrame, closes: Mapping[str, pd.Series]) -> list[dict[str, Any]]:
    """The rows of one ticker and horizon."""
    ticker, horizon = str(group["ticker"].iloc[0]), int(group["horizon"].iloc[0])
    name = f"{ticker}, horizon {horizon}"
    parts = {
        str(each): part.sort_values("cutoff")
        for each, part in group.groupby("forecaster", sort=False, observed=True)
    }
    missing = [each for each in BASELINES if each not in parts]
    if missing:
        raise DataError(f"{name}: no answers of {', '.join(missing)}; no score without a baseline")
    cutoffs = session_rows(ticker, parts["last"]["cutoff"], closes)
    targets = _Targets(horizon, cutoffs, closes[ticker].to_numpy("float64"))
    for each, part in parts.items():
        _check_targets(name, each, part, parts["last"])
    return [
        {"ticker": ticker, "forecaster": each, "horizon": horizon, "n": len(part)}
        | _errors(part, targets)
        | _tests(part, targets)
        | _intervals(part)
        for each, part in parts.items()
    ]


def _errors(part: pd.DataFrame, targets: _Targets) -> dict[str, Any]:
    actual, forecast, last = _prices(part)
    share, up_rate, flat = metrics.direction(actual, forecast, last)
    sessions = targets.cutoffs + targets.horizon
    return {
        "rmse": metrics.rmse(actual, forecast),
        "mae": metrics.mae(actual, forecast),
        "skill": metrics.skill(actual, forecast, last),
        "skill_rmse": metrics.skill_rmse(actual, forecast, last),
        "r2": metrics.r2(actual, forecast, last),
        "mase": metrics.mase(actual, forecast, targets.scale),
        "mase_last": metrics.mase(actual, last, targets.scale),
        "direction": share,
        "up_rate": up_rate,
        "flat": flat,
        "lag": metrics.lag(forecast, targets.closes, sessions, targets.horizon + 2),
        "correlation": metrics.correlation(actual, forecast, last),
    }


def _tests(part: pd.DataFrame, targets: _Targets) -> dict[str, Any]:
    """Diebold-Mariano in money, as the errors shown; the other two on log returns, as the R2."""
    actual, forecast, last = _prices(part)
    overlap = targets.overlap
    better = diebold_mariano(actual, forecast, last, overlap)
    changes, said = np.log(actual / last), np.log(forecast / last)
    signal = clark_west(changes, said, np.zeros_like(said), overlap)
    moved = (changes != 0) & (said != 0)
    signs = pesaran_timmermann(changes[moved], said[moved]) if overlap == 1 else Test()
    return {
        "p_value": better.p_value,
        "cw_p": signal.p_value,
        "direction_p": signs.p_value,
        "overlap": overlap,
        "reason": better.reason,
    }


def _intervals(part: pd.DataFrame) -> dict[str, Any]:
    actual, _, last = _prices(part)
    found: dict[str, Any] = {}
    for share, ends in COVERAGES.items():
        lower, upper = (part[end].to_numpy("float64") for end in ends)
        found[f"coverage{100 * share:.0f}"] = metrics.coverage(actual, lower, upper)
        found[f"width{100 * share:.0f}"] = metrics.width(last, lower, upper)
    return found


def _prices(part: pd.DataFrame) -> tuple[Series, Series, Series]:
    actual, forecast, last = (
        part[name].to_numpy("float64") for name in ("actual", "forecast", "last")
    )
    return actual, forecast, last


def _check(known: pd.DataFrame, claimed: Sequence[str]) -> None:
    if known.empty:
        raise DataError("no answer has a known actual; nothing to score")
    forecasters = known["forecaster"].unique().tolist()
    strangers = [name for name in claimed if name not in forecasters]
    if strangers:
        raise DataError(
            f"no answers of {', '.join(strangers)}; there are {', '.join(map(str, forecasters))}"
        )
    forecasts = known["forecast"].to_numpy("float64")
    bad = ~(np.isfinite(forecasts) & (forecasts > 0))
    if bad.any():
        first = known.iloc[int(np.argmax(bad))]
        raise DataError(
            f"{first['ticker']}, {first['forecaster']}, {first['date']:%Y-%m-%d}: forecast"
            f" {first['forecast']}; needs a finite price above 0"
        )


def _check_targets(name: str, forecaster: str, part: pd.DataFrame, last: pd.DataFrame) -> None:
    if part["cutoff"].duplicated().any():
        raise DataError(f"{name}: {forecaster} answered one cutoff twice")
    same = len(part) == len(last) and all(
        np.array_equal(part[column].to_numpy(), last[column].to_numpy()) for column in TARGET
    )
    if not same:
        raise DataError(
            f"{name}: {forecaster} ({len(part)} answers) and last ({len(last)}) were asked about"
            " different targets; compare them over the same cutoffs"
        )

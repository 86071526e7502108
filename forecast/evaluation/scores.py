"""The score table: one row for each ticker, forecaster and horizon, the naive baselines among them.

| column | meaning |
|---|---|
| ticker, forecaster, horizon | whose forecasts, of what, how far ahead |
| n | forecasts whose actual is known |
| rmse, mae | errors in the currency of the closes |
| mape, mape_last | mean error as a share of the close; the last close's own |
| skill, skill_rmse | share of the last close's MAE and RMSE removed |
| r2, r2_mean | R2 of the log returns against the random walk; against the mean return so far |
| mase, mase_last | error of log price over the first history's daily change; the last close's own |
| rmsse | the same of squared errors and changes, with its root |
| direction, up_rate, flat | share of signs forecast; share of rises; share of rows left out |
| mcc | Matthews' correlation of the signs |
| direction_p | Pesaran-Timmermann, one-sided; forecasts that do not overlap only |
| p_value, p_holm | Diebold-Mariano against the last close, one-sided; Holm-corrected |
| cw_p, cw_holm | Clark-West on log returns, one-sided; Holm-corrected |
| gw_p | Giacomini-White against the last close; histories of one fixed length only |
| spa_p | Hansen's test that the best claimed forecaster is no better than the last close |
| mcs_p | level up to which it belongs to the model confidence set of all forecasters |
| tests | claims corrected together; 0 where the forecaster makes none |
| overlap | forecasts in a row that share a session |
| lag | sessions the forecast trails by |
| correlation, correlation_p | of forecast with actual log change; one-sided, without overlap only |
| coverage80, coverage95 | share of actuals inside the interval |
| width80, width95 | mean width of the interval as a share of the last close |
| winkler80, winkler95 | the same, and what misses cost |
| kupiec80_p, ... | that misses are as many as they should be |
| christoffersen80_p, ... | that one miss does not make the next more likely |
| pinball, crps, wql | mean quantile loss of log returns; twice that; that over their mean size |
| reason, missing | why there is no p-value; why there are no other figures, each by its name |

What cannot be computed is NaN, and `reason` or `missing` says why.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.evaluation import metrics
from forecast.evaluation.answers import COVERAGES, LEVELS, QUANTILES, values_of
from forecast.evaluation.comparison import Targets, check, compared
from forecast.evaluation.correction import History, corrected
from forecast.evaluation.evidence import CALIBRATION, TESTS, joint_tests, single_tests
from forecast.evaluation.missing import (
    BASELINE,
    INTERVALS,
    NO_INTERVALS,
    UNVARIED,
    in_words,
    lacking,
)
from forecast.shapes import Series

COLUMNS = (
    *("ticker", "forecaster", "horizon", "n", "rmse", "mae", "mape", "mape_last"),
    *("skill", "skill_rmse", "r2", "r2_mean", "mase", "mase_last", "rmsse"),
    *("direction", "up_rate", "flat", "mcc", "direction_p", "p_value", "p_holm"),
    *("cw_p", "cw_holm", "gw_p", "spa_p", "mcs_p", "tests", "overlap", "lag"),
    *("correlation", "correlation_p"),
    *(
        f"{name}{100 * share:.0f}"
        for name in ("coverage", "width", "winkler")
        for share in COVERAGES
    ),
    *(*CALIBRATION, "pinball", "crps", "wql", "reason", "missing"),
)
# Each column of p-values with that of the corrected ones.
PAIRS = {"p_value": "p_holm", "cw_p": "cw_holm"}


def score(
    answers: pd.DataFrame,
    closes: Mapping[str, pd.Series],
    claimed: Sequence[str],
    history: History | None = None,
) -> pd.DataFrame:
    """The score table of an answers table; rows whose actual is unknown are left out.

    `closes` holds the closes of each ticker, all of them, by date. `claimed` names the forecasters
    that may be called better than the last close: their p-values are Holm-corrected together, over
    every ticker and horizon, and over the claims that `history` says were tried before. The others
    are shown, and claim nothing.

    Raises:
        DataError: nothing to score, a baseline missing, forecasters asked about different
            targets, a forecast that is no price, or a claimed forecaster without answers.
    """
    history = history or History()
    known = answers[answers["actual"].notna()]
    check(known, claimed)
    rows: list[dict[str, Any]] = []
    for _, group in known.groupby(["ticker", "horizon"], sort=False, observed=True):
        rows.extend(_rows(group, closes, claimed, rolling=history.rolling))
    scores = pd.DataFrame(rows)
    return corrected(scores, claimed, PAIRS, history.earlier)[list(COLUMNS)]


def _rows(
    group: pd.DataFrame, closes: Mapping[str, pd.Series], claimed: Sequence[str], *, rolling: bool
) -> list[dict[str, Any]]:
    """The rows of one ticker and horizon."""
    parts, targets = compared(group, closes)
    losses: dict[str, Series] = {}
    for name, part in parts.items():
        actual, forecast, _ = values_of(part)
        losses[name] = np.square(actual - forecast)
    among = joint_tests(losses, claimed, targets.overlap)
    rows: list[dict[str, Any]] = []
    for name, part in parts.items():
        row = {"ticker": targets.ticker, "forecaster": name, "horizon": targets.horizon}
        row |= {"n": len(part), "overlap": targets.overlap}
        tests = single_tests(part, targets.overlap, rolling=rolling) | among[name]
        row |= _errors(part, targets) | _intervals(part)
        row |= {column: tests[column].p_value for column in TESTS}
        reason = tests["p_value"].reason
        whys = lacking(row, _whys(part, row)) | {each: tests[each].reason for each in TESTS[1:]}
        for single, family in PAIRS.items():
            whys[family] = tests[single].reason if name in claimed else BASELINE
        rows.append(row | {"reason": reason, "missing": in_words(whys)})
    return rows


def _errors(part: pd.DataFrame, targets: Targets) -> dict[str, Any]:
    actual, forecast, last = values_of(part)
    share, up_rate, flat = metrics.direction(actual, forecast, last)
    means = targets.horizon * metrics.expanding_means(targets.closes, targets.cutoffs)
    scale, root_scale = metrics.naive_scale(targets.first), metrics.naive_root_scale(targets.first)
    sessions = targets.cutoffs + targets.horizon
    return {
        "rmse": metrics.rmse(actual, forecast),
        "mae": metrics.mae(actual, forecast),
        "mape": metrics.mape(actual, forecast),
        "mape_last": metrics.mape(actual, last),
        "skill": metrics.skill(actual, forecast, last),
        "skill_rmse": metrics.skill_rmse(actual, forecast, last),
        "r2": metrics.r2(actual, forecast, last),
        "r2_mean": metrics.r2_mean(actual, forecast, last, means),
        "mase": metrics.mase(actual, forecast, scale),
        "mase_last": metrics.mase(actual, last, scale),
        "rmsse": metrics.rmsse(actual, forecast, root_scale),
        "direction": share,
        "up_rate": up_rate,
        "flat": flat,
        "mcc": metrics.mcc(actual, forecast, last),
        "lag": metrics.lag(forecast, targets.closes, sessions, targets.horizon + 2),
        "correlation": metrics.correlation(actual, forecast, last),
    }


def _whys(part: pd.DataFrame, row: Mapping[str, Any]) -> dict[str, str]:
    """Why each figure that is no test would be missing, where it is."""
    _, forecast, last = values_of(part)
    still = (forecast == last).all()
    undirected = "no change is ever forecast" if still else "nothing moved when a move was forecast"
    return {
        **dict.fromkeys(("skill", "skill_rmse", "r2"), "the last close was never wrong"),
        "r2_mean": "the mean return so far was never wrong",
        **dict.fromkeys(("mase", "mase_last", "rmsse"), "the first history never moves"),
        **dict.fromkeys(("direction", "mcc"), undirected),
        "up_rate": "no close differs from the last one",
        "correlation": UNVARIED,
        **dict.fromkeys((*INTERVALS, "winkler80", "winkler95", "pinball", "crps"), NO_INTERVALS),
        "wql": NO_INTERVALS if row["crps"] != row["crps"] else "no close differs from the last one",
    }


def _intervals(part: pd.DataFrame) -> dict[str, Any]:
    """Scores of intervals as shares of the last close, of quantiles as log returns from it."""
    actual, _, last = values_of(part)
    found: dict[str, Any] = {}
    for share, ends in COVERAGES.items():
        lower, upper = (part[end].to_numpy("float64") for end in ends)
        known = np.isfinite(lower) & np.isfinite(upper)
        relative = (actual / last)[known], (lower / last)[known], (upper / last)[known]
        found[f"coverage{100 * share:.0f}"] = metrics.coverage(actual, lower, upper)
        found[f"width{100 * share:.0f}"] = metrics.width(last, lower, upper)
        found[f"winkler{100 * share:.0f}"] = metrics.winkler(*relative, share)
    quantiles = np.column_stack([part[name].to_numpy("float64") for name in QUANTILES])
    known = np.isfinite(quantiles).all(axis=1)
    returns = np.log(actual / last)[known]
    said = np.log(quantiles[known] / last[known, None])
    crps = metrics.crps(returns, said, LEVELS)
    return found | {"pinball": crps / 2, "crps": crps, "wql": metrics.wql(returns, said, LEVELS)}

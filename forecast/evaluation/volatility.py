"""Scores of volatility forecasts beside the heterogeneous autoregression, HAR.

| column | meaning |
|---|---|
| ticker, forecaster, horizon, n | whose forecasts, how far ahead, how many with a known actual |
| qlike | mean of v / f - ln(v / f) - 1, v the actual and f the forecast variance; 0 is perfect |
| log_mse | mean of (ln v - ln f)^2 |
| rmse, mae | errors of volatility, in per cent a session |
| skill, log_skill | share of HAR's QLIKE and of its log_mse removed |
| correlation | of the logs of forecast and actual |
| p_value, p_holm | Diebold-Mariano on QLIKE against HAR, one-sided; Holm-corrected |
| log_p, log_holm | the same on the squared errors of logs |
| tests, overlap | claims corrected together; forecasts in a row that share a session |
| coverage80 to width95 | of the intervals; widths as a share of the last volatility |
| reason | why there is no p-value; empty where there is one |

QLIKE and the squared error rank forecasts as if the true variance had been seen, though only a
noisy measure of it is (Patton, 2011); on logs the squared error is less ruled by the largest days.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import DataError
from forecast.evaluation import metrics
from forecast.evaluation.answers import COVERAGES
from forecast.evaluation.correction import corrected
from forecast.evaluation.losses import REFERENCE, log_squares, qlike
from forecast.evaluation.significance import loss_test
from forecast.evaluation.verdict import LEVEL, evidence

COLUMNS = (
    *("ticker", "forecaster", "horizon", "n", "qlike", "log_mse", "rmse", "mae"),
    *("skill", "log_skill", "correlation", "p_value", "p_holm", "log_p", "log_holm"),
    *("tests", "overlap"),
    *(f"{what}{100 * share:.0f}" for what in ("coverage", "width") for share in COVERAGES),
    "reason",
)


def score(answers: pd.DataFrame, claimed: Sequence[str], earlier: int = 0) -> pd.DataFrame:
    """One row for each ticker, forecaster and horizon; answers without an actual are left out.

    `claimed` names the forecasters that may be called better than HAR: their p-values are
    Holm-corrected together, with `earlier` claims that were tried before.

    Raises:
        DataError: nothing to score, or no answers of HAR to the same cutoffs.
    """
    known = answers[answers["actual"].notna()]
    rows: list[dict[str, Any]] = []
    for (ticker, horizon), group in known.groupby(["ticker", "horizon"], sort=False, observed=True):
        parts = {
            str(name): part.sort_values("cutoff")
            for name, part in group.groupby("forecaster", sort=False, observed=True)
        }
        if REFERENCE not in parts:
            raise DataError(f"{ticker}, horizon {horizon}: no answers of {REFERENCE}")
        rows.extend(_row(name, part, parts[REFERENCE]) for name, part in parts.items())
    if not rows:
        raise DataError("no answer has a known actual; nothing to score")
    pairs = {"p_value": "p_holm", "log_p": "log_holm"}
    return corrected(pd.DataFrame(rows), claimed, pairs, earlier)[list(COLUMNS)]


def overlap_of(part: pd.DataFrame) -> int:
    """Forecasts in a row that share a session, of one forecaster at one horizon.

    A cutoff lies `horizon` sessions before its date, so the dates of later cutoffs tell the step.
    """
    if part["horizon"].iloc[0] == 1:
        return 1
    return int((part["cutoff"] < part["date"].iloc[0]).sum())


def _row(name: str, part: pd.DataFrame, reference: pd.DataFrame) -> dict[str, Any]:
    if not np.array_equal(part["cutoff"].to_numpy(), reference["cutoff"].to_numpy()):
        raise DataError(
            f"{part['ticker'].iloc[0]}: {name} ({len(part)} answers) and {REFERENCE}"
            f" ({len(reference)}) were asked at different cutoffs"
        )
    actual, forecast, last, har = (
        table[column].to_numpy("float64")
        for table, column in (
            *((part, each) for each in ("actual", "forecast", "last")),
            (reference, "forecast"),
        )
    )
    losses, theirs = qlike(actual, forecast), qlike(actual, har)
    squares, their_squares = log_squares(actual, forecast), log_squares(actual, har)
    overlap = overlap_of(part)
    better, nearer = (
        loss_test(own - other, overlap)
        for own, other in ((losses, theirs), (squares, their_squares))
    )
    first = part.iloc[0]
    found: dict[str, Any] = {"ticker": first["ticker"], "forecaster": name}
    found |= {
        "horizon": int(first["horizon"]),
        "n": len(part),
        "qlike": float(losses.mean()),
        "log_mse": float(squares.mean()),
        "rmse": metrics.rmse(actual, forecast),
        "mae": metrics.mae(actual, forecast),
        "skill": 1 - metrics.ratio(float(losses.mean()), float(theirs.mean())),
        "log_skill": 1 - metrics.ratio(float(squares.mean()), float(their_squares.mean())),
        "correlation": metrics.correlation(actual, forecast, np.ones_like(actual)),
        "p_value": better.p_value,
        "log_p": nearer.p_value,
        "overlap": overlap,
        "reason": f"identical to {REFERENCE}" if np.array_equal(forecast, har) else better.reason,
    }
    for share, ends in COVERAGES.items():
        lower, upper = (part[end].to_numpy("float64") for end in ends)
        found[f"coverage{100 * share:.0f}"] = metrics.coverage(actual, lower, upper)
        found[f"width{100 * share:.0f}"] = metrics.width(last, lower, upper)
    return found


def verdict(row: Mapping[str, Any]) -> str:
    """One row of the score table in words.

    >>> row = {"reason": "", "tests": 1, "p_value": 0.61, "p_holm": 0.61, "skill": -0.004}
    >>> verdict(row)
    "no better than HAR's forecast of volatility (skill -0.4 %, p = 0.61)"
    """
    if row["reason"].startswith("identical"):
        return row["reason"]
    if not row["tests"]:
        return "a baseline, makes no claim"
    better = row["p_holm"] < LEVEL and row["skill"] > 0
    found = "better" if better else "no better"
    return f"{found} than HAR's forecast of volatility ({evidence(row)})"

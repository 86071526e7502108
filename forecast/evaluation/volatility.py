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
| reason, missing | why there is no p-value; why there are no other figures, each by its name |

QLIKE and the squared error rank forecasts as if the true variance had been seen, though only a
noisy measure of it is (Patton, 2011); on logs the squared error is less ruled by the largest days.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import DataError
from forecast.evaluation import metrics
from forecast.evaluation.answers import COVERAGES, values_of
from forecast.evaluation.comparison import overlap_of
from forecast.evaluation.correction import corrected
from forecast.evaluation.losses import REFERENCE, log_squares, qlike
from forecast.evaluation.missing import (
    BASELINE,
    INTERVALS,
    NO_INTERVALS,
    UNVARIED,
    in_words,
    lacking,
)
from forecast.evaluation.significance import Test, identical, loss_test

COLUMNS = (
    *("ticker", "forecaster", "horizon", "n", "qlike", "log_mse", "rmse", "mae"),
    *("skill", "log_skill", "correlation", "p_value", "p_holm", "log_p", "log_holm"),
    *("tests", "overlap"),
    *(f"{what}{100 * share:.0f}" for what in ("coverage", "width") for share in COVERAGES),
    *("reason", "missing"),
)
# Each column of p-values with that of the corrected ones.
PAIRS = {"p_value": "p_holm", "log_p": "log_holm"}
WHYS = {
    **dict.fromkeys(("skill", "log_skill"), "HAR was never wrong"),
    "correlation": UNVARIED,
    **dict.fromkeys(INTERVALS, NO_INTERVALS),
}


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
        rows.extend(
            _row(part, parts[REFERENCE], claims=name in claimed) for name, part in parts.items()
        )
    if not rows:
        raise DataError("no answer has a known actual; nothing to score")
    return corrected(pd.DataFrame(rows), claimed, PAIRS, earlier)[list(COLUMNS)]


def _row(part: pd.DataFrame, reference: pd.DataFrame, *, claims: bool) -> dict[str, Any]:
    first = part.iloc[0]
    found: dict[str, Any] = {name: first[name] for name in ("ticker", "forecaster")}
    if not np.array_equal(part["cutoff"].to_numpy(), reference["cutoff"].to_numpy()):
        raise DataError(
            f"{first['ticker']}: {first['forecaster']} ({len(part)} answers) and {REFERENCE}"
            f" ({len(reference)}) were asked at different cutoffs"
        )
    actual, forecast, last = values_of(part)
    har = reference["forecast"].to_numpy("float64")
    losses, theirs = qlike(actual, forecast), qlike(actual, har)
    squares, their_squares = log_squares(actual, forecast), log_squares(actual, har)
    overlap = overlap_of(part)
    same = Test(reason=f"identical to {REFERENCE.upper()}") if identical(forecast, har) else None
    # Two models that both miss stay apart for days, where no forecast overlaps as well.
    better, nearer = (
        same or loss_test(own - other, max(overlap, 2))
        for own, other in ((losses, theirs), (squares, their_squares))
    )
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
        "reason": better.reason,
    }
    for share, ends in COVERAGES.items():
        lower, upper = (part[end].to_numpy("float64") for end in ends)
        found[f"coverage{100 * share:.0f}"] = metrics.coverage(actual, lower, upper)
        found[f"width{100 * share:.0f}"] = metrics.width(last, lower, upper)
    whys = lacking(found, WHYS) | {"log_p": nearer.reason}
    for family, test in (("p_holm", better), ("log_holm", nearer)):
        whys[family] = test.reason if claims else BASELINE
    return found | {"missing": in_words(whys)}

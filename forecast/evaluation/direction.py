"""The chance of a rise, and its scores beside the share of rises so far.

| column | meaning |
|---|---|
| ticker, forecaster, horizon, n | whose forecasts, how far ahead, how many with a known actual |
| brier | mean squared difference of the chance and what came, 1 or 0 (Brier, 1950) |
| log_loss | mean of -ln of the chance given to what came |
| skill | share of the base rate's Brier score removed |
| direction, up_rate | share of closes on the side of one half that was said; share that rose |
| mcc | Matthews' correlation of the two sides; 0 where only one side was ever said |
| direction_p | Pesaran-Timmermann, one-sided; forecasts that do not overlap only |
| p_value, p_holm | Diebold-Mariano on the Brier score against the base rate; Holm-corrected |
| tests, overlap | claims corrected together; forecasts in a row that share a session |
| reason | why there is no p-value; empty where there is one |

The forecaster `base` says the share of rises among all that were known at the cutoff.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.evaluation import metrics
from forecast.evaluation.answers import KEYS, QUANTILES
from forecast.evaluation.chance import rise
from forecast.evaluation.correction import corrected
from forecast.evaluation.coverage import session_rows
from forecast.evaluation.significance import Test, loss_test, pesaran_timmermann
from forecast.evaluation.verdict import LEVEL, evidence
from forecast.evaluation.volatility import overlap_of
from forecast.shapes import Series

REFERENCE = "base"
COLUMNS = (
    *("ticker", "forecaster", "horizon", "n", "brier", "log_loss", "skill", "direction"),
    *("up_rate", "mcc", "direction_p", "p_value", "p_holm", "tests", "overlap", "reason"),
)


def chances(answers: pd.DataFrame, closes: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Answers as chances: `forecast` of a rise, `last` the base rate, `actual` 1 where it rose.

    `closes` holds the closes of each ticker, all of them, by date.
    """
    quantiles = answers[list(QUANTILES)].to_numpy("float64")
    last, actual = (answers[name].to_numpy("float64") for name in ("last", "actual"))
    told = [rise(close, row.tolist()) for close, row in zip(last.tolist(), quantiles, strict=True)]
    rose = np.where(np.isnan(actual), np.nan, actual > last)
    base = np.empty(len(answers))
    groups = answers.groupby(["ticker", "horizon"], sort=False, observed=True)
    for members in groups.indices.values():
        group = answers.iloc[members]
        ticker, horizon = str(group["ticker"].iloc[0]), int(group["horizon"].iloc[0])
        rows = session_rows(ticker, group["cutoff"], closes)
        base[members] = base_rates(closes[ticker].to_numpy("float64"), horizon)[rows]
    return answers[list(KEYS)].assign(last=base, actual=rose, forecast=told)


def base_rates(closes: Series, horizon: int) -> Series:
    """Share of closes above that `horizon` sessions before, among those up to each row.

    One rise and one fall are added, so that nothing is certain (Laplace's rule of succession).

    >>> base_rates(np.array([1.0, 2.0, 3.0, 2.0]), 1).tolist()
    [0.5, 0.666..., 0.75, 0.6]
    """
    rose = np.cumsum(closes[horizon:] > closes[:-horizon])
    known = np.arange(1, len(rose) + 1)
    return np.concatenate([np.full(horizon, 0.5), (rose + 1) / (known + 2)])[: len(closes)]


def score(answers: pd.DataFrame, claimed: Sequence[str], earlier: int = 0) -> pd.DataFrame:
    """One row for each ticker, forecaster and horizon, of what `chances` gave."""
    known = answers.dropna(subset=["actual", "forecast"])
    base = known.assign(forecaster=REFERENCE, forecast=known["last"])
    base = base.drop_duplicates(["ticker", "horizon", "cutoff"])
    rows = [
        _row(part.sort_values("cutoff"))
        for _, part in pd.concat([known, base], ignore_index=True).groupby(
            ["ticker", "horizon", "forecaster"], sort=False, observed=True
        )
    ]
    found = pd.DataFrame(
        rows, columns=[name for name in COLUMNS if name not in ("p_holm", "tests")]
    )
    return corrected(found, claimed, {"p_value": "p_holm"}, earlier)[list(COLUMNS)]


def _row(part: pd.DataFrame) -> dict[str, Any]:
    rose, said, base = (part[name].to_numpy("float64") for name in ("actual", "forecast", "last"))
    overlap, half = overlap_of(part), np.full(len(part), 0.5)
    own, theirs = np.square(rose - said), np.square(rose - base)
    test = loss_test(own - theirs, overlap)
    signs = pesaran_timmermann(rose - 0.5, said - 0.5) if overlap == 1 else Test()
    share, up_rate, _ = metrics.direction(rose, said, half)
    first = part.iloc[0]
    return {
        "ticker": first["ticker"],
        "forecaster": first["forecaster"],
        "horizon": int(first["horizon"]),
        "n": len(part),
        "brier": float(own.mean()),
        "log_loss": -float(np.log(np.abs(1 - rose - said)).mean()),
        "skill": 1 - metrics.ratio(float(own.mean()), float(theirs.mean())),
        "direction": share,
        "up_rate": up_rate,
        "mcc": _mcc(rose > 0.5, said > 0.5),
        "direction_p": signs.p_value,
        "p_value": test.p_value,
        "overlap": overlap,
        "reason": "identical to the base rate" if np.array_equal(said, base) else test.reason,
    }


def _mcc(rose: Any, said: Any) -> float:
    """Pearson's correlation of two signs: Matthews (1975)."""
    if rose.all() or said.all() or not rose.any() or not said.any():
        return 0.0
    return float(np.corrcoef(rose, said)[0, 1])


def verdict(row: Mapping[str, Any]) -> str:
    """One row of the score table in words.

    >>> row = {"reason": "", "tests": 1, "p_value": 0.61, "p_holm": 0.61, "skill": -0.004}
    >>> verdict(row)
    'no better than the share of rises so far (skill -0.4 %, p = 0.61)'
    """
    if row["reason"].startswith("identical"):
        return row["reason"]
    if not row["tests"]:
        return "a baseline, makes no claim"
    better = row["p_holm"] < LEVEL and row["skill"] > 0
    return f"{'better' if better else 'no better'} than the share of rises so far ({evidence(row)})"

"""The chance of a rise, and its scores beside the share of rises so far.

| column | meaning |
|---|---|
| ticker, forecaster, horizon, n | whose forecasts, how far ahead, how many with a known actual |
| brier | mean squared difference of the chance and what came, 1 or 0 (Brier, 1950) |
| log_loss | mean of -ln of the chance given to what came |
| skill | share of the base rate's Brier score removed |
| direction, up_rate | share of closes on the side of one half that was forecast; share that rose |
| mcc | Matthews' correlation of the two sides; 0 where only one side was ever forecast |
| direction_p | Pesaran-Timmermann, one-sided; forecasts that do not overlap only |
| p_value, p_holm | Diebold-Mariano on the Brier score against the base rate; Holm-corrected |
| tests, overlap | claims corrected together; forecasts in a row that share a session |
| reason, missing | why there is no p-value; why there are no other figures, each by its name |

The forecaster `base` answers with the share of rises among all closes known at the cutoff.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from forecast.evaluation import metrics
from forecast.evaluation.answers import KEYS, QUANTILES, rise, values_of
from forecast.evaluation.comparison import overlap_of
from forecast.evaluation.correction import corrected
from forecast.evaluation.missing import BASELINE, SHARED, in_words, lacking
from forecast.evaluation.quantiles import session_rows
from forecast.evaluation.significance import Test, identical, loss_test, pesaran_timmermann
from forecast.shapes import Series

REFERENCE = "base"
COLUMNS = (
    *("ticker", "forecaster", "horizon", "n", "brier", "log_loss", "skill", "direction"),
    *("up_rate", "mcc", "direction_p", "p_value", "p_holm", "tests", "overlap"),
    *("reason", "missing"),
)
PAIRS = {"p_value": "p_holm"}
FIGURES: tuple[str, ...] = ("brier", "log_loss", "skill", "direction", "up_rate", "mcc")
NO_CHANCES = "no chances, because too few errors lie before them"
NO_SIDE = "every chance is one half"


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
    """One row for each ticker, forecaster and horizon, of what `chances` gave.

    A forecaster with too few past errors for any chance has a row that says so.
    """
    known = answers[answers["actual"].notna()]
    rows: list[dict[str, Any]] = []
    for _, group in known.groupby(["ticker", "horizon"], sort=False, observed=True):
        told_of = group[group["forecast"].notna()]
        base = (told_of if len(told_of) else group).drop_duplicates("cutoff")
        base = base.assign(forecaster=REFERENCE, forecast=base["last"])
        every = pd.concat([group, base], ignore_index=True)
        rows += [
            _row(part.sort_values("cutoff"), claims=name in claimed)
            for name, part in every.groupby("forecaster", sort=False, observed=True)
        ]
    found = pd.DataFrame(
        rows, columns=[name for name in COLUMNS if name not in ("p_holm", "tests")]
    )
    return corrected(found, claimed, PAIRS, earlier)[list(COLUMNS)]


def _row(part: pd.DataFrame, *, claims: bool) -> dict[str, Any]:
    overlap, first = overlap_of(part), part.iloc[0]
    row = {name: first[name] for name in ("ticker", "forecaster")}
    part = part[part["forecast"].notna()]
    row |= {"horizon": int(first["horizon"]), "n": len(part), "overlap": overlap}
    test, signs = Test(reason=NO_CHANCES), Test(reason=NO_CHANCES)
    figures: dict[str, float] = dict.fromkeys(FIGURES, math.nan)
    if len(part):
        rose, said, base = values_of(part)
        test = _against(rose, said, base, overlap)
        signs = Test(reason=SHARED)
        if overlap == 1:
            signs = pesaran_timmermann(rose - 0.5, said - 0.5)
        figures = _figures(rose, said, base)
    whys = lacking(figures, dict.fromkeys(FIGURES, NO_CHANCES if part.empty else NO_SIDE))
    whys |= {"direction_p": signs.reason, "p_holm": test.reason if claims else BASELINE}
    row |= figures | {"direction_p": signs.p_value, "p_value": test.p_value}
    return row | {"reason": test.reason, "missing": in_words(whys)}


def _against(rose: Series, said: Series, base: Series, overlap: int) -> Test:
    """Diebold and Mariano's test of the squared errors of chances against those of the base."""
    if identical(said, base):
        return Test(reason="identical to the base rate")
    return loss_test(np.square(rose - said) - np.square(rose - base), overlap)


def _figures(rose: Series, said: Series, base: Series) -> dict[str, float]:
    own, theirs = np.square(rose - said), np.square(rose - base)
    share, up_rate, _ = metrics.direction(rose, said, np.full(len(rose), 0.5))
    return {
        "brier": float(own.mean()),
        "log_loss": -float(np.log(np.abs(1 - rose - said)).mean()),
        "skill": 1 - metrics.ratio(float(own.mean()), float(theirs.mean())),
        "direction": share,
        "up_rate": up_rate,
        "mcc": _mcc(rose > 0.5, said > 0.5),
    }


def _mcc(rose: Any, said: Any) -> float:
    """Pearson's correlation of two signs: Matthews (1975)."""
    if rose.all() or said.all() or not rose.any() or not said.any():
        return 0.0
    return float(np.corrcoef(rose, said)[0, 1])

"""Holm's correction over all claims: those of a run, and those made before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.evaluation.significance import holm


@dataclass(frozen=True, slots=True)
class History:
    """How the answers came about, as far as tests need to know.

    `earlier` is the number of claims tried on the same tickers before; `rolling` says that all
    histories had one length.
    """

    earlier: int = 0
    rolling: bool = False


def corrected(
    scores: pd.DataFrame, claimed: Sequence[str], pairs: Mapping[str, str], earlier: int = 0
) -> pd.DataFrame:
    """The scores with each p-value of the claimed forecasters Holm-corrected beside it.

    `pairs` maps each column of p-values to that of the corrected ones. The family is every row of
    a claimed forecaster, and `earlier` claims whose p-values are unknown; the column `tests` holds
    its size.
    """
    claims = scores["forecaster"].isin(list(claimed)).to_numpy()
    found = scores.assign(tests=np.where(claims, claims.sum() + earlier, 0))
    for single, family in pairs.items():
        p_values = found[single].to_numpy("float64")[claims]
        together = holm(np.concatenate([p_values, np.full(earlier, np.nan)]))
        found[family] = np.nan
        found.loc[claims, family] = together[: len(p_values)]
    return found

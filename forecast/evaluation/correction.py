"""Claims corrected together: those of a run, and those that were made before it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.evaluation.significance import holm


@dataclass(frozen=True, slots=True)
class History:
    """What tests must know of how answers came about.

    `earlier` claims were tried on the same tickers before; `rolling` histories were all of one
    length.
    """

    earlier: int = 0
    rolling: bool = False


def corrected(
    scores: pd.DataFrame, claimed: Sequence[str], pairs: Mapping[str, str], earlier: int = 0
) -> pd.DataFrame:
    """The scores with each p-value of the claimed forecasters Holm-corrected beside it.

    `pairs` names the column of the correction for each column of p-values. The family is every
    row of a claimed forecaster, and `earlier` claims whose p-values are unknown; `tests` tells
    how many that is.
    """
    claims = scores["forecaster"].isin(list(claimed)).to_numpy()
    found = scores.assign(tests=np.where(claims, claims.sum() + earlier, 0))
    for single, family in pairs.items():
        p_values = found[single].to_numpy("float64")[claims]
        together = holm(np.concatenate([p_values, np.full(earlier, np.nan)]))
        found[family] = np.nan
        found.loc[claims, family] = together[: len(p_values)]
    return found

"""The quantiles of the answers table, filled in from what was known at each cutoff."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.errors import DataError
from forecast.evaluation.answers import COLUMNS, QUANTILES
from forecast.forecasters.intervals import close_outcomes, distances
from forecast.shapes import Rows


def with_intervals(answers: pd.DataFrame, closes: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The answers with their quantiles, each the forecast times the distance in logs.

    Each (ticker, forecaster, horizon) calibrates on its own past errors alone. `closes` holds the
    closes of each ticker, all of them, by date. Where too little is known the quantiles are NaN.

    Raises:
        DataError: a cutoff that is no session of its ticker, or a forecast that is no price.
    """
    filled = np.full((len(answers), len(QUANTILES)), np.nan)
    capped = np.zeros(len(answers), dtype=bool)
    groups = answers.groupby(["ticker", "forecaster", "horizon"], sort=False, observed=True)
    for members in groups.indices.values():
        rows = members[np.argsort(answers["cutoff"].to_numpy()[members], kind="stable")]
        group = answers.iloc[rows]
        ticker, horizon = str(group["ticker"].iloc[0]), int(group["horizon"].iloc[0])
        cutoffs = session_rows(ticker, group["cutoff"], closes)
        outcomes = close_outcomes(closes[ticker].to_numpy("float64"), horizon)
        forecasts = group["forecast"].to_numpy("float64")
        try:
            found, capped[rows] = distances(outcomes, cutoffs, forecasts, tuple(QUANTILES.values()))
        except DataError as error:
            raise DataError(f"{ticker}, {group['forecaster'].iloc[0]}: {error}") from None
        filled[rows] = forecasts[:, None] * np.exp(found)
    quantiles = dict(zip(QUANTILES, filled.T, strict=True))
    return answers.assign(**quantiles, capped=capped)[list(COLUMNS)]


def session_rows(ticker: str, cutoffs: pd.Series, closes: Mapping[str, pd.Series]) -> Rows:
    """The row of each cutoff among the sessions of its ticker.

    Raises:
        DataError: no closes of this ticker, or a cutoff that is not among their dates.
    """
    if ticker not in closes:
        raise DataError(f"{ticker}: no closes given; there are {', '.join(closes)}")
    rows = closes[ticker].index.get_indexer(pd.Index(cutoffs))
    if (rows < 0).any():
        lost = cutoffs.iloc[int(np.argmin(rows))]
        raise DataError(f"{ticker}: cutoff {lost:%Y-%m-%d} is not among the sessions given")
    return rows.astype(np.int64)

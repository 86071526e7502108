"""The quantiles of the answers table, filled in from what was known at each cutoff."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecast.errors import DataError
from forecast.evaluation.answers import COLUMNS, QUANTILES
from forecast.evaluation.outcomes import OutcomesAhead
from forecast.forecasters.intervals import distances
from forecast.shapes import Rows


def with_quantiles(answers: pd.DataFrame, known: Mapping[str, OutcomesAhead]) -> pd.DataFrame:
    """The answers with their quantiles, each the forecast times the distance in logs.

    Each (ticker, forecaster, horizon) is calibrated on its own past errors alone. With too few of
    them the quantiles are NaN.

    Raises:
        DataError: a cutoff that is no session of its ticker, or a forecast not above zero.
    """
    filled = np.full((len(answers), len(QUANTILES)), np.nan)
    capped = np.zeros(len(answers), dtype=bool)
    sessions = {ticker: each.sessions.to_series() for ticker, each in known.items()}
    groups = answers.groupby(["ticker", "forecaster", "horizon"], sort=False, observed=True)
    for members in groups.indices.values():
        rows = members[np.argsort(answers["cutoff"].to_numpy()[members], kind="stable")]
        group = answers.iloc[rows]
        ticker, horizon = str(group["ticker"].iloc[0]), int(group["horizon"].iloc[0])
        cutoffs = session_rows(ticker, group["cutoff"], sessions)
        outcomes = known[ticker].outcomes[horizon - 1]
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
    # `get_indexer` would leave a hash table at the index, for as long as that lives.
    sessions, wanted = closes[ticker].index, pd.DatetimeIndex(cutoffs)
    rows = sessions.searchsorted(wanted)
    lost = wanted[sessions.take(rows.clip(max=len(sessions) - 1)) != wanted]
    if len(lost):
        raise DataError(f"{ticker}: cutoff {lost[0]:%Y-%m-%d} is not among the sessions given")
    return rows.astype(np.int64)

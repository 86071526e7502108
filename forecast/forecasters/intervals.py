"""Intervals around forecasts, of a width that was known at each cutoff.

A width is a quantile of past errors, in units of the volatility expected when each was made, times
the volatility expected now. The level of that quantile adapts, so that the share of actuals inside
holds through calm and storm alike.

With s_o the log change expected for the session after row o, from the changes r up to row o:

    v_{o+1} = 0.94 v_o + 0.06 r_o^2,  s_o^2 = 0.8 v_{o+1} + 0.2 mean of all r^2

v starts as the variance of the first 60 changes (RiskMetrics, 1996, for 0.94). A past forecast
scores z = |ln y - ln f| / (s sqrt(horizon)). With n scores sorted, the half width at level a is
the k-th of them, k = ceil((n + 1) (1 - a)), times s sqrt(horizon) (split conformal prediction:
Vovk, Gammerman and Shafer, 2005). After each actual a moves by 0.005 (alpha - [z above the k-th]),
alpha = 1 - coverage (adaptive conformal inference: Gibbs and Candes, 2021, equation 2).
"""

import math
from bisect import insort
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from jaxtyping import Float, Int

from forecast.errors import DataError
from forecast.shapes import Series

DECAY = 0.94
LONG_RUN = 0.2
GAMMA = 0.005
# Changes before the first expected volatility, and scores before the first interval.
START = 60


def expected_scale(closes: Series) -> Series:
    """Log change (one standard deviation) expected after each row, from the rows up to it.

    NaN for the first 60 rows, and as long as the close has never moved.
    """
    squares = np.square(np.diff(np.log(closes)))
    scale = np.full(len(closes), np.nan)
    if len(squares) < START:
        return scale
    begin = float(np.var(np.diff(np.log(closes[: START + 1]))))
    recent = np.array([*accumulate(squares.tolist(), _decayed, initial=begin)])
    long_run = np.cumsum(squares) / np.arange(1, len(squares) + 1)
    blend = (1 - LONG_RUN) * recent[START:] + LONG_RUN * long_run[START - 1 :]
    scale[START:] = np.sqrt(np.where(blend > 0, blend, np.nan))
    return scale


def half_widths(
    closes: Series,
    cutoffs: Int[np.ndarray, "answer"],
    forecasts: Float[np.ndarray, "answer"],
    horizon: int,
    coverages: Sequence[float] = (0.8, 0.95),
) -> Float[np.ndarray, "answer coverage"]:
    """Half widths in log price, around the forecasts of one forecaster at one horizon.

    `closes` is the whole series, `cutoffs` are its rows in rising order, `coverages` rise too.
    Row i of the answer depends on no close after row `cutoffs[i]`: a score counts from the first
    cutoff on that has seen its actual. The scores of the last close, up to the first cutoff, are
    what the list begins with; with fewer than 60 scores the width is NaN.

    Raises:
        DataError: a forecast is not a finite price above zero.
    """
    bad = ~(np.isfinite(forecasts) & (forecasts > 0))
    if bad.any():
        raise DataError(
            f"forecast {int(np.argmax(bad)) + 1} of {len(forecasts)} is {forecasts[bad][0]};"
            " an interval needs a finite price above 0"
        )
    if not len(cutoffs):
        return np.empty((0, len(coverages)))
    scale = expected_scale(closes) * math.sqrt(horizon)
    logs = np.log(closes)
    known = cutoffs + horizon < len(closes)
    errors = np.full(len(cutoffs), np.nan)
    errors[known] = np.abs(logs[cutoffs[known] + horizon] - np.log(forecasts[known]))
    scores = errors / scale[cutoffs]
    early = np.arange(max(0, int(cutoffs[0]) - horizon + 1))
    seed = np.abs(logs[early + horizon] - logs[early]) / scale[early]
    seen_by = np.searchsorted(cutoffs, cutoffs + horizon)
    quantiles = [_quantiles(scores, seen_by, seed, 1 - coverage) for coverage in coverages]
    return np.maximum.accumulate(np.column_stack(quantiles), axis=1) * scale[cutoffs][:, None]


def _decayed(variance: float, square: float) -> float:
    return DECAY * variance + (1 - DECAY) * square


def _quantiles(
    scores: Float[np.ndarray, "answer"],
    seen_by: Int[np.ndarray, "answer"],
    seed: Float[np.ndarray, "early"],
    alpha: float,
) -> Float[np.ndarray, "answer"]:
    """The quantile of the scores so far, at each answer.

    `seen_by` is the first answer to know this one's score; `seed` are scores known from the start.
    """
    level, oldest = alpha, 0
    past: list[float] = np.sort(seed[np.isfinite(seed)]).tolist()
    quantiles: list[float] = []
    waiting: list[tuple[int, float]] = list(zip(seen_by.tolist(), scores.tolist(), strict=True))
    for answer in range(len(scores)):
        while waiting[oldest][0] <= answer:
            score = waiting[oldest][1]
            if math.isfinite(score):
                insort(past, score)
                if math.isfinite(quantiles[oldest]):
                    level += GAMMA * (alpha - (score > quantiles[oldest]))
            oldest += 1
        quantiles.append(_quantile(past, level))
    return np.array(quantiles)


def _quantile(past: Sequence[float], level: float) -> float:
    """The k-th smallest score, k = ceil((n + 1) (1 - level)), or the largest if k exceeds n."""
    if len(past) < START:
        return math.nan
    if level >= 1:
        return 0.0
    rank = math.ceil((len(past) + 1) * (1 - max(level, 0.0)))
    return past[min(rank, len(past)) - 1]

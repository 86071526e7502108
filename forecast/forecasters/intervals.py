"""Quantiles around forecasts, at a distance that was known at each cutoff.

A distance is a quantile of past errors, in units of the volatility expected when each was made,
times the volatility expected now. The level of that quantile adapts, so that the share of actuals
below holds through calm and storm alike.

With s_o the absolute log change expected for the session after row o, from the changes r up to it:

    f_{o+1} = 0.9 f_o + 0.1 |r_o|,  g_{o+1} = 0.97 g_o + 0.03 |r_o|
    s_o = 0.8 (f_{o+1} + g_{o+1}) / 2 + 0.2 mean of all |r|

f and g start as the mean of the first 60. Absolute changes are less ruled by single days than
squares (Taylor, 1986), and two memories know more than one (RiskMetrics, 2006). A past forecast
scores z = (ln y - ln f) / (s sqrt(horizon)). Each quantile has a tail a, its level or one minus its
level, whichever is smaller. With n scores sorted, its distance is the k-th of them counted from the
other end, k = ceil((n + m) (1 - a)), times s sqrt(horizon), where m = (horizon + 1) / 2 scores are
worth one, because they overlap (for m = 1 split conformal prediction: Vovk, Gammerman and Shafer,
2005). After each actual a moves by 0.005 (tail - [z beyond the distance]) / horizon^(1/3): adaptive
conformal inference (Gibbs and Candes, 2021, equation 2), slower far ahead, where misses come in
rows. Quantiles that have crossed are put in order (Chernozhukov, Fernandez-Val and Galichon, 2010).

The list begins with the scores of the last close; for each score of the forecaster's own, the two
oldest of those leave. So a forecaster that errs to one side, or a market that has changed, is not
held to the past for long.

Scores keep their sign. With widths alike on both sides no level but the outermost would hold:
around the last close 52 % of actuals were above the middle a session ahead, and 62 % 20 sessions
ahead.
"""

import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from jaxtyping import Bool, Float, Int

from forecast.errors import DataError
from forecast.shapes import Series

DECAYS = (0.9, 0.97)
LONG_RUN = 0.2
GAMMA = 0.005
# Scores of the last close that make way for one of the forecaster's own.
LEAVE = 2
# Changes before the first expected volatility, and scores before the first interval.
START = 60


def expected_scale(closes: Series) -> Series:
    """Absolute log change expected after each row, from the rows up to it.

    NaN for the first 60 rows, and as long as the close has never moved.
    """
    moves = np.abs(np.diff(np.log(closes)))
    scale = np.full(len(closes), np.nan)
    if len(moves) < START:
        return scale
    recent = np.mean([smoothed(moves, decay, moves[:START].mean()) for decay in DECAYS], axis=0)
    long_run = np.cumsum(moves) / np.arange(1, len(moves) + 1)
    blend = (1 - LONG_RUN) * recent[START:] + LONG_RUN * long_run[START - 1 :]
    scale[START:] = np.where(blend > 0, blend, np.nan)
    return scale


def smoothed(values: Series, decay: float, begin: float | None = None) -> Float[np.ndarray, "_"]:
    """The value expected after each one; one more, first, where one is expected before."""

    def after(expected: float, value: float) -> float:
        return decay * expected + (1 - decay) * value

    return np.array([*accumulate(values.tolist(), after, initial=begin)])


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What was asked at each row of a series, `horizon` sessions ahead, and what came.

    `actual` is NaN while unknown; `last` is the newest such value that was known at the row;
    `naive` is what a forecaster would say who knows no better, whose errors come before those of
    any other; `scale` is the error expected there, in logs.
    """

    horizon: int
    actual: Series
    last: Series
    naive: Series
    scale: Series


def close_outcomes(closes: Series, horizon: int, scale: Series | None = None) -> Outcomes:
    """The close `horizon` sessions after each row; `scale` is that of one session, where known."""
    actual = np.full(len(closes), np.nan)
    actual[:-horizon] = closes[horizon:]
    scale = expected_scale(closes) if scale is None else scale
    return Outcomes(horizon, actual, closes, closes, scale * math.sqrt(horizon))


def distances(
    outcomes: Outcomes,
    cutoffs: Int[np.ndarray, "answer"],
    forecasts: Float[np.ndarray, "answer"],
    levels: Sequence[float],
) -> tuple[Float[np.ndarray, "answer level"], Bool[np.ndarray, "answer"]]:
    """Logs of quantile over forecast, and where a quantile is capped at the farthest score.

    The forecasts are one forecaster's, `cutoffs` their rows in rising order; levels rise too.
    Row i of the answer depends on nothing after row `cutoffs[i]`: a score counts from the first
    cutoff on that has seen its actual. The scores of `naive`, up to the first cutoff, are what the
    list begins with; with fewer than 60 scores the distance is NaN.

    Raises:
        DataError: a forecast is not a finite number above zero.
    """
    bad = ~(np.isfinite(forecasts) & (forecasts > 0))
    if bad.any():
        raise DataError(
            f"forecast {int(np.argmax(bad)) + 1} of {len(forecasts)} is {forecasts[bad][0]};"
            " an interval needs a finite price above 0"
        )
    if not len(cutoffs):
        return np.empty((0, len(levels))), np.empty(0, dtype=bool)
    scores = np.log(outcomes.actual[cutoffs] / forecasts) / outcomes.scale[cutoffs]
    early = slice(0, max(0, int(cutoffs[0]) - outcomes.horizon + 1))
    seed = np.log(outcomes.actual[early] / outcomes.naive[early]) / outcomes.scale[early]
    seen_by = np.searchsorted(cutoffs, cutoffs + outcomes.horizon)
    found, capped = _quantiles(scores, seen_by, _Tracker(seed, levels, outcomes.horizon))
    return np.sort(found, axis=1) * outcomes.scale[cutoffs][:, None], capped


def _quantiles(
    scores: Float[np.ndarray, "answer"],
    seen_by: Int[np.ndarray, "answer"],
    tracker: "_Tracker",
) -> tuple[Float[np.ndarray, "answer level"], Bool[np.ndarray, "answer"]]:
    """The quantiles of the scores so far, at each answer, and whether one had to be capped.

    `seen_by` is the first answer to know this one's score.
    """
    found, capped, oldest = list[list[float]](), list[bool](), 0
    own: list[tuple[int, float]] = list(zip(seen_by.tolist(), scores.tolist(), strict=True))
    for answer in range(len(own)):
        while own[oldest][0] <= answer:
            if math.isfinite(own[oldest][1]):
                tracker.learn(own[oldest][1], found[oldest])
            oldest += 1
        quantiles, beyond = tracker.quantiles()
        found.append(quantiles)
        capped.append(beyond)
    return np.array(found), np.array(capped)


class _Tracker:
    """Scores so far, sorted, and the tail of each level as it has adapted."""

    def __init__(
        self, seed: Float[np.ndarray, "early"], levels: Sequence[float], horizon: int
    ) -> None:
        self._one, self._pace = (horizon + 1) / 2, GAMMA / horizon ** (1 / 3)
        self._leaving: list[float] = seed[np.isfinite(seed)].tolist()[::-1]
        self._past = sorted(self._leaving)
        self._upper = [level >= 0.5 for level in levels]
        self._tails = [round(min(level, 1 - level), 12) for level in levels]
        self._adapted = list(self._tails)

    def quantiles(self) -> tuple[list[float], bool]:
        """The quantile of each level, and whether one of them lies beyond all scores."""
        past, n = self._past, len(self._past)
        if n < START:
            return [math.nan] * len(self._tails), False
        ranks = [math.ceil((n + self._one) * (1 - max(tail, 0.0))) for tail in self._adapted]
        kept = [min(max(rank, 1), n) for rank in ranks]
        return [
            past[k - 1] if upper else past[n - k]
            for k, upper in zip(kept, self._upper, strict=True)
        ], max(ranks) > n

    def learn(self, score: float, quantiles: Sequence[float]) -> None:
        """Take in a score, for which these were the quantiles (NaN where there were none yet)."""
        insort(self._past, score)
        for _ in range(min(LEAVE, len(self._leaving), max(0, len(self._past) - START))):
            del self._past[bisect_left(self._past, self._leaving.pop())]
        if math.isfinite(quantiles[0]):
            missed = [
                score > each if upper else score < each
                for each, upper in zip(quantiles, self._upper, strict=True)
            ]
            self._adapted = [
                a + self._pace * (tail - miss)
                for a, tail, miss in zip(self._adapted, self._tails, missed, strict=True)
            ]

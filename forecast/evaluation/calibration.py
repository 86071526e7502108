"""Whether intervals hold as often as they should, and do not miss in clusters.

`inside` says for each interval, in time order, whether it held its actual. Both tests suppose that
forecasts do not overlap.
"""

import numpy as np
from scipy.special import chdtrc, xlogy

from forecast.evaluation.missing import NO_INTERVALS, too_few
from forecast.evaluation.significance import FEWEST, Test
from forecast.shapes import Mask


def kupiec(inside: Mask, coverage: float) -> Test:
    """Kupiec's test that intervals miss as often as they should.

    LR = 2 [x ln(x / (n a)) + (n - x) ln((n - x) / (n (1 - a)))] against chi-squared with 1 degree
    of freedom, x misses in n, a = 1 - coverage. Kupiec (1995), equation 6.

    >>> round(kupiec(np.arange(20) >= 4, coverage=0.8).p_value, 6)
    1.0
    """
    n = len(inside)
    if reason := _untestable(inside):
        return Test(reason=reason)
    counts = np.array([np.sum(~inside), np.sum(inside)], dtype="float64")
    return _against_chi(2 * _excess(counts, n * np.array([1 - coverage, coverage])))


def christoffersen(inside: Mask) -> Test:
    """Christoffersen's test that a miss does not make the next miss more likely.

    LR = 2 sum over i, j of n_ij ln(n_ij / e_ij) against chi-squared with 1 degree of freedom; n_ij
    counts steps from i to j among held and missed, e_ij what independence expects. Christoffersen
    (1998), equation 9.

    >>> christoffersen(np.arange(30) >= 6).p_value < 0.001
    True
    """
    if reason := _untestable(inside):
        return Test(reason=reason)
    before, after = inside[:-1], inside[1:]
    counts = np.array(
        [
            [float(np.sum((before == i) & (after == j))) for j in (True, False)]
            for i in (True, False)
        ]
    )
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    if not expected.all():
        held, rest = ("held", "misses") if inside.sum() > 1 else ("missed", "hits")
        return Test(reason=f"nearly all intervals {held}, too few {rest} to compare")
    return _against_chi(2 * _excess(counts, expected))


def _untestable(inside: Mask) -> str:
    if not len(inside):
        return NO_INTERVALS
    return too_few(len(inside), FEWEST, "intervals") if len(inside) < FEWEST else ""


def _excess(counts: np.ndarray, expected: np.ndarray) -> float:
    """Sum of counts ln(counts / expected), nothing where a count is zero."""
    return float(np.sum(xlogy(counts, counts) - xlogy(counts, expected)))


def _against_chi(statistic: float) -> Test:
    # Rounding may leave a perfect fit a hair below zero.
    statistic = max(statistic, 0.0)
    return Test(statistic, float(chdtrc(1, statistic)))

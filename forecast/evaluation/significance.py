"""Whether a difference between two forecasters is more than luck.

All arrays are in time order. `overlap` is how many forecasts in a row share a session: the horizon
in units of the rows between cutoffs, 1 when each forecast is about sessions of its own. A test
that cannot be made says why and has no p-value.
"""

import math
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from jaxtyping import Float
from scipy.special import chdtrc, fdtrc, ndtr, stdtr

from forecast.evaluation.missing import UNVARIED, too_few
from forecast.shapes import Series

# Independent forecasts below which no asymptotic p-value is worth printing.
FEWEST = 10
# Two closes nearer than this share of the price are one close, rounded differently.
SAME = 1e-9
CONSTANT = "the two errors differ by the same amount each time"

Alternative = Literal["better", "different"]


@dataclass(frozen=True, slots=True)
class Test:
    """A statistic and its p-value, or both NaN and the reason."""

    # The name is the statistician's; pytest must not collect it.
    __test__ = False

    statistic: float = float("nan")
    p_value: float = float("nan")
    reason: str = ""


def long_run_variance(values: Series, overlap: int = 1) -> float:
    """The variance of sqrt(n) times the mean.

    Where nothing overlaps, the mean squared distance from the mean. Else the mean of the squares of
    w_j = sqrt(2 / n) sum over t of x_t cos(pi j (t - 1/2) / n), j = 1..`degrees`: Lazarus, Lewis,
    Stock and Watson (2018), equation 4. With as many lags as overlap, Newey and West make it
    a third too small: their tests of 5 % reject 8 to 10 in 100, these 4 to 6.

    >>> long_run_variance(np.array([1.0, -1.0, 1.0, -1.0]))
    1.0
    """
    if overlap == 1:
        centred: Series = values - float(values.mean())
        return float(centred @ centred) / len(values)
    seen: np.ndarray = _waves(len(values), overlap) @ values
    return float(np.mean(np.square(seen)))


def degrees(n: int, overlap: int = 1) -> int:
    """Degrees of freedom of the `long_run_variance` of n values.

    Where they overlap 0.41 n^(2/3), and no more than n / (2 overlap), so that no cycle shorter than
    four overlaps counts.

    >>> degrees(645), degrees(645, overlap=5), degrees(645, overlap=20)
    (644, 30, 16)
    """
    return n - 1 if overlap == 1 else max(1, min(int(0.41 * n ** (2 / 3)), n // (2 * overlap)))


def _waves(n: int, overlap: int) -> Float[np.ndarray, "wave row"]:
    """The slowest cosines over n rows, each of length one and with a mean of zero."""
    cycles = np.arange(1, degrees(n, overlap) + 1)
    return math.sqrt(2 / n) * np.cos(np.pi / n * cycles[:, None] * (np.arange(n) + 0.5))


def diebold_mariano(
    actual: Series,
    forecast: Series,
    last: Series,
    overlap: int = 1,
    alternative: Alternative = "better",
) -> Test:
    """Diebold-Mariano test on squared errors, with the small-sample correction of Harvey et al.

    d = (y - f)^2 - (y - last)^2; see `loss_test`. Diebold and Mariano (1995). Below zero the
    forecast has the smaller error. "better" is one-sided, "different" two-sided.

    >>> y = np.arange(12.0) + 50
    >>> diebold_mariano(y, y - 1, y - 2 - y % 2).p_value < 0.001
    True
    >>> diebold_mariano(y, y - 1, y - 1).reason
    'identical to the last close'
    """
    if reason := _untestable(forecast, last, overlap):
        return Test(reason=reason)
    d = np.square(actual - forecast) - np.square(actual - last)
    return loss_test(d, overlap, alternative)


def loss_test(d: Series, overlap: int = 1, alternative: Alternative = "better") -> Test:
    """The Diebold-Mariano test of any losses: d is the forecast's less the other's, in time order.

    DM = mean d / sqrt(w / n), w the `long_run_variance`, against Student's t with its `degrees`
    of freedom. Where nothing overlaps DM is multiplied by sqrt((n - 1) / n), the small-sample
    correction of Harvey, Leybourne and Newbold (1997), equation 9; the w of overlapping forecasts
    needs none.

    >>> loss_test(np.ones(20)).reason
    'the two errors differ by the same amount each time'
    """
    n = len(d)
    if n < FEWEST * overlap:
        return Test(reason=too_few(n, FEWEST * overlap))
    statistic, freedom = _studentized(d, overlap), degrees(n, overlap)
    if not math.isfinite(statistic):
        return Test(reason=CONSTANT)
    if overlap == 1:
        statistic *= math.sqrt((n - 1) / n)
    better = alternative == "better"
    p_value = stdtr(freedom, statistic) if better else 2 * stdtr(freedom, -abs(statistic))
    return Test(statistic, float(p_value))


def clark_west(actual: Series, forecast: Series, last: Series, overlap: int = 1) -> Test:
    """Clark-West test that a model with `last` as a special case has the smaller error; one-sided.

    f = (y - last)^2 - [(y - m)^2 - (last - m)^2], t = mean f / sqrt(w / n), w the
    `long_run_variance`, against the normal distribution; where forecasts overlap against Student's
    t with its `degrees` of freedom. Clark and West (2007). It corrects for the noise that a larger
    model pays when the smaller one is true: evidence of signal, not yet of a better forecast.

    >>> clark_west(np.ones(12), np.ones(12), np.ones(12)).reason
    'identical to the last close'
    """
    if reason := _untestable(forecast, last, overlap):
        return Test(reason=reason)
    adjusted = np.square(actual - last) - np.square(actual - forecast) + np.square(last - forecast)
    statistic = _studentized(adjusted, overlap)
    if not math.isfinite(statistic):
        return Test(reason="what it averages is the same each time")
    p_value = ndtr(-statistic) if overlap == 1 else stdtr(degrees(len(actual), overlap), -statistic)
    return Test(statistic, float(p_value))


def giacomini_white(
    actual: Series, forecast: Series, last: Series, overlap: int = 1, *, rolling: bool
) -> Test:
    """Giacomini-White test that it cannot be known beforehand which of two errs less; two-sided.

    W = n m' V^-1 m against chi-squared with 2 degrees of freedom, m the mean and V the uncentred
    variance of z_t = (1, d_{t-h}) d_t, d as in Diebold-Mariano and h = `overlap`. Where forecasts
    overlap V is their `long_run_variance`, and (B - 1) / (2 B) W has the F distribution with 2 and
    B - 1 degrees of freedom (Lazarus, Lewis, Stock and Watson, 2018, equation 5).
    Giacomini and White (2006), theorems 1 and 3. A small p-value says that the
    last difference tells the next, or that one is better always. It holds for histories of one
    fixed length only: where they grow, `rolling` is False and there is no p-value.

    >>> y = np.arange(12.0) + 50
    >>> giacomini_white(y, y - 1, y - 2 - y % 2, rolling=False).reason
    'histories grow, and it needs a fixed span'
    """
    if not rolling:
        return Test(reason="histories grow, and it needs a fixed span")
    if reason := _untestable(forecast, last, overlap, before=overlap):
        return Test(reason=reason)
    d = np.square(actual - forecast) - np.square(actual - last)
    z = np.column_stack([d[overlap:], d[overlap:] * d[:-overlap]])
    # One unit for both columns; W itself does not depend on it.
    z = np.divide(z, np.maximum(np.abs(z).max(axis=0), np.finfo(float).tiny))
    n = len(z)
    seen = z if overlap == 1 else _waves(n, overlap) @ z
    count = len(seen)
    spread: np.ndarray = np.dot(seen.T, seen) / count
    if np.linalg.cond(spread) > 1 / SAME:
        alike = np.ptp(d) <= SAME * np.max(np.abs(d))
        return Test(reason=CONSTANT if alike else "the errors differ too seldom")
    mean: np.ndarray = z.mean(axis=0)
    statistic = n * float(np.dot(mean, cast(Series, np.linalg.solve(spread, mean))))
    if overlap == 1:
        return Test(statistic, float(chdtrc(2, statistic)))
    return Test(statistic, float(fdtrc(2, count - 1, (count - 1) / (2 * count) * statistic)))


def pesaran_timmermann(actual: Series, forecast: Series) -> Test:
    """Pesaran-Timmermann test that the signs of forecast and actual changes agree; one-sided.

    S = (p - p*) / sqrt(v - w), p the share of agreement, p* its expectation under independence,
    v - w = 4 u (1 - u) s (1 - s) / n for the shares u and s of rises and of forecast rises.
    Pesaran and Timmermann (1992), equation 6. Arguments are changes, not closes, and count where
    neither is 0; the test supposes that forecasts do not overlap.

    >>> changes = np.array([1.0, -1.0, 2.0, -2.0, 1.0, -3.0, 1.0, -1.0, 2.0, -1.0])
    >>> pesaran_timmermann(changes, np.abs(changes)).reason
    'constant sign: every forecast is a rise'
    """
    moved = (actual != 0) & (forecast != 0)
    rose, said_up, n = actual[moved] > 0, forecast[moved] > 0, int(np.sum(moved))
    if reason := _undirected(actual, forecast, n):
        return Test(reason=reason)
    up, said = float(rose.mean()), float(said_up.mean())
    for share, what in ((said, "forecast"), (up, "change")):
        if share in {0.0, 1.0}:
            return Test(reason=f"constant sign: every {what} is a {'rise' if share else 'fall'}")
    expected = up * said + (1 - up) * (1 - said)
    variance = 4 * up * (1 - up) * said * (1 - said)
    excess = float((rose == said_up).mean()) - expected
    statistic = excess / math.sqrt(variance / n)
    return Test(statistic, float(ndtr(-statistic)))


def correlated(actual: Series, forecast: Series) -> Test:
    """Test that changes and those forecast rise together, by Pearson's correlation; one-sided.

    t = r sqrt((n - 2) / (1 - r^2)) against Student's t with n - 2 degrees of freedom. Student
    (1908). It supposes that forecasts do not overlap.

    >>> correlated(np.arange(12.0), np.ones(12)).reason
    'the changes forecast, or those that came, never vary'
    """
    n = len(actual)
    if n < FEWEST:
        return Test(reason=too_few(n, FEWEST))
    if any(np.ptp(each) <= SAME * np.max(np.abs(each)) for each in (actual, forecast)):
        return Test(reason=UNVARIED)
    real, said = actual - actual.mean(), forecast - forecast.mean()
    found = float(real @ said) / math.sqrt(float((real @ real) * (said @ said)))
    statistic = found * math.sqrt((n - 2) / max(1 - found**2, np.finfo(float).eps))
    return Test(statistic, float(stdtr(n - 2, -statistic)))


def holm(p_values: Series) -> Series:
    """Step-down p-values that hold for all the tests together; NaN counts as a test, stays NaN.

    The i-th smallest of m becomes the largest of (m - j + 1) p_j over j <= i, at most 1 (Holm,
    1979). The chance of even one false claim is then no more than the level asked for, however
    the tests depend on each other.

    >>> holm(np.array([0.01, 0.04, np.nan])).tolist()
    [0.03, 0.08, nan]
    """
    filled = np.where(np.isnan(p_values), 1.0, p_values)
    order = np.argsort(filled, kind="stable")
    factors = len(filled) - np.arange(len(filled))
    adjusted = np.empty(len(filled))
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * filled[order]), 1.0)
    return np.where(np.isnan(p_values), np.nan, adjusted)


def identical(forecast: Series, other: Series) -> bool:
    """Whether two forecasters gave the same forecasts, up to rounding.

    >>> identical(np.array([1.0]), np.array([1.0 + 1e-12])), identical(np.zeros(0), np.zeros(0))
    (True, False)
    """
    return len(forecast) > 0 and bool(np.all(np.abs(forecast - other) <= SAME * np.abs(other)))


def _untestable(forecast: Series, last: Series, overlap: int, before: int = 0) -> str:
    """Why errors cannot be compared; `before` forecasts are needed to begin with."""
    if identical(forecast, last):
        return "identical to the last close"
    needed = FEWEST * overlap + before
    return too_few(len(forecast), needed) if len(forecast) < needed else ""


def _undirected(actual: Series, forecast: Series, moved: int) -> str:
    """Why directions cannot be compared, of which there are `moved` pairs."""
    if len(actual) < FEWEST:
        return too_few(len(actual), FEWEST)
    if not forecast.any():
        return "no change is ever forecast"
    if not actual.any():
        return "nothing ever changed"
    return too_few(moved, FEWEST, "forecasts with a direction") if moved < FEWEST else ""


def _studentized(values: Series, overlap: int) -> float:
    """Mean over its standard error; infinite when the values do not vary."""
    variance = long_run_variance(values, overlap)
    # Rounding leaves a constant with a variance of about the square of its last digit.
    if variance <= (1e-12 * float(np.max(np.abs(values)))) ** 2:
        return math.inf
    return float(values.mean()) / math.sqrt(variance / len(values))

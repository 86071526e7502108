"""Whether the best of many models is more than the luckiest of many models.

`losses` holds one column for each model, in time order; `draws` the share that each resample gives
each row, as `bootstrap.shares` makes them.
"""

import numpy as np
from jaxtyping import Float

from forecast.evaluation.bootstrap import Resamples
from forecast.evaluation.missing import too_few
from forecast.evaluation.significance import CONSTANT, Test
from forecast.shapes import Series

Losses = Float[np.ndarray, "row model"]

# Blocks below which resampling them says nothing about their scatter.
FEWEST_BLOCKS = 4


def superior(losses: Losses, naive: Series, draws: Resamples, block: int) -> Test:
    """Hansen's test of superior predictive ability: is any model better than the naive one?

    T = max over models of sqrt(n) mean(d) / w, d = naive - loss, w^2 the long-run variance of the
    stationary bootstrap with blocks of `block`; against the same of resampled d, each centred on
    its mean unless the model is clearly worse. Hansen (2005), equations 4 to 6, the consistent
    p-value. Models are divided by w before they are compared; the models that equal the naive one
    are left out.

    >>> superior(np.ones((20, 2)), np.ones(20), np.full((5, 20), 0.05), block=4).reason
    'every model is identical to the last close'
    """
    n = len(naive)
    if n < FEWEST_BLOCKS * block:
        return Test(reason=too_few(n, FEWEST_BLOCKS * block))
    gains = naive[:, None] - losses
    variances = np.array([_variance(gain, block) for gain in gains.T])
    rounding = 1e-12 * np.abs(losses).max(axis=0)
    real = variances > np.square(rounding)
    if not real.any():
        same = bool(np.all(np.abs(gains) <= rounding))
        return Test(reason="every model is identical to the last close" if same else CONSTANT)
    scaled = gains[:, real] / np.sqrt(variances[real] / n)
    means = scaled.mean(axis=0)
    centres = np.where(means >= -np.sqrt(2 * np.log(np.log(n))), means, 0.0)
    statistic = float(means.max())
    simulated: Series = np.max(draws @ scaled - centres, axis=1)
    return Test(statistic, float(np.mean(simulated > statistic)))


def confidence_set(losses: Losses, draws: Resamples) -> Float[np.ndarray, "_"]:
    """For each model, the largest level at which it still belongs among the best ones.

    The model confidence set of Hansen, Lunde and Nason (2011), section 3.1.2, by the range
    statistic: while models are left, the worst in the largest t value of any pair is put out, at
    the p-value of that t value among resamples. Below 0.05: not among the best, at 95 %.

    >>> losses = np.array([[0.0, 5.0], [1.0, 4.0]] * 10)
    >>> draws = np.array([[0.1, 0.0] * 10, [0.0, 0.1] * 10])
    >>> confidence_set(losses, draws).tolist()
    [1.0, 0.0]
    """
    means = losses.mean(axis=0)
    apart = means[:, None] - means
    resampled = draws @ losses
    scatter = resampled[:, :, None] - resampled[:, None, :] - apart
    variances = np.mean(np.square(scatter), axis=0)
    spread = np.sqrt(np.where(variances > 0, variances, 1.0))
    apart, scatter = apart / spread, scatter / spread
    levels, level = np.ones(len(means)), 0.0
    left = list(range(len(means)))
    while len(left) > 1:
        pairs = np.ix_(left, left)
        largest = float(apart[pairs].max())
        if not largest > 0:
            break
        simulated: Series = np.max(scatter[:, *pairs], axis=(1, 2))
        level = max(level, float(np.mean(simulated > largest)))
        worst = left[int(np.argmax(apart[pairs])) // len(left)]
        levels[worst] = level
        left.remove(worst)
    return levels


def _variance(values: Series, block: int) -> float:
    """The variance of sqrt(n) times a resampled mean, over all stationary resamples.

    Politis and Romano (1994), lemma 1: sum over k of kernel(k) g_k, g the autocovariances and
    kernel(k) = (1 - k / n) (1 - p)^k + (k / n) (1 - p)^(n - k) for p = 1 / block.
    """
    n, keep = len(values), 1 - 1 / block
    centred = values - values.mean()
    covariances = np.correlate(centred, centred, "full")[n:] / n
    k = np.arange(1, n)
    kernel = (1 - k / n) * keep**k + k / n * keep ** (n - k)
    return float(centred @ centred / n + 2 * kernel @ covariances)

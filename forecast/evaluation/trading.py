"""What trading on the forecasts would have earned, beside buying and holding.

| column | meaning |
|---|---|
| forecaster, strategy | whose forecasts; how they are traded |
| horizon, n | sessions that a position is held; positions taken one after another |
| gross_sharpe, net_sharpe | annualised Sharpe ratio before and after costs |
| psr | probability that the true net Sharpe ratio is above 0 |
| dsr | the same, above the best that luck gives among all that was tried |
| growth, drawdown | net gain of the whole; largest net loss from a peak; shares |
| turnover | share of the capital that changes hands, one position to the next, in the mean |
| reason | why there are no figures; empty where there are |

`sign` is wholly in or wholly short, by the sign of the forecast change; `sized` takes a share: the
forecast change over the mean size of those so far, at most 1. `hold` buys once. Costs are paid on
each change of position; what prices do to a position's share is neglected. No interest, no taxes.
"""

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from forecast.evaluation.answers import values_of
from forecast.evaluation.missing import too_few
from forecast.evaluation.significance import FEWEST, SAME
from forecast.shapes import Series

COLUMNS = (
    *("forecaster", "strategy", "horizon", "n", "gross_sharpe", "net_sharpe", "psr", "dsr"),
    *("growth", "drawdown", "turnover", "reason"),
)
STRATEGIES = ("sign", "sized")
BASIS_POINT = 1e-4


def trading(
    answers: pd.DataFrame, cost: int | float = 5.0, trials: int = 1, a_year: float = 252.0
) -> pd.DataFrame:
    """The trading table of one ticker's answers; those whose actual is unknown are left out.

    `cost` is in basis points of what changes hands. `trials` is how many configurations were ever
    tried on the ticker; each was traded in two ways. `a_year` counts the sessions of a year. The
    horizon is the one whose positions follow one another without a gap; there are no rows where
    none does. Positions begin at the close that the forecast was made from.
    """
    known = answers[answers["actual"].notna()].sort_values("cutoff", kind="stable")
    groups = known.groupby(["forecaster", "horizon"], sort=False, observed=True)
    parts = [part for _, part in groups if _chained(part)]
    rows = [
        _row(part, str(part["forecaster"].iloc[0]), strategy, cost, trials, a_year)
        for part in parts
        for strategy in STRATEGIES
    ]
    rows += [_row(part, "buy and hold", "hold", cost, trials, a_year) for part in parts[:1]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _chained(part: pd.DataFrame) -> bool:
    """Whether each position ends where the next one begins."""
    ends, begins = part["date"].to_numpy()[:-1], part["cutoff"].to_numpy()[1:]
    return np.array_equal(ends, begins)


def _row(
    part: pd.DataFrame, name: str, strategy: str, cost: int | float, trials: int, a_year: float
) -> dict[str, Any]:
    actual, forecast, last = values_of(part)
    position = positions(np.log(forecast / last), strategy)
    gross = position * (actual / last - 1)
    moved: Series = np.abs(np.diff(position, prepend=0.0))
    net = gross - BASIS_POINT * cost * moved
    horizon = int(part["horizon"].iloc[0])
    row = {"forecaster": name, "strategy": strategy, "horizon": horizon, "n": len(net)}
    if reason := _untradable(position, gross):
        return row | {"reason": reason}
    yearly = math.sqrt(a_year / horizon)
    # A baseline is no configuration that was tried, but is traded in each way all the same.
    best = expected_best(len(net), max(trials, 1) * len(STRATEGIES))
    return row | {
        "gross_sharpe": sharpe(gross) * yearly,
        "net_sharpe": sharpe(net) * yearly,
        "psr": probabilistic_sharpe(net),
        "dsr": probabilistic_sharpe(net, 0.0 if strategy == "hold" else best),
        "growth": growth(net),
        "drawdown": max_drawdown(net),
        "turnover": float(moved.mean()),
        "reason": "",
    }


def _untradable(position: Series, gross: Series) -> str:
    if len(gross) < FEWEST:
        return too_few(len(gross), FEWEST, "positions")
    if not position.any():
        return "never takes a position"
    return "" if np.ptp(gross) > SAME * np.max(np.abs(gross)) else "returns never vary"


def positions(changes: Series, strategy: str) -> Series:
    """Shares of the capital, from -1 to 1, taken at each cutoff on the forecast changes.

    >>> positions(np.array([0.02, -0.01, 0.0]), "sign").tolist()
    [1.0, -1.0, 0.0]
    >>> positions(np.array([0.02, -0.01, 0.0]), "sized").round(2).tolist()
    [1.0, -0.67, 0.0]
    """
    if strategy == "hold":
        return np.ones(len(changes))
    # Changes of nothing but rounding are none.
    changes = np.where(np.abs(changes) > 1e-9, changes, 0.0)
    if strategy == "sign":
        return np.sign(changes)
    usual = np.cumsum(np.abs(changes)) / np.arange(1, len(changes) + 1)
    return np.clip(np.divide(changes, usual, out=np.zeros_like(changes), where=usual > 0), -1, 1)


def sharpe(returns: Series) -> float:
    """Mean over standard deviation (n - 1) of one period's returns, not annualised. Sharpe (1994).

    NaN where returns never differ.

    >>> round(sharpe(np.array([0.01, 0.03])), 4)
    1.4142
    """
    scatter = float(returns.std(ddof=1))
    return float(returns.mean()) / scatter if scatter else math.nan


def probabilistic_sharpe(returns: Series, benchmark: float = 0.0) -> float:
    """Probability that the true Sharpe ratio of one period is above `benchmark`.

    N((S - S*) sqrt(n - 1) / sqrt(1 - g3 S + (g4 - 1) / 4 S^2)), g3 the skewness and g4 the
    kurtosis (3 for the normal). Bailey and Lopez de Prado (2012), equation 11. With
    `expected_best` as the benchmark it is their deflated Sharpe ratio (2014), equation 2.

    >>> round(probabilistic_sharpe(np.array([0.01, -0.01] * 20)), 2)
    0.5
    """
    centred: Series = returns - float(returns.mean())
    found, scatter = sharpe(returns), float(centred.std())
    skewness, kurtosis = (float(np.mean(centred**k)) / scatter**k for k in (3, 4))
    spread = 1 - skewness * found + (kurtosis - 1) / 4 * found**2
    return float(ndtr((found - benchmark) * math.sqrt((len(returns) - 1) / spread)))


def expected_best(n: int, tried: int) -> float:
    """Sharpe ratio of one period to be expected of the best of `tried` ways without any skill.

    s [(1 - e) N^-1(1 - 1/k) + e N^-1(1 - 1/(k exp 1))], k = `tried`, e Euler's constant, s the
    scatter of such ratios. Bailey and Lopez de Prado (2014), equation 1, with s = 1 / sqrt(n - 1),
    what it is where there is no skill.

    >>> round(expected_best(750, 10) * 252**0.5, 2)
    0.91
    """
    if tried < 2:
        return 0.0
    high, higher = float(ndtri(1 - 1 / tried)), float(ndtri(1 - 1 / (tried * math.e)))
    return ((1 - np.euler_gamma) * high + np.euler_gamma * higher) / math.sqrt(n - 1)


def max_drawdown(returns: Series) -> float:
    """Largest loss from a peak, the start being one; a share, at most 0.

    >>> round(max_drawdown(np.array([-0.10, 0.05, 0.02])), 9)
    -0.1
    """
    worth = np.concatenate([[1.0], np.cumprod(1 + returns)])
    return float(np.min(worth / np.maximum.accumulate(worth))) - 1


def growth(returns: Series) -> float:
    """The compounded gain of returns, as a share.

    >>> round(growth(np.array([0.10, -0.10])), 9)
    -0.01
    """
    return float(np.prod(1 + returns)) - 1

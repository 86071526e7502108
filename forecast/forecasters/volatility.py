"""Baselines of volatility: what any model of it has to beat. None of them needs torch.

Each answers with the volatility of the sessions 1..h after the history, for each h up to the
horizon: the root of their mean variance, in per cent a session.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.extras import extra
from forecast.features.variance import Har, terms, variances
from forecast.features.variance_inputs import volatility
from forecast.settings import VarianceName
from forecast.shapes import Answers, Series

DECAY = 0.94
# After so many sessions the decayed weight of the first is below 1e-13.
MEMORY = 500
# Variances from which the newest terms of HAR are known, and a close before the first.
NEWEST = 23


@dataclass(frozen=True, slots=True)
class LastVolatility:
    """The volatility of as many sessions as are asked for, those just past."""

    how: VarianceName = "auto"

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedVolatility]":
        def trailing(variance: Series) -> Series:
            newest = variance[: -horizon - 1 : -1]
            return np.cumsum(newest) / np.arange(1.0, horizon + 1.0)

        return [FittedVolatility(self.how, horizon + 1, trailing) for _ in histories]


@dataclass(frozen=True, slots=True)
class Ewma:
    """Exponentially weighted variances, decay 0.94 (RiskMetrics, 1996); flat over the horizon."""

    how: VarianceName = "auto"

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedVolatility]":
        weights = (1 - DECAY) * DECAY ** np.arange(MEMORY)

        def smoothed(variance: Series) -> Float[np.ndarray, "_"]:
            own = weights[: len(variance)] / weights[: len(variance)].sum()
            return np.full(horizon, own @ variance[::-1])

        return [FittedVolatility(self.how, MEMORY + 1, smoothed) for _ in histories]


@dataclass(frozen=True, slots=True)
class Hars:
    """The heterogeneous autoregression of the history's variances, in logs; see `Har`."""

    how: VarianceName = "auto"

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedVolatility]":
        return [self._fit(history, horizon) for history in histories]

    def _fit(self, history: pd.DataFrame, horizon: int) -> "FittedVolatility":
        har = Har.fit(variances(history, self.how), horizon)

        def expected(variance: Series) -> Float[np.ndarray, "_"]:
            return np.exp(har.expected(terms(variance)[-1:])[0]) * har.smear

        return FittedVolatility(self.how, NEWEST, expected)


@dataclass(frozen=True, slots=True)
class FittedVolatility:
    """A rule from the variances of the last `rows` sessions to those expected at each horizon."""

    how: VarianceName
    rows: int
    rule: Callable[[Series], Series]

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        known = [variances(history.iloc[-self.rows :], self.how) for history in histories]
        return volatility(np.stack([self.rule(each) for each in known]))


@dataclass(frozen=True, slots=True)
class Garch:
    """GARCH(1,1) with Student-t shocks (Bollerslev, 1987) on closes, through the package `arch`."""

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> "Sequence[FittedGarch]":
        return [self._fit(history, horizon) for history in histories]

    def _fit(self, history: pd.DataFrame, horizon: int) -> "FittedGarch":
        arch = extra("arch", "garch needs the package arch; pip install 'forecast[garch]'")
        fitted = arch.arch_model(_returns(history), dist="t").fit(disp="off", show_warning=False)
        mean, omega, alpha, beta = (
            float(fitted.params[name]) for name in ("mu", "omega", "alpha[1]", "beta[1]")
        )
        return FittedGarch(mean, omega, alpha, beta, horizon)


@dataclass(frozen=True, slots=True)
class FittedGarch:
    """v(t+1) = omega + alpha (r(t) - mean)^2 + beta v(t), of log changes in per cent."""

    mean: float
    omega: float
    alpha: float
    beta: float
    horizon: int

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        return np.stack([self._one(_returns(history)) for history in histories])

    def _one(self, returns: Series) -> Float[np.ndarray, "_"]:
        squares: list[float] = np.square(returns - self.mean).tolist()
        variance = sum(squares[:MEMORY]) / len(squares[:MEMORY])
        for square in squares:
            variance = self.omega + self.alpha * square + self.beta * variance
        ahead = list[float]()
        for _ in range(self.horizon):
            ahead.append(variance)
            variance = self.omega + (self.alpha + self.beta) * variance
        return np.sqrt(np.cumsum(ahead) / np.arange(1.0, self.horizon + 1.0))


def _returns(history: pd.DataFrame) -> Series:
    """Log changes of the close, in per cent."""
    return 100 * np.diff(np.log(history["close"].to_numpy("float64")))

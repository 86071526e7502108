"""Baselines: what any model has to beat. None of them needs torch.

Each is settings only; each answers from the closes alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.data.prices import last_close
from forecast.data.sessions import following
from forecast.shapes import Answers, Series


def _closes(history: pd.DataFrame) -> Series:
    return history["close"].to_numpy(dtype="float64")


def _ahead(horizon: int) -> Float[np.ndarray, " horizon"]:
    return np.arange(1.0, horizon + 1.0)


@dataclass(frozen=True, slots=True)
class Last:
    """The last close, repeated: the best forecast of a random walk."""

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> "Sequence[FittedStep]":
        return [FittedStep(0.0, horizon, logs=False) for _ in histories]


@dataclass(frozen=True, slots=True)
class Drift:
    """The last close plus the mean daily change of the history, in money or in logs."""

    logs: bool = False

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> "Sequence[FittedStep]":
        return [FittedStep(self._mean(_closes(each)), horizon, self.logs) for each in histories]

    def _mean(self, closes: Series) -> float:
        values = np.log(closes) if self.logs else closes
        return float(values[-1] - values[0]) / max(len(values) - 1, 1)


@dataclass(frozen=True, slots=True)
class FittedStep:
    """The same step every session, from the last close on."""

    step: float
    horizon: int
    logs: bool

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        last = np.array([last_close(each) for each in histories])[:, None]
        moved = self.step * _ahead(self.horizon)
        return last * np.exp(moved) if self.logs else last + moved


@dataclass(frozen=True, slots=True)
class Weekday:
    """The last close moved by the mean log change of each weekday to come (Monday = 0)."""

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedWeekday]":
        return [FittedWeekday(self._means(each), horizon) for each in histories]

    @staticmethod
    def _means(history: pd.DataFrame) -> tuple[float, ...]:
        changes = np.diff(np.log(_closes(history)))
        days = pd.DatetimeIndex(history.index).day_of_week.to_numpy()[1:]
        return tuple(
            float(changes[days == day].mean()) if (days == day).any() else 0.0 for day in range(7)
        )


@dataclass(frozen=True, slots=True)
class FittedWeekday:
    """The mean log change of each weekday, Monday first."""

    means: tuple[float, ...]
    horizon: int

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        means = np.array(self.means)
        answers = np.empty((len(histories), self.horizon))
        for row, history in enumerate(histories):
            days = following(pd.DatetimeIndex(history.index), self.horizon).day_of_week.to_numpy()
            answers[row] = last_close(history) * np.exp(np.cumsum(means[days]))
        return answers


@dataclass(frozen=True, slots=True)
class Smoothing:
    """Simple exponential smoothing of the log close (Brown 1956), its weight chosen by history.

    The level is l_t = w y_t + (1 - w) l_{t-1}; a weight of 1 is the last close.
    """

    weights: tuple[float, ...] = tuple(np.linspace(0.05, 1.0, 20).round(2).tolist())

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedSmoothing]":
        return [FittedSmoothing(self._best(_closes(each)), horizon) for each in histories]

    def _best(self, closes: Series) -> float:
        weights, logs = np.array(self.weights), np.log(closes)
        level, squares = np.full_like(weights, logs[0]), np.zeros_like(weights)
        for value in logs[1:]:
            error = value - level
            squares += error**2
            level = level + weights * error
        return self.weights[int(np.argmin(squares))]


@dataclass(frozen=True, slots=True)
class FittedSmoothing:
    """One level for every horizon, by the weight that the history chose."""

    weight: float
    horizon: int

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        levels = [self._level(np.log(_closes(each))) for each in histories]
        return np.repeat(np.exp(levels)[:, None], self.horizon, axis=1)

    def _level(self, logs: Series) -> float:
        kept = (1.0 - self.weight) ** np.arange(len(logs))
        share = np.where(np.arange(len(logs)) == len(logs) - 1, 1.0, self.weight) * kept
        return float(share @ logs[::-1])

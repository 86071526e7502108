"""Any scikit-learn regressor as a forecaster, on the same inputs and windows as the networks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone  # pyright: ignore[reportUnknownVariableType] - untyped
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import RidgeCV

from forecast.features.readings import Reading, reading
from forecast.progress import Progress, silent
from forecast.settings import Inputs, Settings, Target
from forecast.shapes import Answers


def ridge() -> Any:
    """Ridge regression, its penalty chosen by leave-one-out on the history."""
    return RidgeCV(alphas=np.logspace(-2, 4, 13))


def boosting() -> Any:
    """Gradient-boosted trees, small enough not to learn noise by heart."""
    return HistGradientBoostingRegressor(
        max_iter=100, learning_rate=0.05, max_leaf_nodes=8, random_state=0
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Tabular:
    """A regressor reading each window as one row of numbers; one clone for each horizon."""

    regressor: Any = field(default_factory=ridge)
    target: Target = Target()
    inputs: Inputs = Inputs()
    progress: Progress = field(default=silent, compare=False)

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedTabular]":
        fits = list[FittedTabular]()
        for history in histories:
            fits.append(self._fit(history, horizon))
            self.progress(len(fits), len(histories))
        return fits

    def _fit(self, history: pd.DataFrame, horizon: int) -> "FittedTabular":
        inputs = reading(history, self.inputs, self.target, horizon)
        windows, targets = inputs.dataset(history)
        rows = windows.reshape(len(windows), -1)
        fresh: list[Any] = [clone(self.regressor) for _ in range(horizon)]
        for regressor, column in zip(fresh, targets.T, strict=True):
            regressor.fit(rows, column)
        return FittedTabular(inputs, tuple(fresh))


@dataclass(frozen=True, slots=True, eq=False)
class FittedTabular:
    """One fitted regressor for each horizon, with the scaling of its history."""

    inputs: Reading
    regressors: tuple[Any, ...]

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        windows = self.inputs.windows(histories)
        rows = windows.reshape(len(windows), -1)
        outputs = np.stack([each.predict(rows) for each in self.regressors], axis=1)
        return self.inputs.prices(outputs.astype("float64"), histories)


REGRESSORS = {"ridge": ridge, "boosting": boosting}


def named(name: str, settings: Settings, progress: Progress) -> Tabular:
    """The regressor of this name."""
    return Tabular(
        regressor=REGRESSORS[name](),
        target=settings.target,
        inputs=settings.inputs,
        progress=progress,
    )

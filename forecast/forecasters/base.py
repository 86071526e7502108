"""The protocols that everything with a forecast obeys.

A forecaster is settings only. `fit_many` is the primitive, so that all folds, tickers and seeds
can be learned together. What it returns is immutable and answers for the end of any history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.shapes import Answers
from forecast.training.checkpoint import Checkpoint


@runtime_checkable
class Fitted(Protocol):
    """A forecaster that has learned: scaling, inputs and weights together, never changed again."""

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        """Closes 1..horizon sessions after the last row of each history, in the table's currency.

        Each history is a table of sessions as `Prices.table`; row i of the answer depends on
        `histories[i]` alone.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Curve:
    """Losses after each epoch of one model's learning, the untrained model first."""

    training: Float[np.ndarray, " epoch"]
    validation: Float[np.ndarray, " epoch"]
    best: int
    diverged: bool


@runtime_checkable
class Learned(Fitted, Protocol):
    """What has learned epoch by epoch, and can be saved."""

    @property
    def curve(self) -> Curve: ...

    def checkpoint(self) -> Checkpoint:
        """Weights and settings, enough to make the same fitted forecaster again."""
        ...


@runtime_checkable
class Forecaster(Protocol):
    """Settings that can be fitted."""

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> Sequence[Fitted]:
        """One fitted forecaster for each history, each from its own history and nothing else.

        Raises:
            DataError: a history is too short for the window and the horizon.
        """
        ...


@runtime_checkable
class Pooling(Forecaster, Protocol):
    """A forecaster for whom it matters which histories it is given together."""

    @property
    def pooled(self) -> bool:
        """Whether one history may move the fit of another."""
        ...


@runtime_checkable
class Refitting(Forecaster, Protocol):
    """A forecaster that can also start from where an earlier fit ended."""

    def refit_many(
        self, before: Sequence[Any], histories: Sequence[pd.DataFrame], horizon: int
    ) -> Sequence[Fitted]:
        """As `fit_many`, each from the weights of an earlier fit; afresh where none is given."""
        ...


@runtime_checkable
class Keeping(Forecaster, Protocol):
    """A forecaster that can keep on the disk what it has learned, portion by portion."""

    def keeping(self, folder: Path) -> Forecaster:
        """The same, with portions kept in this folder, and found there by a later learning."""
        ...


def keeping(forecasters: Mapping[str, Forecaster], folder: Path | None) -> dict[str, Forecaster]:
    """The forecasters, keeping in this folder what they can; none keeps anything without one."""
    return {
        name: each.keeping(folder) if folder and isinstance(each, Keeping) else each
        for name, each in forecasters.items()
    }

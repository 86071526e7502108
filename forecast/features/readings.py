"""What a model reads, by target."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import pandas as pd

from forecast.features.inputs import FittedInputs
from forecast.features.variance_inputs import FittedVariance
from forecast.settings import Inputs, Target
from forecast.shapes import Answers, Targets, Windows


@runtime_checkable
class Reading(Protocol):
    """Fitted on one history: turns histories into windows, and outputs into answers."""

    @property
    def settings(self) -> Inputs: ...

    @property
    def horizon(self) -> int: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    def samples(self, history: pd.DataFrame) -> int:
        """How many windows `dataset` has."""
        ...

    def dataset(self, history: pd.DataFrame) -> tuple[Windows, Targets]:
        """Every window of the history, scaled, and the output that was wanted after it."""
        ...

    def windows(self, histories: Sequence[pd.DataFrame]) -> Windows:
        """The newest window of each history, scaled."""
        ...

    def prices(self, outputs: Answers, histories: Sequence[pd.DataFrame]) -> Answers:
        """Answers from outputs, in the unit of the target."""
        ...

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        ...


def reading(history: pd.DataFrame, settings: Inputs, target: Target, horizon: int) -> Reading:
    """The reading for a target, fitted on this history alone.

    Raises:
        DataError: the history is too short, or has nothing to learn.
    """
    if target.target == "volatility":
        return FittedVariance.of(history, settings, target.variance, horizon)
    return FittedInputs.of(history, settings, horizon)


def from_json(values: Mapping[str, Any]) -> Reading:
    """The reading that `as_json` gave.

    Raises:
        KeyError, TypeError, ValueError, SettingError: it is something else.
    """
    kind = FittedVariance if "variance" in values else FittedInputs
    return kind.from_json(values)

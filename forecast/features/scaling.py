"""MinMax scaling with the semantics of scikit-learn's `MinMaxScaler`, as an immutable record.

It is its own few lines because importing scikit-learn takes longer than fitting a model; a test
holds it to `MinMaxScaler`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from forecast.shapes import Table


def numbers(told: Any) -> Float[np.ndarray, "..."]:
    """Numbers as they were saved.

    Raises:
        TypeError, ValueError: one of them is no finite number.
    """
    found = np.array(told, dtype="float64")
    if not np.isfinite(found).all():
        raise ValueError("a number of its scaling is not finite")
    return found


@dataclass(frozen=True, slots=True, eq=False)
class MinMax:
    """An affine map of each feature, made so that the fitted rows fall between two bounds."""

    low: Float[np.ndarray, " feature"]
    high: Float[np.ndarray, " feature"]
    bounds: tuple[float, float] = (0.0, 1.0)

    @classmethod
    def fit(cls, rows: Table, bounds: tuple[float, float] = (0.0, 1.0)) -> "MinMax":
        """The scaling of these rows and no others.

        >>> MinMax.fit(np.array([[1.0], [3.0]])).scale(np.array([[2.0]])).tolist()
        [[0.5]]
        """
        return cls(rows.min(axis=0), rows.max(axis=0), bounds)

    @property
    def factor(self) -> Float[np.ndarray, " feature"]:
        """Scaled units per unit; a constant feature is only moved, as scikit-learn does."""
        spread = self.high - self.low
        lower, upper = self.bounds
        return (upper - lower) / np.where(spread == 0.0, 1.0, spread)

    def scale(self, rows: Float[np.ndarray, "... feature"]) -> Float[np.ndarray, "... feature"]:
        """Rows of every feature, or windows of them."""
        return (rows - self.low) * self.factor + self.bounds[0]

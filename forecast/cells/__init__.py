"""Recurrent cells: one contract, several backends."""

from forecast.cells.base import Backend, Cell, LayerState, LayerWeights, State
from forecast.cells.recurrence import BACKENDS, FEW, SMALL, choose, run
from forecast.cells.weights import from_torch, initial, to_torch

__all__ = [
    "BACKENDS",
    "FEW",
    "SMALL",
    "Backend",
    "Cell",
    "LayerState",
    "LayerWeights",
    "State",
    "choose",
    "from_torch",
    "initial",
    "run",
    "to_torch",
]

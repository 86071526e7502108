"""The contract of every cell backend.

A cell is one update rule (Elman's RNN, the LSTM, the GRU); a recurrence runs it over a sequence.
Every array carries a leading `model` axis: M independent models of one shape. Weights have the
names, layout and gate order of `torch.nn` (LSTM i f g o; GRU r z n, the reset applied after the
hidden product), so any weights run on any backend.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int

from forecast.settings import CellKind

GATES: dict[CellKind, int] = {"rnn": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """The shape of a recurrence: which rule, how wide, how deep, which ways."""

    kind: CellKind
    features: int
    hidden: int
    layers: int = 1
    bidirectional: bool = False
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    dropout: float = 0.0

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every weight of one model, by PyTorch's name, in PyTorch's order."""
        rows, shapes = GATES[self.kind] * self.hidden, dict[str, tuple[int, ...]]()
        for layer in range(self.layers):
            width = self.features if layer == 0 else self.directions * self.hidden
            for suffix in [f"l{layer}", f"l{layer}_reverse"][: self.directions]:
                shapes[f"weight_ih_{suffix}"] = (rows, width)
                shapes[f"weight_hh_{suffix}"] = (rows, self.hidden)
                shapes[f"bias_ih_{suffix}"] = (rows,)
                shapes[f"bias_hh_{suffix}"] = (rows,)
        return shapes


class State(NamedTuple):
    """What a recurrence carries from step to step; `memory` is the LSTM's c, else None."""

    hidden: Float[torch.Tensor, "model layer sample hidden"]
    memory: Float[torch.Tensor, "model layer sample hidden"] | None = None


class LayerWeights(NamedTuple):
    """The weights of one layer in one direction."""

    input: Float[torch.Tensor, "model gates feature"]
    hidden: Float[torch.Tensor, "model gates hidden"]
    input_bias: Float[torch.Tensor, "model gates"]
    hidden_bias: Float[torch.Tensor, "model gates"]


class LayerState(NamedTuple):
    """The state of one layer in one direction; `memory` is the LSTM's c, else None."""

    hidden: Float[torch.Tensor, "model sample hidden"]
    memory: Float[torch.Tensor, "model sample hidden"] | None = None


@runtime_checkable
class Backend(Protocol):
    """One layer in one direction, run over a sequence by somebody in particular.

    `lengths` counts the valid steps of each sample; steps past it leave the state as it is and
    their outputs are zero.
    """

    def __call__(
        self,
        cell: Cell,
        weights: LayerWeights,
        sequence: Float[torch.Tensor, "model sample time feature"],
        state: LayerState,
        lengths: Int[torch.Tensor, "model sample"] | None,
    ) -> tuple[Float[torch.Tensor, "model sample time hidden"], LayerState]: ...

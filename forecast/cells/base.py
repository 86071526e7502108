"""The contract of every cell backend.

A cell is one update rule (Elman's RNN, the LSTM, the GRU); a recurrence runs it over a sequence.
Every array carries a leading `model` axis: M independent models of one shape. Weights have the
names, layout and gate order of `torch.nn` (LSTM i f g o; GRU r z n, the reset applied after the
hidden product), so any weights run on any backend.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, get_args, runtime_checkable

import torch
from jaxtyping import Float, Int

from forecast.errors import SettingError
from forecast.settings import CellKind

GATES: dict[CellKind, int] = {"rnn": 1, "lstm": 4, "gru": 3}
Nonlinearity = Literal["tanh", "relu"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """The shape of a recurrence: which rule, how wide, how deep, which ways.

    `nonlinearity` is the RNN's alone; `dropout` is the share of units dropped between layers.

    >>> Cell(kind="gru", features=5, hidden=10).shapes["weight_ih_l0"]
    (30, 5)
    """

    kind: CellKind
    features: int
    hidden: int
    layers: int = 1
    bidirectional: bool = False
    nonlinearity: Nonlinearity = "tanh"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in GATES:
            raise SettingError(f"cell is one of {', '.join(GATES)}; got {self.kind!r}")
        if self.nonlinearity not in get_args(Nonlinearity):
            legal = ", ".join(get_args(Nonlinearity))
            raise SettingError(f"nonlinearity is one of {legal}; got {self.nonlinearity!r}")
        for name in ("features", "hidden", "layers"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name} is at least 1; got {getattr(self, name)}")
        if not 0.0 <= self.dropout < 1.0:
            raise SettingError(f"dropout is a share from 0 to below 1; got {self.dropout}")
        if self.dropout and self.layers == 1:
            raise SettingError(
                f"dropout acts between layers; got dropout {self.dropout} with 1 layer"
            )

    @property
    def directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def suffixes(self) -> list[str]:
        """What the names of each layer's and direction's weights end in, in the state's order."""
        both = ["", "_reverse"][: self.directions]
        return [f"l{layer}{direction}" for layer in range(self.layers) for direction in both]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every weight of one model, by PyTorch's name, in PyTorch's order."""
        rows, shapes = GATES[self.kind] * self.hidden, dict[str, tuple[int, ...]]()
        for place, suffix in enumerate(self.suffixes):
            width = self.features if place < self.directions else self.directions * self.hidden
            shapes[f"weight_ih_{suffix}"] = (rows, width)
            shapes[f"weight_hh_{suffix}"] = (rows, self.hidden)
            shapes[f"bias_ih_{suffix}"] = (rows,)
            shapes[f"bias_hh_{suffix}"] = (rows,)
        return shapes


class State(NamedTuple):
    """What a recurrence carries from step to step; `memory` is the LSTM's c, else None.

    The layer axis counts layers and directions as `torch.nn` does: layer 0 forward, layer 0
    reverse, layer 1 forward, ...
    """

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

    @classmethod
    def zero(
        cls, cell: Cell, sequence: Float[torch.Tensor, "model sample time feature"]
    ) -> "LayerState":
        """What a sequence starts from where no state is given."""
        hidden = sequence.new_zeros(*sequence.shape[:2], cell.hidden)
        return cls(hidden, hidden if cell.kind == "lstm" else None)


class Way(NamedTuple):
    """How a layer is run: backwards the last step is read first, and outputs lie where steps do.

    Outputs are of `every` step, or of none where only the final state is wanted.
    """

    backwards: bool = False
    every: bool = True


FORWARD = Way()
# Of every step, or of none.
Outputs = Float[torch.Tensor, "model sample _ hidden"]


@runtime_checkable
class Backend(Protocol):
    """One layer in one direction, run over a sequence by somebody in particular.

    The state before the first step is zero where none is given.
    `lengths` counts the valid steps of each sample, 0 to all; steps past it leave the state as it
    is and their outputs are zero: whoever calls has set such steps to zero, so that not even NaN
    can leak out of them. `way` leads backwards only without lengths: with them, whoever calls has
    turned each sample's own steps already.
    """

    def __call__(
        self,
        cell: Cell,
        weights: LayerWeights,
        sequence: Float[torch.Tensor, "model sample time feature"],
        state: LayerState | None,
        lengths: Int[torch.Tensor, "model sample"] | None,
        way: Way = FORWARD,
    ) -> tuple[Outputs, LayerState]: ...

"""The cells in plain torch, one step after another, for every model of a stack at once.

Read this to understand a cell. The three rules differ only in how the two products of a step, the
input's (W_i x + b_i) and the hidden state's (W_h h + b_h), become the next state. Autograd goes
back through the steps. On a GPU this is the fast way for stacks: one small matrix product a step
serves all models.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int

from forecast.cells.base import FORWARD, Cell, LayerState, LayerWeights, Outputs, Way
from forecast.settings import CellKind

Gates = Float[torch.Tensor, "model sample gates"]
Rule = Callable[[Cell, Gates, Gates, LayerState], LayerState]


def rnn(cell: Cell, from_input: Gates, from_hidden: Gates, _: LayerState) -> LayerState:
    """One step of the simple recurrent network (Elman 1990): h' = tanh(W_i x + W_h h)."""
    activate = torch.relu if cell.nonlinearity == "relu" else torch.tanh
    return LayerState(activate(from_input + from_hidden))


def lstm(_: Cell, from_input: Gates, from_hidden: Gates, state: LayerState) -> LayerState:
    """One step of the LSTM (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).

    The gates decide what enters the memory (i), what stays in it (f), and what of it shows (o):
    c' = f c + i g and h' = o tanh(c').
    """
    assert state.memory is not None  # the recurrence gives every LSTM one
    i, f, g, o = (from_input + from_hidden).chunk(4, dim=-1)
    c = torch.sigmoid(f) * state.memory + torch.sigmoid(i) * torch.tanh(g)
    return LayerState(torch.sigmoid(o) * torch.tanh(c), c)


def gru(_: Cell, from_input: Gates, from_hidden: Gates, state: LayerState) -> LayerState:
    """One step of the GRU (Cho et al. 2014), the reset applied after the hidden product, as torch.

    The new state lies between a candidate n and the old one: h' = (1 - z) n + z h.
    """
    r_input, z_input, n_input = from_input.chunk(3, dim=-1)
    r_hidden, z_hidden, n_hidden = from_hidden.chunk(3, dim=-1)
    r, z = torch.sigmoid(r_input + r_hidden), torch.sigmoid(z_input + z_hidden)
    n = torch.tanh(n_input + r * n_hidden)
    return LayerState((1 - z) * n + z * state.hidden)


RULES: dict[CellKind, Rule] = {"rnn": rnn, "lstm": lstm, "gru": gru}


def layer(
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState | None,
    lengths: Int[torch.Tensor, "model sample"] | None,
    way: Way = FORWARD,
) -> tuple[Outputs, LayerState]:
    """One layer in one direction, as `Backend` asks."""
    state = state or LayerState.zero(cell, sequence)
    # The input's product needs no state, so one call serves all steps.
    rows = sequence.flatten(1, 2)
    products = torch.baddbmm(weights.input_bias[:, None], rows, weights.input.mT)
    steps = products.reshape(*sequence.shape[:3], products.shape[-1]).unbind(2)
    outputs: list[torch.Tensor] = []
    for time, from_input in enumerate(steps[::-1] if way.backwards else steps):
        from_hidden = torch.baddbmm(weights.hidden_bias[:, None], state.hidden, weights.hidden.mT)
        new = RULES[cell.kind](cell, from_input, from_hidden, state)
        if lengths is None:
            state, output = new, new.hidden
        else:
            valid = (time < lengths)[..., None]
            state, output = _where(valid, new, state), new.hidden.where(valid, 0.0)
        if way.every:
            outputs.append(output)
    none = sequence.new_empty(*sequence.shape[:2], 0, cell.hidden)
    outputs = outputs[::-1] if way.backwards else outputs
    return torch.stack(outputs, dim=2) if way.every else none, state


def _where(valid: torch.Tensor, new: LayerState, old: LayerState) -> LayerState:
    hidden = torch.where(valid, new.hidden, old.hidden)
    if new.memory is None or old.memory is None:
        return LayerState(hidden)
    return LayerState(hidden, torch.where(valid, new.memory, old.memory))

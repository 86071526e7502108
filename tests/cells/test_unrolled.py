"""The readable loop: each of its steps is the single step that `torch.nn` knows as a cell."""

import pytest
import torch
from torch import nn

from forecast.cells import Cell, initial, unrolled
from forecast.cells.base import LayerState

CELLS = {
    "rnn tanh": (Cell(kind="rnn", features=3, hidden=4), nn.RNNCell(3, 4)),
    "rnn relu": (
        Cell(kind="rnn", features=3, hidden=4, nonlinearity="relu"),
        nn.RNNCell(3, 4, nonlinearity="relu"),
    ),
    "lstm": (Cell(kind="lstm", features=3, hidden=4), nn.LSTMCell(3, 4)),
    "gru": (Cell(kind="gru", features=3, hidden=4), nn.GRUCell(3, 4)),
}


@pytest.mark.parametrize("kind", CELLS)
def test_a_rule_is_one_step_of_torchs_cell(kind: str) -> None:
    cell, step = CELLS[kind]
    weights = {name.removesuffix("_l0"): own[0] for name, own in initial(cell, [3]).items()}
    step.load_state_dict(weights)
    x, h, c = torch.randn(3, 6, 4, generator=torch.Generator().manual_seed(0))
    x = x[:, :3]
    from_input = x @ weights["weight_ih"].mT + weights["bias_ih"]
    from_hidden = h @ weights["weight_hh"].mT + weights["bias_hh"]
    state = LayerState(h[None], c[None]) if cell.kind == "lstm" else LayerState(h[None])
    new = unrolled.RULES[cell.kind](cell, from_input[None], from_hidden[None], state)
    expected = step(x, (h, c) if cell.kind == "lstm" else h)
    for actual, wanted in zip(new, expected if cell.kind == "lstm" else [expected], strict=False):
        assert actual is not None
        torch.testing.assert_close(actual[0], wanted)

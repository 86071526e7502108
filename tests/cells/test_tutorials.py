"""The cells of the usual tutorials, from a loop in NumPy to packed sequences, on our contract."""

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
)

from forecast.cells import BACKENDS, Cell, from_torch, initial, reference, run
from forecast.settings import CellKind

KINDS = ("rnn", "lstm", "gru")
backends = pytest.mark.parametrize("backend", BACKENDS)
kinds = pytest.mark.parametrize("kind", KINDS)
SEQUENCES = [torch.randn(n, 3, generator=torch.Generator().manual_seed(n)) for n in (2, 5, 1, 4)]


def test_ten_steps_in_numpy_keep_every_hidden_state() -> None:
    random = np.random.default_rng(0)
    inputs, hidden = random.standard_normal((10, 4)), np.zeros(8)
    W_x, W_h, b = (random.standard_normal(shape) for shape in ((8, 4), (8, 8), 8))
    states = []
    for x in inputs:
        hidden = np.tanh(W_x @ x + W_h @ hidden + b)
        states.append(hidden)
    cell = Cell(kind="rnn", features=4, hidden=8)
    weights = dict(zip(cell.shapes, (W_x, W_h, b, np.zeros(8)), strict=True))
    trace = reference.run(
        cell, {name: each[None] for name, each in weights.items()}, inputs[None, None]
    )
    assert trace.outputs.shape == (1, 1, 10, 8)
    np.testing.assert_allclose(trace.outputs[0, 0], states, rtol=1e-12)


@pytest.mark.parametrize("batch_first", [True, False])
@backends
def test_a_hand_written_torch_cell_learns_weights_that_run_here(
    backend: str, batch_first: bool
) -> None:
    """`torch.nn.RNNCell` in a loop; sequences come by sample or by step."""
    module = torch.nn.RNN(3, 6, batch_first=batch_first)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    given = torch.randn(5, 4, 3)
    module(given)[0].square().sum().backward()
    optimiser.step()
    hand = torch.nn.RNNCell(3, 6)
    hand.load_state_dict({f"{n[:-3]}": w for n, w in module.state_dict().items()})
    by_step = given.transpose(0, 1) if batch_first else given
    hidden, states = torch.zeros(by_step.shape[1], 6), []
    for x in by_step:
        hidden = hand(x, hidden)
        states.append(hidden)
    cell, weights = from_torch(module)
    outputs, _ = run(cell, weights, by_step.transpose(0, 1)[None].contiguous(), backend=backend)
    torch.testing.assert_close(outputs[0], torch.stack(states, dim=1), rtol=1e-5, atol=1e-6)


def _gates(kind: CellKind, w: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """One sequence by the gate equations, as the tutorials write them."""
    h = c = torch.zeros(w["weight_hh_l0"].shape[-1])
    for step in x:
        a = w["weight_ih_l0"] @ step + w["bias_ih_l0"]
        b = w["weight_hh_l0"] @ h + w["bias_hh_l0"]
        if kind == "rnn":
            h = torch.tanh(a + b)
        elif kind == "lstm":
            i, f, g, o = (a + b).chunk(4)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        else:
            (r_a, z_a, n_a), (r_b, z_b, n_b) = a.chunk(3), b.chunk(3)
            r, z = torch.sigmoid(r_a + r_b), torch.sigmoid(z_a + z_b)
            h = (1 - z) * torch.tanh(n_a + r * n_b) + z * h
    return h


@backends
@kinds
def test_the_gate_equations_give_the_last_state(backend: str, kind: CellKind) -> None:
    cell = Cell(kind=kind, features=3, hidden=4)
    weights = initial(cell, [0])
    x = SEQUENCES[1]
    _, state = run(cell, weights, x[None, None], backend=backend)
    own = {name: weight[0] for name, weight in weights.items()}
    torch.testing.assert_close(state.hidden[0, 0, 0], _gates(kind, own, x), rtol=1e-5, atol=1e-6)


@backends
@kinds
def test_deep_and_both_ways_is_torchs_own(backend: str, kind: CellKind) -> None:
    module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](
        3, 4, num_layers=2, bidirectional=True, batch_first=True
    )
    given = torch.randn(5, 6, 3)
    cell, weights = from_torch(module)
    outputs, _ = run(cell, weights, given[None], backend=backend)
    torch.testing.assert_close(outputs[0], module(given)[0], rtol=1e-5, atol=1e-6)
    assert outputs.shape == (1, 5, 6, 8)


def test_one_to_many_many_to_one_and_many_to_many() -> None:
    cell = Cell(kind="gru", features=3, hidden=3)
    weights = initial(cell, [0])
    many, last = run(cell, weights, SEQUENCES[1][None, None])
    assert many.shape == (1, 1, 5, 3)
    torch.testing.assert_close(many[:, :, -1], last.hidden[:, 0])
    # One to many: each answer is the next input.
    x, state, said = SEQUENCES[2][None, None], None, []
    for _ in range(4):
        x, state = run(cell, weights, x, state)
        said.append(x)
    assert torch.cat(said, dim=2).shape == (1, 1, 4, 3)


def _alone(cell: Cell, weights: dict[str, torch.Tensor], backend: str) -> list[torch.Tensor]:
    return [run(cell, weights, x[None, None], backend=backend)[0][0, 0] for x in SEQUENCES]


@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("in_order", [False, True], ids=["as they come", "longest first"])
@backends
@kinds
def test_packed_sequences_are_each_alone(
    kind: CellKind, backend: str, in_order: bool, both_ways: bool
) -> None:
    """pad_sequence, pack_sequence, pack_padded_sequence and back, all the same."""
    cell = Cell(kind=kind, features=3, hidden=4, bidirectional=both_ways)
    weights = initial(cell, [0])
    order = sorted(range(4), key=lambda at: -len(SEQUENCES[at])) if in_order else list(range(4))
    chosen = [SEQUENCES[at] for at in order]
    alone = [_alone(cell, weights, backend)[at] for at in order]
    lengths = torch.tensor([len(each) for each in chosen])
    padded = pad_sequence(chosen, batch_first=True, padding_value=torch.nan)
    outputs, state = run(cell, weights, padded[None], lengths=lengths[None], backend=backend)
    for row, expected in zip(outputs[0], alone, strict=True):
        torch.testing.assert_close(row[: len(expected)], expected, rtol=1e-5, atol=1e-6)
        assert not row[len(expected) :].any()
    packed = pack_sequence(chosen, enforce_sorted=in_order)
    again, counts = pad_packed_sequence(packed, batch_first=True)
    from_packed, _ = run(cell, weights, again[None], lengths=counts[None], backend=backend)
    torch.testing.assert_close(from_packed, outputs)
    packed_outputs = pack_padded_sequence(
        outputs[0], lengths, batch_first=True, enforce_sorted=in_order
    )
    for row, expected in zip(unpack_sequence(packed_outputs), alone, strict=True):
        torch.testing.assert_close(row, expected, rtol=1e-5, atol=1e-6)
    ends = torch.stack([each[-1, :4] for each in alone])
    torch.testing.assert_close(state.hidden[0, 0], ends, rtol=1e-5, atol=1e-6)

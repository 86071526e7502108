"""The truth itself: held to finite differences, to results known by hand, to the tutorials."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from forecast.cells import Cell, from_torch, reference, run
from tests.cells.twins import KINDS, case, parts


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("layers", [1, 2])
def test_gradients_are_the_slopes_of_a_loss(kind: str, layers: int) -> None:
    cell = replace(KINDS[kind], features=2, hidden=2, layers=layers, bidirectional=True)
    stack = case(cell, models=1, samples=2, time=3, shortest=1, seed=5)
    weights = {name: weight.numpy() for name, weight in stack.weights.items()}
    sequence, state = stack.sequence.numpy(), tuple(part.numpy() for part in parts(stack.state))
    d_outputs, d_state = stack.d_outputs.numpy(), tuple(p.numpy() for p in parts(stack.d_state))
    assert stack.lengths is not None
    lengths = stack.lengths.numpy()

    def loss() -> float:
        trace = reference.run(cell, weights, sequence, state, lengths)
        ends = zip(d_state, trace.state, strict=True)
        return float(np.sum(d_outputs * trace.outputs) + sum(np.sum(d * end) for d, end in ends))

    trace = reference.run(cell, weights, sequence, state, lengths)
    back = reference.gradients(trace, d_outputs, d_state)
    given = [*weights.values(), sequence, *state]
    gradients = [*back.weights.values(), back.sequence, *back.state]
    for place, gradient in zip(given, gradients, strict=True):
        np.testing.assert_allclose(gradient, _slopes(loss, place), rtol=0, atol=1e-8)


def _slopes(loss: Callable[[], float], place: np.ndarray, width: float = 1e-5) -> np.ndarray:
    """The slope of a loss in each number of an array, by central differences."""
    slopes = np.zeros_like(place)
    for index in np.ndindex(place.shape):
        middle = place[index]
        place[index] = middle + width
        above = loss()
        place[index] = middle - width
        slopes[index] = (above - loss()) / (2 * width)
        place[index] = middle
    return slopes


def test_a_saturated_lstm_counts() -> None:
    """Gates wide open (i, f, o near 1) and g near 1: the memory grows by one a step."""
    cell = Cell(kind="lstm", features=1, hidden=1)
    open_gates = {name: np.zeros((1, *shape)) for name, shape in cell.shapes.items()}
    open_gates["bias_ih_l0"] += 50.0
    trace = reference.run(cell, open_gates, np.zeros((1, 1, 6, 1)))
    assert trace.state[1].item() == pytest.approx(6.0)
    assert trace.outputs.ravel() == pytest.approx(np.tanh(np.arange(1.0, 7.0)))


def test_a_gru_with_a_shut_gate_keeps_its_state() -> None:
    cell = Cell(kind="gru", features=1, hidden=1)
    shut = {name: np.zeros((1, *shape)) for name, shape in cell.shapes.items()}
    shut["bias_ih_l0"][:, 1] = 50.0
    start = np.full((1, 1, 1, 1), 0.3)
    trace = reference.run(cell, shut, np.ones((1, 1, 6, 1)), (start,))
    assert trace.outputs.ravel() == pytest.approx([0.3] * 6)


def test_extreme_inputs_neither_overflow_nor_warn() -> None:
    for cell in KINDS.values():
        ones = {name: np.ones((1, *shape)) for name, shape in cell.shapes.items()}
        for huge in (-1e4, 1e4):
            trace = reference.run(cell, ones, np.full((1, 1, 2, 3), huge))
            assert np.isfinite(trace.outputs).all()


def test_the_tutorials_numpy_rnn_of_ten_steps() -> None:
    """Ten steps of four numbers, eight hidden units, every state kept: (10, 8)."""
    chance = np.random.default_rng(1)
    inputs = chance.random((10, 4))
    W, U, b = chance.random((8, 4)), chance.random((8, 8)), chance.random(8)
    state, states = np.zeros(8), []
    for x in inputs:
        state = np.tanh(W @ x + U @ state + b)
        states.append(state)
    weights = {"weight_ih_l0": W, "weight_hh_l0": U, "bias_ih_l0": b, "bias_hh_l0": np.zeros(8)}
    stacked = {name: weight[None] for name, weight in weights.items()}
    trace = reference.run(Cell(kind="rnn", features=4, hidden=8), stacked, inputs[None, None])
    assert trace.outputs[0, 0].shape == (10, 8)
    np.testing.assert_allclose(trace.outputs[0, 0], np.stack(states), rtol=1e-12)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
@pytest.mark.parametrize(
    ("layers", "bidirectional", "outputs_shape", "hidden_shape"),
    [
        (1, False, (1, 10, 8), (1, 1, 8)),
        (2, False, (1, 10, 8), (2, 1, 8)),
        (1, True, (1, 10, 16), (2, 1, 8)),
        (2, True, (1, 10, 16), (4, 1, 8)),
    ],
)
def test_the_tutorials_shapes(
    kind: type[nn.RNNBase],
    layers: int,
    bidirectional: bool,
    outputs_shape: tuple[int, ...],
    hidden_shape: tuple[int, ...],
) -> None:
    """One sentence of ten words, four numbers each, read by a layer of eight units."""
    shape = {"num_layers": layers, "bidirectional": bidirectional, "batch_first": True}
    module = kind(input_size=4, hidden_size=8, dtype=torch.float64, **shape)
    words = torch.randn(1, 10, 4, dtype=torch.float64)
    expected, end = module(words)
    cell, weights = from_torch(module)
    outputs, state = run(cell, weights, words[None])
    trace = reference.run(
        cell, {name: weight.numpy() for name, weight in weights.items()}, words[None].numpy()
    )
    assert outputs[0].shape == trace.outputs[0].shape == expected.shape == outputs_shape
    assert state.hidden[0].shape == trace.state[0][0].shape == hidden_shape
    torch.testing.assert_close(outputs[0], expected, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(torch.from_numpy(trace.outputs[0]), expected, rtol=1e-9, atol=1e-12)
    final = end[0] if isinstance(end, tuple) else end
    torch.testing.assert_close(state.hidden[0], final, rtol=1e-9, atol=1e-12)


def test_every_hidden_state_of_every_layer_is_kept() -> None:
    stack = case(replace(KINDS["lstm"], layers=2, bidirectional=True), shortest=0)
    assert stack.lengths is not None
    weights = {name: weight.numpy() for name, weight in stack.weights.items()}
    trace = reference.run(stack.cell, weights, stack.sequence.numpy())
    assert [path.outputs.shape for path in trace.paths] == [(2, 3, 5, 4)] * 4
    np.testing.assert_array_equal(trace.paths[2].outputs[:, :, -1], trace.state[0][:, 2])
    np.testing.assert_array_equal(trace.paths[3].outputs[:, :, 0], trace.state[0][:, 3])

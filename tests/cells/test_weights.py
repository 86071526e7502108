"""How weights start, and that they go to `torch.nn` and back unchanged."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from forecast.cells import Cell, from_torch, initial, to_torch
from forecast.errors import SettingError
from tests.cells.twins import KINDS

DEEP = {
    kind: replace(cell, layers=2, bidirectional=True, dropout=0.3) for kind, cell in KINDS.items()
}
deep = pytest.mark.parametrize("cell", DEEP.values(), ids=DEEP.keys())


@deep
def test_a_start_follows_from_its_own_seed_alone(cell: Cell) -> None:
    stack, alone = initial(cell, [4, 9, 4]), initial(cell, [9])
    for name in cell.shapes:
        assert torch.equal(stack[name][1], alone[name][0])
        assert torch.equal(stack[name][0], stack[name][2])
        assert not torch.equal(stack[name][0], stack[name][1])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_start_is_that_of_torch_after_the_same_seed(dtype: torch.dtype) -> None:
    cell = Cell(kind="lstm", features=3, hidden=4, layers=2, bidirectional=True)
    with torch.random.fork_rng():
        torch.manual_seed(11)
        module = nn.LSTM(3, 4, 2, bidirectional=True, dtype=dtype)
    _, expected = from_torch(module)
    weights = initial(cell, [11], dtype=dtype)
    assert list(weights) == list(expected)
    assert all(torch.equal(weights[name], expected[name]) for name in expected)


def test_a_start_fills_its_interval_evenly() -> None:
    weight = initial(Cell(kind="rnn", features=50, hidden=25), [0])["weight_ih_l0"]
    assert float(weight.abs().max()) <= 0.2
    assert float(weight.mean()) == pytest.approx(0.0, abs=0.01)
    assert float(weight.std()) == pytest.approx(0.4 / 12**0.5, rel=0.05)


@deep
def test_weights_come_back_from_torch_as_they_went(cell: Cell) -> None:
    weights = initial(cell, [0, 1, 2], dtype=torch.float64)
    modules = [to_torch(cell, weights, model) for model in range(3)]
    again, back = from_torch(*modules)
    assert again == cell
    assert all(torch.equal(weights[name], back[name]) for name in cell.shapes)


def test_a_module_learns_without_moving_the_weights_it_came_from() -> None:
    cell = KINDS["gru"]
    weights = {name: weight.requires_grad_() for name, weight in initial(cell, [0]).items()}
    before = {name: weight.detach().clone() for name, weight in weights.items()}
    module = to_torch(cell, weights)
    outputs, _ = module(torch.ones(2, 3, 3))
    outputs.sum().backward()
    with torch.no_grad():
        for parameter in module.parameters():
            assert parameter.grad is not None
            parameter.sub_(parameter.grad)
    assert all(weight.grad is None for weight in weights.values())
    assert all(torch.equal(weights[name], before[name]) for name in before)


def test_neither_way_touches_torchs_global_generator() -> None:
    before = torch.get_rng_state()
    cell = KINDS["lstm"]
    from_torch(to_torch(cell, initial(cell, [5])))
    assert torch.equal(before, torch.get_rng_state())


def test_modules_that_are_no_stack_are_refused() -> None:
    with pytest.raises(SettingError, match="one or more of one shape; got "):
        from_torch(nn.LSTM(3, 4), nn.LSTM(3, 5))
    with pytest.raises(SettingError, match="one or more of one shape; got "):
        from_torch()
    with pytest.raises(SettingError, match="with biases and no projections; got LSTM"):
        from_torch(nn.LSTM(3, 4, bias=False))
    with pytest.raises(SettingError, match="with biases and no projections; got LSTM"):
        from_torch(nn.LSTM(3, 4, proj_size=2))

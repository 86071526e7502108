"""The contract: a cell's shapes are torch's, and a cell that makes no sense is refused."""

from typing import Any

import pytest
from torch import nn

from forecast.cells import BACKENDS, Backend, Cell
from forecast.errors import SettingError


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        ("rnn", nn.RNN(3, 4, 2, bidirectional=True)),
        ("lstm", nn.LSTM(3, 4, 2, bidirectional=True)),
        ("gru", nn.GRU(3, 4, 2, bidirectional=True)),
    ],
)
def test_names_shapes_and_order_are_those_of_torch(kind: Any, module: nn.RNNBase) -> None:
    cell = Cell(kind=kind, features=3, hidden=4, layers=2, bidirectional=True)
    expected = [(name, tuple(weight.shape)) for name, weight in module.named_parameters()]
    assert list(cell.shapes.items()) == expected


@pytest.mark.parametrize("backend", BACKENDS.values(), ids=BACKENDS.keys())
def test_backends_keep_the_contract(backend: Backend) -> None:
    assert isinstance(backend, Backend)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "transformer"}, "cell is one of rnn, lstm, gru; got 'transformer'"),
        ({"nonlinearity": "gelu"}, "nonlinearity is one of tanh, relu; got 'gelu'"),
        ({"features": 0}, "features is at least 1; got 0"),
        ({"hidden": 0}, "hidden is at least 1; got 0"),
        ({"layers": -1}, "layers is at least 1; got -1"),
        ({"layers": 2, "dropout": 1.0}, "dropout is a share from 0 to below 1; got 1.0"),
        ({"dropout": 0.2}, "dropout acts between layers; got dropout 0.2 with 1 layer"),
    ],
)
@pytest.mark.usefixtures("own_refusals")
def test_a_senseless_cell_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError) as caught:
        Cell(**{"kind": "rnn", "features": 3, "hidden": 4, **wrong})
    assert str(caught.value) == message

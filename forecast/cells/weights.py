"""Weights of a cell: how they start, and the way to `torch.nn` and back."""

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import nn

from forecast.cells.base import Cell
from forecast.errors import SettingError
from forecast.settings import CellKind

MODULES: dict[CellKind, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
KINDS: dict[str, CellKind] = {"RNN_TANH": "rnn", "RNN_RELU": "rnn", "LSTM": "lstm", "GRU": "gru"}


def initial(
    cell: Cell,
    seeds: Sequence[int],
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> dict[str, Float[torch.Tensor, "model ..."]]:
    """Fresh weights, one model a seed, drawn as `torch.nn` does: U(-k, k), k = 1/sqrt(hidden).

    A model's weights follow from its own seed, whatever stack it is in and whatever device it goes
    to; they are those of `torch.nn` after `torch.manual_seed(seed)`.

    >>> weights = initial(Cell(kind="lstm", features=5, hidden=10), seeds=[0, 1, 2])
    >>> weights["weight_ih_l0"].shape
    torch.Size([3, 40, 5])
    """
    bound = cell.hidden**-0.5
    drawn: dict[str, list[torch.Tensor]] = {name: [] for name in cell.shapes}
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        for name, shape in cell.shapes.items():
            fresh = torch.empty(shape, dtype=dtype)
            drawn[name].append(fresh.uniform_(-bound, bound, generator=generator))
    return {name: torch.stack(models).to(device) for name, models in drawn.items()}


def to_torch(
    cell: Cell, weights: Mapping[str, Float[torch.Tensor, "model ..."]], model: int = 0
) -> nn.RNNBase:
    """One model's copy as `nn.RNN`, `nn.LSTM` or `nn.GRU`, which reads (sample, time, feature).

    >>> cell = Cell(kind="gru", features=5, hidden=10)
    >>> to_torch(cell, initial(cell, seeds=[0, 1]), model=1)
    GRU(5, 10, batch_first=True)
    """
    own = {name: weights[name][model].detach().clone() for name in cell.shapes}
    # On the meta device nothing is drawn, so torch's global generator stays where it is.
    module = MODULES[cell.kind](
        cell.features,
        cell.hidden,
        cell.layers,
        batch_first=True,
        dropout=cell.dropout,
        bidirectional=cell.bidirectional,
        device="meta",
        **({"nonlinearity": cell.nonlinearity} if cell.kind == "rnn" else {}),
    )
    module.load_state_dict(own, assign=True)
    return module


def from_torch(
    *modules: nn.RNNBase,
) -> tuple[Cell, dict[str, Float[torch.Tensor, "model ..."]]]:
    """The cell and the stacked weights of modules of one shape; copies, without their gradients.

    Raises:
        SettingError: modules of different shapes, without biases, or with projections.

    >>> cell, weights = from_torch(nn.LSTM(5, 10), nn.LSTM(5, 10))
    >>> cell.kind, weights["weight_hh_l0"].shape
    ('lstm', torch.Size([2, 40, 10]))
    """
    cells = [_cell(module) for module in modules]
    if not cells or any(cell != cells[0] for cell in cells):
        raise SettingError(f"modules: needs one or more of one shape; got {list(modules)}")
    owned = [dict(module.named_parameters()) for module in modules]
    names = cells[0].shapes
    return cells[0], {name: torch.stack([own[name].detach() for own in owned]) for name in names}


def _cell(module: nn.RNNBase) -> Cell:
    if not module.bias or module.proj_size:
        raise SettingError(f"module: needs one with biases and no projections; got {module}")
    return Cell(
        kind=KINDS[module.mode],
        features=module.input_size,
        hidden=module.hidden_size,
        layers=module.num_layers,
        bidirectional=module.bidirectional,
        nonlinearity="relu" if module.mode == "RNN_RELU" else "tanh",
        dropout=module.dropout,
    )

"""Whether what the kernel is handed fits together: it would read on beyond what does not.

This runs at every step of learning, and so looks at shapes alone, never at numbers of a sample.
"""

from collections.abc import Iterable, Sequence
from typing import cast

import torch

from forecast.cells.base import GATES, Cell
from forecast.cells.native.call import Given
from forecast.errors import DataError, SettingError

Shape = tuple[int, ...]


def fit(name: str, tensor: torch.Tensor, shape: Shape) -> None:
    """Refuse data of another shape.

    Raises:
        DataError: as said.
    """
    if tensor.shape != shape:
        raise DataError(f"{name}: needs shape {shape}; got {tuple(tensor.shape)}")


def fit_sequence(sequence: torch.Tensor, models: int, features: int) -> None:
    """Refuse a sequence for other weights; how many samples and steps it has is its own.

    Raises:
        DataError: other models or features, or no step at all.
    """
    if sequence.dim() != 4 or sequence.shape[::3] != (models, features) or not sequence.shape[2]:
        raise DataError(
            f"sequence: needs {models} models and at least 1 step of {features} features;"
            f" got shape {tuple(sequence.shape)} of (model, sample, step, feature)"
        )


def fit_layer(cell: Cell, given: Given) -> None:
    """Refuse a layer's tensors that do not belong together.

    Raises:
        SettingError: weights of another shape than the cell's.
        DataError: a sequence, state or lengths that do not fit the cell or each other.
    """
    models, features = len(given.weight_ih), given.weight_ih.shape[-1]
    rows = GATES[cell.kind] * cell.hidden
    shapes = [(rows, features), (rows, cell.hidden), (rows,), (rows,)]
    fit_weights(zip(Given._fields[1:], given.weights, shapes, strict=False), models)
    fit_sequence(given.sequence, models, features)
    samples = given.sequence.shape[1]
    both = given.hidden is not None and cell.kind == "lstm"
    if both != (given.memory is not None):
        needed = "hidden and memory" if both else "hidden alone"
        raise DataError(f"state: {cell.kind} needs {needed}")
    for state in (given.hidden, given.memory):
        if state is not None:
            fit("state", state, (models, samples, cell.hidden))
    if given.lengths is not None:
        fit("lengths", given.lengths, (models, samples))


def fit_parameters(
    cell: Cell, parameters: Sequence[torch.Tensor], like: Sequence[torch.Tensor]
) -> None:
    """Refuse a layer and a head that are not the cell's, or moments that are not like them.

    Raises:
        SettingError: as said, or not contiguous, since they are moved in place.
    """
    names = [*cell.shapes, "head_weight", "head_bias"]
    if len(parameters) != 6 or len(names) != 6 or len(like) != 12:
        raise SettingError(
            f"backend native learns the 4 weights of one layer in one direction, and a head's 2;"
            f" got {len(parameters)} of {cell.layers} layers; choose unrolled"
        )
    models, outputs = len(parameters[0]), parameters[5].shape[-1]
    shapes = [*cell.shapes.values(), (outputs, cell.hidden), (outputs,)]
    fit_weights(zip(names * 3, [*parameters, *like], shapes * 3, strict=True), models)
    for name, each in zip(names * 3, [*parameters, *like], strict=True):
        if not each.is_contiguous() or each.is_neg():
            raise SettingError(
                f"weights: {name} is moved in place and needs to be contiguous and resolved;"
                f" got stride {each.stride()}"
            )


def fit_weights(named: Iterable[tuple[str, torch.Tensor, Shape]], models: int) -> None:
    """Refuse weights of another shape than a model's.

    Raises:
        SettingError: as said.
    """
    for name, weight, shape in named:
        if weight.shape != (models, *shape):
            came = tuple(weight.shape)
            raise SettingError(f"weights: {name} needs shape {(models, *shape)}; got {came}")


def fit_models(models: torch.Tensor, most: int) -> None:
    """Refuse numbers that do not each name a model of its own out of `most`.

    Raises:
        DataError: as said, or not as the kernel reads them.
    """
    count = len(models)
    fit("models", models, (count,))
    if models.dtype != torch.int64 or models.device.type != "cpu" or not models.is_contiguous():
        raise DataError(
            f"models: needs contiguous int64 on cpu; got {models.dtype} on {models.device}"
            f" with stride {models.stride()}"
        )
    named = set(cast("list[int]", models.tolist()))
    if len(named) < count or not named <= set(range(most)):
        raise DataError(
            f"models: needs {count} different numbers from 0 to {most - 1};"
            f" got {len(named)} from {min(named)} to {max(named)}"
        )

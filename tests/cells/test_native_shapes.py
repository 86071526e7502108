"""What does not fit together is refused: the kernel would read on beyond its end."""

from collections.abc import Callable

import pytest
import torch

from forecast.cells import Cell, LayerState, LayerWeights
from forecast.cells.native import Learner, available, describe, layer
from forecast.errors import DataError, ForecastError, SettingError

pytestmark = [
    pytest.mark.skipif(not available(), reason=f"no compiled kernel: {describe()}"),
    pytest.mark.usefixtures("own_refusals"),
]

MODELS, SAMPLES, TIME, OUTPUTS = 3, 40, 5, 2
CELL = Cell(kind="lstm", features=3, hidden=4)
SHAPES = [*CELL.shapes.values(), (OUTPUTS, CELL.hidden), (OUTPUTS,)]

Tensors = list[torch.Tensor]


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(shape)


def parameters() -> Tensors:
    return [ones(MODELS, *shape) for shape in SHAPES]


def samples(models: int = MODELS) -> dict[str, torch.Tensor]:
    return {
        "sequence": ones(models, SAMPLES, TIME, CELL.features),
        "targets": ones(models, SAMPLES, OUTPUTS),
        "importance": ones(models, SAMPLES),
    }


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("sequence", (MODELS, SAMPLES, TIME, 2)),
        ("sequence", (MODELS, SAMPLES, TIME, 50)),
        ("sequence", (1, SAMPLES, TIME, 3)),
        ("sequence", (300, SAMPLES, TIME, 3)),
        ("sequence", (MODELS, SAMPLES + 1, TIME, 3)),
        ("sequence", (MODELS, SAMPLES, 0, 3)),
        ("sequence", (MODELS, SAMPLES, TIME)),
        ("targets", (MODELS, SAMPLES, 1)),
        ("targets", (MODELS, SAMPLES)),
        ("importance", (MODELS, 1)),
    ],
)
def test_samples_that_do_not_fit_the_network_are_refused(name: str, shape: tuple[int, ...]) -> None:
    learner = Learner(CELL, parameters(), parameters(), parameters())
    given = {**samples(), name: ones(*shape)}
    for does in (
        lambda: learner.losses(**given, models=None),
        lambda: learner.step(**given, models=None, pace=(0.1, 1.0)),
    ):
        with pytest.raises(DataError, match=r"^\w+: needs .*; got "):
            does()


@pytest.mark.parametrize(
    "models",
    [
        torch.tensor([0, 1], dtype=torch.int32),
        torch.tensor([0, 9, 1])[::2],
        torch.tensor([0, MODELS]),
        torch.tensor([-1, 0]),
        torch.tensor([1, 1]),
        torch.tensor([[0, 1]]),
        torch.tensor([0]),
    ],
    ids=["int32", "strided", "above", "below", "twice", "matrix", "few"],
)
def test_numbers_that_name_no_such_models_are_refused(models: torch.Tensor) -> None:
    learner = Learner(CELL, parameters(), parameters(), parameters())
    with pytest.raises(DataError, match=r"^(models|sequence): needs .*; got "):
        learner.losses(**samples(2), models=models)


def _shorter(place: int) -> Callable[[Tensors], object]:
    return lambda given: given.__setitem__(place, given[place][..., :-1].contiguous())


@pytest.mark.parametrize("stacks", [0, 1, 2], ids=["parameters", "means", "squares"])
@pytest.mark.parametrize(
    "spoil",
    [
        *map(_shorter, range(6)),
        lambda given: given.pop(),
        lambda given: given.__setitem__(2, given[2][:1]),
        lambda given: given.__setitem__(1, ones(MODELS, 4, 16).transpose(1, 2)),
    ],
)
def test_parameters_that_do_not_fit_the_cell_are_refused(
    stacks: int, spoil: Callable[[Tensors], object]
) -> None:
    given = [parameters() for _ in range(3)]
    spoil(given[stacks])
    with pytest.raises(SettingError):
        Learner(CELL, *given)


def test_a_learner_of_two_layers_is_refused() -> None:
    deep = Cell(kind="lstm", features=3, hidden=4, layers=2)
    shapes = [*deep.shapes.values(), (OUTPUTS, 4), (OUTPUTS,)]
    given = [[ones(MODELS, *shape) for shape in shapes] for _ in range(3)]
    with pytest.raises(SettingError, match="choose unrolled"):
        Learner(deep, *given)


@pytest.mark.parametrize(
    ("name", "shape", "error"),
    [
        ("sequence", (MODELS, SAMPLES, TIME, 2), DataError),
        ("sequence", (MODELS + 1, SAMPLES, TIME, 3), DataError),
        ("sequence", (MODELS, SAMPLES, 0, 3), DataError),
        ("sequence", (MODELS, SAMPLES, 3), DataError),
        ("weight_ih", (MODELS, 12, 3), SettingError),
        ("weight_hh", (MODELS, 16, 3), SettingError),
        ("bias_hh", (1, 16), SettingError),
        ("hidden", (MODELS, SAMPLES, 3), DataError),
        ("memory", (MODELS, 1, 4), DataError),
        ("memory", None, DataError),
        ("lengths", (MODELS, 1), DataError),
    ],
)
def test_a_layer_of_tensors_that_do_not_fit_is_refused(
    name: str, shape: tuple[int, ...] | None, error: type[ForecastError]
) -> None:
    state = (MODELS, SAMPLES, CELL.hidden)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    given: dict[str, torch.Tensor | None] = {
        "sequence": samples()["sequence"],
        **dict(zip(names, parameters()[:4], strict=True)),
        "hidden": ones(*state),
        "memory": ones(*state),
        "lengths": torch.full(state[:2], TIME),
    }
    given[name] = None if shape is None else ones(*shape)
    sequence, *rest = given.values()
    with pytest.raises(error, match=r"^(sequence|weights|state|lengths): .*needs "):
        layer(CELL, LayerWeights(*rest[:4]), sequence, LayerState(*rest[4:6]), rest[6])

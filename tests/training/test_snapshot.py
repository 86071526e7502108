from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from forecast.errors import CheckpointError
from forecast.training.checkpoint import Checkpoint, load, save
from forecast.training.course import Course
from forecast.training.snapshot import from_checkpoint, to_checkpoint
from tests.training.test_course import _learn


def test_learning_goes_on_from_a_file_as_from_memory(tmp_path: Path) -> None:
    short = _learn(Course(epochs=8, learning_rate=0.05))
    save(tmp_path / "resume", to_checkpoint(short.last, {"corpus": "line"}))
    saved = load(tmp_path / "resume")
    assert saved.about["corpus"] == "line"
    rest = [
        _learn(Course(epochs=20, learning_rate=0.05, start=start))
        for start in (short.last, from_checkpoint(saved))
    ]
    assert torch.equal(rest[0].last.weights["slope"], rest[1].last.weights["slope"])
    assert rest[0].best == rest[1].best


def test_the_losses_of_a_long_learning_come_back_to_the_last_bit(tmp_path: Path) -> None:
    losses = torch.rand(1, 300_000)
    losses[0, 0] = torch.nan
    long = replace(
        _learn(Course(epochs=1, learning_rate=0.05)).last, training=losses, validation=losses / 3
    )
    save(tmp_path / "resume", to_checkpoint(long, {}))
    found = from_checkpoint(load(tmp_path / "resume"))
    assert found.training.numpy().tobytes() == losses.numpy().tobytes()
    assert found.epoch == 299_999


def test_another_checkpoint_is_refused() -> None:
    with pytest.raises(CheckpointError, match="'there' cannot go on"):
        from_checkpoint(Checkpoint({}, {"kind": "language model"}, "'there'"))


def test_a_name_without_end_is_cut() -> None:
    strange = Checkpoint({"x" * 100_000: np.zeros(1)}, {"snapshot": {}})
    with pytest.raises(CheckpointError, match=r"fit again$") as error:
        from_checkpoint(strange)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize("part", ["weights", "best", "means", "squares"])
@pytest.mark.parametrize(
    "change", [torch.Tensor.double, torch.Tensor.bool, torch.Tensor.sum], ids=["f64", "bool", "one"]
)
def test_learning_goes_on_from_weights_of_its_own_shape_and_type_alone(
    part: str, change: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    short = _learn(Course(epochs=2, learning_rate=0.05)).last
    other = {name: change(each) for name, each in getattr(short, part).items()}
    with pytest.raises(CheckpointError, match="slope"):
        _learn(Course(epochs=4, learning_rate=0.05, start=replace(short, **{part: other})))

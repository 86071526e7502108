"""Learning from an iterable of batches, by the clock, to be stopped and to go on."""

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from forecast.settings import Training
from forecast.training.batches import Batch, Samples
from forecast.training.course import Course, Moment, Snapshot
from forecast.training.loop import Curves, train
from forecast.training.losses import cross_entropy

LINE = torch.linspace(-1, 1, 40)[None, :, None]


class Straight(nn.Module):
    """A straight line for each model: what is there to learn is known."""

    def __init__(self, models: int = 1) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(models, 1, 1))
        self.height = nn.Parameter(torch.zeros(models, 1, 1))

    def forward(self, x: torch.Tensor, models: torch.Tensor | None = None) -> torch.Tensor:
        assert models is None
        return self.slope * x + self.height


class Parts:
    """The line in four parts, as batches of any iterable may come."""

    def __iter__(self) -> Iterator[Batch]:
        for part in LINE.split(10, dim=1):
            yield Batch(part, 3 * part + 1, torch.ones(part.shape[:2]))

    def __len__(self) -> int:
        return 4


def _learn(course: Course, stack: Straight | None = None) -> Curves:
    return train(stack or Straight(), Parts(), Parts(), course)


def test_an_iterable_of_batches_is_learned_from() -> None:
    stack = Straight()
    curves = _learn(Course(epochs=200, learning_rate=0.05), stack)
    assert curves.validation[0, -1] < 1e-4
    assert stack.slope.item() == pytest.approx(3, abs=0.01)


def test_an_iterable_learns_what_samples_learn() -> None:
    """In one batch there is no order, so not a bit may differ."""
    whole = Samples(LINE, 3 * LINE + 1, torch.ones(LINE.shape[:2]))
    both = [
        train(Straight(), lessons, lessons, how)
        for lessons, how in (
            (whole, Training(epochs=30)),
            ([Batch(*whole[:3])], Training(epochs=30)),
        )
    ]
    np.testing.assert_array_equal(both[0].validation, both[1].validation)


def test_a_judgement_in_parts_weighs_every_target_alike() -> None:
    parts = [
        Batch(LINE[:, :1], LINE[:, :1], torch.ones(1, 1)),
        Batch(LINE, 0 * LINE, torch.zeros(1, 40)),
    ]
    curves = train(Straight(), parts[:1], parts, Course(epochs=1, learning_rate=0.01))
    assert curves.validation[0, 0] == pytest.approx(1.0)


def test_the_learning_rate_warms_up_and_falls_to_its_floor() -> None:
    course = Course(epochs=10, learning_rate=2.0, warmup=0.1, floor=0.25)
    assert course.rate(0.05) == pytest.approx(1.0, rel=0.01)
    assert max(course.rate(share / 100) for share in range(101)) > 1.95
    assert course.rate(1.0) == pytest.approx(0.5)


def test_a_course_by_minutes_ends_by_the_clock_within_an_epoch() -> None:
    ticks = iter(range(0, 10_000, 10))
    course = Course(epochs=10**6, learning_rate=0.01, minutes=2, clock=lambda: float(next(ticks)))
    curves = _learn(course)
    assert 0 < curves.last.steps <= 12
    assert curves.last.epoch < 5


def test_whoever_asks_to_stop_gets_the_best_weights_so_far() -> None:
    told: list[Moment] = []
    stack = Straight()
    course = Course(
        epochs=10**6, learning_rate=0.05, watch=told.append, stop=lambda: len(told) > 50
    )
    curves = _learn(course, stack)
    assert len(told) == curves.validation.shape[1] == 51
    assert curves.best[0] > 40
    outputs = stack(LINE).detach()[0, :, 0]
    loss = float((outputs - 3 * LINE[0, :, 0] - 1).square().mean())
    assert loss == pytest.approx(np.nanmin(curves.validation), rel=1e-4)


def test_a_judgement_in_which_it_is_asked_to_stop_is_not_noted() -> None:
    asked, judged = list[bool](), list[Batch]()

    class Judge:
        def __iter__(self) -> Iterator[Batch]:
            for _ in range(5):
                judged.append(Batch(LINE, 3 * LINE, torch.ones(1, 40)))
                asked.extend([True] * (len(judged) == 17))
                yield judged[-1]

    course = Course(epochs=100, learning_rate=0.05, stop=lambda: bool(asked))
    curves = train(Straight(), [Batch(LINE, 3 * LINE, torch.ones(1, 40))], Judge(), course)
    assert len(judged) == 17
    assert (curves.stopped, curves.validation.shape[1]) == (True, 3)


def test_learning_by_the_clock_is_kept_within_an_epoch() -> None:
    kept, ticks = list[Snapshot](), itertools.count(0.0)
    course = Course(
        epochs=10, learning_rate=0.01, minutes=10, keep=kept.append, clock=lambda: next(ticks)
    )
    batch = Batch(LINE, 3 * LINE, torch.ones(1, 40))
    train(Straight(), [batch] * 10_000, None, course)
    assert {each.epoch for each in kept} == {0}
    assert len({each.steps for each in kept}) > 5


def test_going_on_is_as_never_having_stopped() -> None:
    long = _learn(Course(epochs=20, learning_rate=0.05))
    short = _learn(Course(epochs=8, learning_rate=0.05))
    rest = _learn(Course(epochs=20, learning_rate=0.05, start=short.last))
    np.testing.assert_array_equal(rest.validation, long.validation)
    np.testing.assert_array_equal(rest.training, long.training)
    assert rest.best == long.best


def test_going_on_starts_from_the_newest_weights_and_not_the_best() -> None:
    short = _learn(Course(epochs=3, learning_rate=4.0))
    assert short.best[0] < 3
    rest = _learn(Course(epochs=12, learning_rate=4.0, start=short.last))
    long = _learn(Course(epochs=12, learning_rate=4.0))
    np.testing.assert_array_equal(rest.validation, long.validation)


def test_going_on_keeps_what_was_better_before() -> None:
    first = _learn(Course(epochs=150, learning_rate=0.05))
    stack = Straight()
    wild = replace(Course(epochs=152, learning_rate=5.0), start=first.last)
    assert _learn(wild, stack).best == first.best
    assert stack.slope.item() == pytest.approx(3, abs=0.1)


def test_cross_entropy_is_torchs() -> None:
    outputs, targets = torch.randn(2, 3, 4, 5), torch.randint(5, (2, 3, 4))
    expected = nn.functional.cross_entropy(outputs.permute(0, 3, 1, 2), targets, reduction="none")
    torch.testing.assert_close(cross_entropy(outputs, targets), expected)

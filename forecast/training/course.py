"""How a long learning goes: its pace, its end, where it starts again, who is told on the way."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from jaxtyping import Float

from forecast.settings import Training


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Snapshot:
    """All that learning needs to go on as if it had never stopped.

    `weights` are the newest, `best` the best so far; `means` and `squares` are Adam's; `draws` are
    the states that the stack draws at random from, where it learns from an iterable of batches. The
    losses have a column for each epoch, as in `Curves`.
    """

    weights: Mapping[str, torch.Tensor]
    best: Mapping[str, torch.Tensor]
    means: Mapping[str, torch.Tensor]
    squares: Mapping[str, torch.Tensor]
    steps: int
    seconds: float
    best_epoch: tuple[int, ...]
    draws: Mapping[str, torch.Tensor]
    training: Float[torch.Tensor, "model epoch"]
    validation: Float[torch.Tensor, "model epoch"]

    @property
    def epoch(self) -> int:
        """The last epoch that was learned."""
        return self.training.shape[1] - 1


class Moment(NamedTuple):
    """What is told after every epoch: epoch, share of the course, seconds, each model's losses."""

    epoch: int
    share: float
    seconds: float
    training: Float[torch.Tensor, " model"]
    validation: Float[torch.Tensor, " model"]

    @property
    def losses(self) -> tuple[float, float]:
        """Those of the first model: on what it learns from, on what is held back (NaN: nothing)."""
        return float(self.training[0]), float(self.validation[0])


def unwatched(moment: Moment) -> None:
    """Tell nobody of a moment."""


def unkept(snapshot: Snapshot) -> None:
    """Keep nothing."""


def never() -> bool:
    """Nobody asks to stop."""
    return False


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How learning goes on from `start`, until epochs or minutes are used up or `stop` says so.

    The learning rate rises for a share `warmup` of the course, and falls along half a cosine to the
    share `floor` of its height (Loshchilov & Hutter 2017, equation 5); 0 and 1 keep it constant.
    A course by minutes follows the clock, so it never takes the same way twice. `paces` are factors
    of the learning rate, one for each model; none leaves it to all. What learns from an iterable of
    batches hands where it is to `keep`, before the first epoch and after most.
    """

    epochs: int
    learning_rate: float
    batch: int = 0
    clip: float = 1.0
    patience: int = 30
    seed: int = 0
    seeds: int = 1
    paces: tuple[float, ...] = ()
    minutes: int | float = 0.0
    warmup: float = 0.0
    floor: float = 1.0
    start: Snapshot | None = None
    watch: Callable[[Moment], None] = field(default=unwatched, compare=False)
    keep: Callable[[Snapshot], None] = field(default=unkept, compare=False)
    stop: Callable[[], bool] = field(default=never, compare=False)
    clock: Callable[[], float] = field(default=time.monotonic, compare=False)

    @classmethod
    def of(cls, how: Training) -> "Course":
        """The plain course of a price model."""
        return cls(
            epochs=how.epochs,
            learning_rate=how.learning_rate,
            batch=how.batch,
            clip=how.clip,
            patience=how.patience,
            seed=how.seed,
            seeds=how.seeds,
        )

    def share(self, epochs: int | float, seconds: float) -> float:
        """How much of the course is done, 0 to 1."""
        by_clock = seconds / (60 * self.minutes) if self.minutes else 0.0
        return min(1.0, max(epochs / self.epochs, by_clock))

    def rate(self, share: float) -> float:
        """The learning rate there.

        >>> course = Course(epochs=1, learning_rate=0.1, warmup=0.5, floor=0.0)
        >>> [round(course.rate(share), 3) for share in (0.0, 0.25, 0.5, 1.0)]
        [0.0, 0.043, 0.05, 0.0]
        """
        rising = min(1.0, share / self.warmup) if self.warmup else 1.0
        falling = self.floor + (1 - self.floor) * (1 + math.cos(math.pi * share)) / 2
        return self.learning_rate * rising * falling

"""A long learning that is followed: where it runs, who is told, keeps, stops it, on from where."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

from forecast.settings import Compute
from forecast.training.course import Moment, Snapshot, never, unkept


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What is told after every epoch: tokens a second since the last time, a piece of its work."""

    moment: Moment
    rate: float
    example: Callable[[], str]


def unwatched(told: Told) -> None:
    """Follow nothing."""


def unstopped() -> AbstractContextManager[Callable[[], bool]]:
    """Nobody asks to stop."""
    return nullcontext(never)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Learning:
    """How one learning is run.

    `stopping` is entered while it runs; what that gives is asked from time to time whether to stop.
    """

    compute: Compute = Compute()
    watch: Callable[[Told], None] = unwatched
    keep: Callable[[Snapshot], None] = unkept
    stopping: Callable[[], AbstractContextManager[Callable[[], bool]]] = unstopped
    start: Snapshot | None = None


@runtime_checkable
class Counted(Protocol):
    """Lessons that know how many tokens were read of them."""

    @property
    def count(self) -> int: ...


class Follow:
    """Mutable: knows when it was last told, for the rate in between."""

    def __init__(self, how: Learning, lessons: Counted, example: Callable[[int], str]) -> None:
        """`example` is asked for a piece of work with the newest weights, after so many epochs."""
        self.how, self.lessons, self.example = how, lessons, example
        self.seconds = 0.0 if how.start is None else how.start.seconds
        self.count = lessons.count

    def __call__(self, moment: Moment) -> None:
        spent = max(moment.seconds - self.seconds, 1e-9)
        rate = (self.lessons.count - self.count) / spent
        self.seconds, self.count = moment.seconds, self.lessons.count
        self.how.watch(Told(moment, rate, partial(self.example, moment.epoch)))

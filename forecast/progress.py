"""How long work reports that it goes on; where the report goes is the caller's affair."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Report nothing of `done` steps out of `total`."""


@runtime_checkable
class Moment(Protocol):
    """How far a learning is: its epoch, share of the course, seconds, losses of its one model."""

    @property
    def epoch(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def seconds(self) -> float: ...
    @property
    def losses(self) -> tuple[float, float]: ...


@runtime_checkable
class Told(Protocol):
    """What is told of a learning: `rate` is in tokens a second, `example` a piece of its work."""

    @property
    def moment(self) -> Moment: ...
    @property
    def rate(self) -> float: ...
    def example(self) -> str: ...

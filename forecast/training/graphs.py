"""Steps recorded on a GPU and replayed: one launch in place of hundreds.

The kernels of a small recurrent network are shorter than the time it takes to start them. A CUDA
graph starts all of them at once, but only ever computes with the tensors it was recorded with, so
new ones are copied into their places first.
"""

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from jaxtyping import Float

_log = logging.getLogger(__name__)

Losses = Float[torch.Tensor, " model"]
Replay = Callable[[], None]
# Starts what it is given once or not at all, and hands out how to replay it and where it answers.
Record = Callable[[Callable[[], Losses]], tuple[Replay, Losses]]

Given = tuple[torch.Tensor, ...]

WARM = 3  # calls of the same shapes before one is recorded: libraries set themselves up by then
MOST = 3  # recordings kept: of a batch, of the smaller last one, of what is judged by


def on_cuda(work: Callable[[], Losses]) -> tuple[Replay, Losses]:
    """Recorded as a CUDA graph."""
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        losses = work()
    return graph.replay, losses


class Call(Protocol):
    """Calls a function with tensors and numbers, as it sees fit."""

    def __call__(self, work: Callable[..., Losses], *given: Any) -> Losses: ...


def directly(work: Callable[..., Losses], *given: Any) -> Losses:
    """As anybody would."""
    return work(*given)


RECORDERS: dict[str, Record] = {"cuda": on_cuda}


@dataclass(slots=True)
class _Recording:
    """The tensors that it reads, those that were last copied there, and how it runs."""

    places: Given
    read: Given
    replay: Replay
    losses: Losses

    def __call__(self, given: Given) -> Losses:
        for place, before, now in zip(self.places, self.read, given, strict=True):
            if now is not before:
                place.copy_(now)
        self.read = given
        self.replay()
        return self.losses.clone()


class Graphs:
    """Calls functions, and replays them where they were called with the same shapes before.

    They read nothing else that changes from call to call but tensors that stay where they are, such
    as parameters; they draw nothing at random, and leave what they are given as it is.
    """

    def __init__(self, record: Record) -> None:
        self.record: Record | None = record
        self.calls = dict[Hashable, int]()
        self.recordings = dict[Hashable, _Recording]()

    def __call__(self, work: Callable[..., Losses], *given: Any) -> Losses:
        device = given[0].device
        tensors = tuple(
            each if isinstance(each, torch.Tensor) else torch.tensor(each, device=device)
            for each in given
        )
        key = (work, tuple(each.shape for each in tensors))
        if key not in self.recordings:
            self.calls[key] = self.calls.get(key, 0) + 1
            if self.record is None or self.calls[key] <= WARM:
                return work(*tensors)
            try:
                recording = _recorded(self.record, work, tensors)
            except RuntimeError as error:  # runs as it is, then
                _log.info("steps are not replayed: %s", error)
                self.record = None
                return work(*tensors)
            if len(self.recordings) == MOST:
                del self.recordings[next(iter(self.recordings))]
            self.recordings[key] = recording
        return self.recordings[key](tensors)


def _recorded(record: Record, work: Callable[..., Losses], given: Given) -> _Recording:
    places = tuple(each.clone() for each in given)
    replay, losses = record(lambda: work(*places))
    return _Recording(places, given, replay, losses)

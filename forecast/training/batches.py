"""Samples of a stack of models: stacked, padded, split in time order, cut into batches."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np
import torch
from jaxtyping import Float, Int, Num

# The number of samples differs from one dataset to the next.
Inputs = Float[np.ndarray, "_ time feature"]
Dataset = tuple[Inputs, Float[np.ndarray, "_ horizon"]]

DOUBLE = ("cpu", "cuda")  # devices that have double precision; Apple's has not


class Movable(Protocol):
    """Tensors, or what is made of them."""

    def to(self, device: torch.device) -> "Movable": ...


class Batch(NamedTuple):
    """What one step learns from: whatever the stack reads, and what should come of it.

    Targets that do not count carry weight zero.
    """

    inputs: Movable
    targets: Float[torch.Tensor, "model sample ..."] | Int[torch.Tensor, "model sample ..."]
    weights: Float[torch.Tensor, "model sample ..."]

    def to(self, device: torch.device) -> "Batch":
        inputs, targets, weights = self
        return Batch(inputs.to(device), targets.to(device), weights.to(device))


class Samples(NamedTuple):
    """What a stack learns from; samples that a model does not have carry weight zero.

    Batches are drawn from the places in `drawn`, or where that is None from all.
    """

    inputs: Float[torch.Tensor, "model sample time feature"]
    targets: Float[torch.Tensor, "model sample horizon"]
    weights: Float[torch.Tensor, "model sample"]
    drawn: Int[torch.Tensor, "model place"] | None = None

    def of(self, models: Int[torch.Tensor, " model"]) -> "Samples":
        """The samples of the named models."""
        return self._each(lambda tensor: _chosen(tensor, models))

    def to(self, device: torch.device) -> "Samples":
        return self._each(lambda tensor: tensor.to(device))

    def _each(self, change: Callable[[torch.Tensor], torch.Tensor]) -> "Samples":
        inputs, targets, weights = map(change, self[:3])
        return Samples(inputs, targets, weights, None if self.drawn is None else change(self.drawn))


def stack(datasets: Sequence[Sequence[Dataset]], room: int = 0) -> Samples:
    """One stack from the windows and targets of each model, in float32, padded at the end.

    A model learns from all of its datasets. It is padded to `room` samples, or to the most that any
    model has. Windows that follow each other in a series stay views of it: only the series is held.
    Those of a model lie one after the other. A window that reaches from one into the next weighs
    nothing, and no batch draws it.
    """
    every = [x for own in datasets for x, _ in own]
    follow = all(x.strides[0] == x.strides[1] for x in every)
    reach = every[0].shape[1] - 1 if follow else 0  # windows from one series into the next
    lengths = [[len(y) for _, y in own] for own in datasets]
    count = max(room, *map(sum, lengths))
    most = count + reach * (max(map(len, lengths)) - 1)
    targets = np.zeros((len(datasets), most, datasets[0][0][1].shape[1]), dtype=np.float32)
    weights = np.zeros((len(datasets), most), dtype=np.float32)
    for own, weight, parts in zip(targets, weights, datasets, strict=True):
        for at, (_, y) in _placed(parts, reach):
            own[at : at + len(y)], weight[at : at + len(y)] = y, 1.0
    inputs = (_views if follow else _copies)(datasets, most)
    drawn = None
    if most > count:
        drawn = torch.from_numpy(np.stack([_places(own, reach, count) for own in lengths]))
    return Samples(inputs, torch.from_numpy(targets), torch.from_numpy(weights), drawn)


def _placed(datasets: Sequence[Dataset], reach: int) -> Iterator[tuple[int, Dataset]]:
    """Each with the place of its first sample."""
    at = 0
    for each in datasets:
        yield at, each
        at += len(each[1]) + reach


def _places(lengths: Sequence[int], reach: int, count: int) -> Int[np.ndarray, " place"]:
    """Where the samples of datasets of such lengths lie, and so many places in all."""
    samples = np.arange(count)
    return samples + reach * np.searchsorted(np.cumsum(lengths[:-1]), samples, side="right")


def _views(datasets: Sequence[Sequence[Dataset]], most: int) -> torch.Tensor:
    time, features = datasets[0][0][0].shape[1:]
    series = np.zeros((len(datasets), features, most + time - 1), dtype=np.float32)
    for own, parts in zip(series, datasets, strict=True):
        for at, (x, _) in _placed(parts, time - 1):
            rows = np.concatenate([x[:1].reshape(-1, features), x[1:, -1]])
            own[:, at : at + len(rows)] = rows.T
    return _windows(torch.from_numpy(series), time)


def _windows(
    series: Float[torch.Tensor, "model feature row"], time: int
) -> Float[torch.Tensor, "model sample time feature"]:
    return series.unfold(2, time, 1).permute(0, 2, 3, 1)


def _copies(datasets: Sequence[Sequence[Dataset]], most: int) -> torch.Tensor:
    """With the samples innermost in memory, as in `_views`: so the native kernel reads fastest."""
    shape = datasets[0][0][0].shape[1:]
    inputs = np.zeros((len(datasets), *shape, most), dtype=np.float32)
    for own, parts in zip(inputs, datasets, strict=True):
        for at, (x, _) in _placed(parts, 0):
            own[..., at : at + len(x)] = x.transpose(1, 2, 0)
    return torch.from_numpy(inputs).permute(0, 3, 1, 2)


def _chosen(
    tensor: Num[torch.Tensor, "model sample ..."], models: Int[torch.Tensor, " chosen"]
) -> Num[torch.Tensor, "chosen sample ..."]:
    """`tensor[models]`, where windows of a series stay views of it."""
    if tensor.is_contiguous():
        return tensor[models]
    if tensor.dim() == 4 and tensor.stride(1) == tensor.stride(2):
        count, samples, time, features = tensor.shape
        by_model, by_row, _, by_feature = tensor.stride()
        shape, strides = (count, features, samples + time - 1), (by_model, by_feature, by_row)
        return _windows(tensor.as_strided(shape, strides).index_select(0, models), time)
    return tensor.movedim(1, -1).index_select(0, models).movedim(-1, 1)


def total(
    values: Float[torch.Tensor, "model sample ..."],
) -> Float[torch.Tensor, "model ..."]:
    """Sums over samples, added one after the other: other models do not move them by one bit."""
    wide = values.double() if values.device.type in DOUBLE else values
    return wide.cumsum(dim=1)[:, -1].to(values.dtype)


def split(dataset: Dataset, share: float) -> tuple[Dataset, Dataset]:
    """The earlier samples and the last share of them, in time order.

    Samples whose answers reach into the later part are left out of the earlier one (purging), so
    that no answer is both learned from and judged by.
    """
    inputs, targets = dataset
    earlier, later = halves(len(targets), share, targets.shape[1])
    cut = len(targets) - later
    return (inputs[:earlier], targets[:earlier]), (inputs[cut:], targets[cut:])


def halves(count: int, share: float, horizon: int) -> tuple[int, int]:
    """How many of so many samples `split` puts into the earlier and into the later part.

    >>> halves(100, 0.2, 5)
    (76, 20)
    """
    later = int(share * count)
    return max(0, count - later - (horizon - 1 if later else 0)), later


def batches(
    samples: Samples, size: int, generators: Sequence[torch.Generator]
) -> Iterator[Samples]:
    """All samples once: whole where size is 0, else in each model's own random order.

    The windows of a batch are copied out of their series, and those of no other one meanwhile.
    """
    places = samples.drawn
    count = (samples.targets if places is None else places).shape[1]
    if size == 0 or size >= count:
        yield samples
        return
    orders = torch.stack([torch.randperm(count, generator=each) for each in generators])
    orders = orders.to(samples.targets.device)
    orders = orders if places is None else places.gather(1, orders)
    for start in range(0, count, size):
        chosen = orders[:, start : start + size]
        yield Samples(*(_drawn(each, chosen) for each in samples[:3]))


def _drawn(
    tensor: Float[torch.Tensor, "model sample ..."], chosen: Int[torch.Tensor, "model batch"]
) -> Float[torch.Tensor, "model batch ..."]:
    """Each model's own samples, with the samples innermost in memory, as in `_views`."""
    inner = tensor.movedim(1, -1)
    places = chosen.view(len(chosen), *[1] * (tensor.dim() - 2), -1)
    return inner.gather(-1, places.expand(*inner.shape[:-1], -1)).movedim(-1, 1)

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from forecast.features.windows import build_dataset
from forecast.training.batches import Samples, batches, split, stack


def _dataset(samples: int, horizon: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rows = np.arange(float(samples))
    return rows[:, None, None] + np.zeros((1, 2, 1)), rows[:, None] + np.arange(1.0, horizon + 1)


@given(st.integers(1, 4), st.floats(0.05, 0.5))
def test_no_answer_is_both_learned_from_and_judged_by(horizon: int, share: float) -> None:
    (_, early), (_, late) = split(_dataset(60, horizon), share)
    assert len(late) == int(share * 60)
    assert early.max() < late.min()


def test_without_a_share_everything_is_learned_from() -> None:
    (_, early), (_, late) = split(_dataset(9, 3), 0.0)
    assert (len(early), len(late)) == (9, 0)


def test_padding_weighs_nothing() -> None:
    samples = stack([[_dataset(2)], [_dataset(4)]])
    assert samples.inputs.shape == (2, 4, 2, 1)
    assert samples.weights.tolist() == [[1, 1, 0, 0], [1, 1, 1, 1]]


# How many samples each of a model's series has.
POOLS = st.lists(
    st.lists(st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=3
).filter(lambda pools: any(map(any, pools)))


@given(POOLS, st.integers(0, 12), st.integers(1, 4), st.integers(1, 3))
def test_windows_of_series_are_stacked_without_copies(
    pools: list[list[int]], room: int, window: int, features: int
) -> None:
    datasets = [[_series(rows, window, features) for rows in pool] for pool in pools]
    apart = [[(x.copy(), y) for x, y in own] for own in datasets]
    views, copies = stack(datasets, room), stack(apart, room)
    count = max(room, *map(sum, pools))
    held = count + max(map(len, pools)) * (window - 1)
    assert views.inputs.untyped_storage().nbytes() == 4 * len(pools) * features * held
    assert copies.drawn is None
    assert copies.inputs.shape[1] == count
    assert views.weights.sum() == sum(map(sum, pools))
    for samples in (views, copies):
        only = samples.of(torch.tensor([len(pools) - 1]))
        assert only.inputs.stride() == samples.inputs.stride()
        assert torch.equal(only.inputs[0], samples.inputs[-1])
    for model, own in enumerate(apart):
        at = torch.arange(count) if views.drawn is None else views.drawn[model]
        for many, one in zip(views[1:3], copies[1:3], strict=True):
            assert torch.equal(many[model, at], one[model])
        own_inputs = np.concatenate([x for x, _ in own]).astype("float32")
        for samples, places in ((views, at), (copies, torch.arange(count))):
            found = samples.inputs[model, places[: len(own_inputs)]]
            np.testing.assert_array_equal(found, own_inputs)


@given(POOLS, st.integers(0, 12), st.integers(1, 9))
def test_batches_of_joined_series_are_those_of_their_samples_alone(
    pools: list[list[int]], room: int, size: int
) -> None:
    assume(size < max(room, *map(sum, pools)))  # else all are taken whole
    datasets = [[_series(rows, 3, 2) for rows in pool] for pool in pools]
    apart = [[(x.copy(), y) for x, y in own] for own in datasets]
    found = list[list[Samples]]()
    for samples in (stack(datasets, room), stack(apart, room)):
        generators = [torch.Generator().manual_seed(seed) for seed in range(len(pools))]
        found.append(list(batches(samples, size, generators)))
    for many, one in zip(*found, strict=True):
        for part, wanted in zip(many[1:3], one[1:3], strict=True):
            assert torch.equal(part, wanted)
        assert torch.equal(many.inputs[many.weights > 0], one.inputs[one.weights > 0])


def _series(samples: int, window: int, features: int) -> tuple[np.ndarray, np.ndarray]:
    """So many windows of one series."""
    rows = np.random.default_rng(samples).normal(size=(samples + 1 + window, features))
    inputs, targets = build_dataset(rows, window=window)
    return inputs[:samples], targets[:samples]


SERIES = torch.randn(3, 2, 24, generator=torch.Generator().manual_seed(0))
WINDOWS = SERIES.unfold(2, 5, 1).permute(0, 2, 3, 1)
INTERLEAVED = SERIES.permute(2, 0, 1).contiguous().unfold(0, 5, 1).permute(1, 0, 3, 2)


@pytest.mark.parametrize(
    ("inputs", "series"),
    [
        (WINDOWS.contiguous(), False),
        (WINDOWS.contiguous()[:1].expand(3, -1, -1, -1), False),
        (WINDOWS.contiguous().transpose(0, 1).contiguous().transpose(0, 1), False),
        (WINDOWS.contiguous()[:, ::2], False),
        (WINDOWS[..., :1, :].contiguous().expand(-1, -1, 5, -1), False),
        (WINDOWS, True),
        (WINDOWS[:1].expand(3, -1, -1, -1), True),
        (WINDOWS[:, 4:14], True),
        (INTERLEAVED, True),
    ],
    ids=[
        "contiguous",
        "one for all models",
        "samples outermost",
        "every second sample",
        "one for all steps",
        "windows",
        "windows for all models",
        "some windows",
        "windows of interleaved series",
    ],
)
def test_models_are_chosen_however_their_samples_lie(inputs: torch.Tensor, series: bool) -> None:
    weights = torch.arange(3.0)[:, None].expand(inputs.shape[:2])
    samples = Samples(inputs, weights[..., None], weights)
    for models in (torch.tensor([1]), torch.tensor([2, 0])):
        only = samples.of(models)
        for part, whole in zip(only[:3], samples[:3], strict=True):
            assert torch.equal(part, whole[models])
        rows = inputs.shape[1] + 4 if series else inputs.shape[1] * 5
        assert only.inputs.untyped_storage().nbytes() == 4 * 2 * rows * len(models)


def test_an_epoch_of_batches_holds_every_sample_once_in_each_models_own_order() -> None:
    samples = stack([[_dataset(10)], [_dataset(10)]])
    generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    parts = list(batches(samples, 3, generators))
    assert [part.targets.shape[1] for part in parts] == [3, 3, 3, 1]
    seen = torch.cat([part.targets for part in parts], dim=1)[..., 0]
    assert not torch.equal(seen[0], seen[1])
    for each in seen:
        assert sorted(each.tolist()) == list(range(1, 11))


@given(
    rows=st.integers(4, 30),
    window=st.integers(1, 5),
    features=st.integers(1, 3),
    size=st.integers(1, 9),
)
def test_a_batch_is_drawn_with_the_samples_innermost_whatever_it_is_drawn_from(
    rows: int, window: int, features: int, size: int
) -> None:
    series = np.random.default_rng(rows).normal(size=(rows + window, features))
    inputs, targets = build_dataset(series, window=window)
    for x in (inputs, inputs.copy()):
        samples = stack([[(x, targets)]] * 2)
        generators = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
        for part in batches(samples, size, generators):
            for model, wanted in enumerate(part.targets):
                places = [targets[:, 0].astype("float32").tolist().index(each) for each in wanted]
                assert torch.equal(part.inputs[model], samples.inputs[model, places])
            assert size >= rows or part.inputs.stride(1) == 1

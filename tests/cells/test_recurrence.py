"""Whole recurrences: all who can compute one agree, and what is not read leaves no trace."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.cells import BACKENDS, Cell, State, choose, initial, run
from forecast.cells.native import available
from forecast.errors import DataError, SettingError
from tests.cells.twins import (
    KINDS,
    Case,
    assert_same,
    by_backend,
    by_reference,
    by_torch,
    case,
    model,
    parts,
)

backends = pytest.mark.parametrize("backend", BACKENDS)
kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both ways"])
@pytest.mark.parametrize("shortest", [None, 1], ids=["full", "packed"])
@pytest.mark.parametrize("models", [1, 3])
def test_all_agree_with_torch(
    kind: str, layers: int, bidirectional: bool, shortest: int | None, models: int
) -> None:
    cell = replace(KINDS[kind], layers=layers, bidirectional=bidirectional)
    stack = case(cell, models=models, samples=7, shortest=shortest)
    truth = by_reference(stack)
    for backend in BACKENDS:
        assert_same(by_backend(stack, backend), truth)
    for index in range(models):
        own = {name: value[index : index + 1] for name, value in truth.items()}
        assert_same(by_torch(model(stack, index)), own)


@backends
@kinds
def test_single_precision_stays_single_and_close(backend: str, kind: str) -> None:
    single = case(replace(KINDS[kind], layers=2), dtype=torch.float32, shortest=0)
    assert_same(by_backend(single, backend), by_reference(single), tolerance=2e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")
@backends
@pytest.mark.parametrize("models", [1, 3])
def test_a_gpu_agrees(backend: str, models: int) -> None:
    for cell, shortest in itertools.product(KINDS.values(), [None, 0]):
        deep = replace(cell, layers=2, bidirectional=True)
        stack = case(deep, models=models, samples=7, shortest=shortest)
        assert_same(by_backend(stack, backend, "cuda"), by_reference(stack))


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(list(KINDS.values())),
    st.tuples(*[st.integers(1, 4)] * 4),
    st.tuples(st.integers(1, 3), st.integers(0, 4)),
    st.booleans(),
    st.sampled_from([None, 0, 1]),
)
def test_any_shape_agrees(
    kind: Cell,
    sizes: tuple[int, int, int, int],
    counts: tuple[int, int],
    bidirectional: bool,
    shortest: int | None,
) -> None:
    features, hidden, time, layers = sizes
    shape = {"features": features, "hidden": hidden, "layers": min(layers, 2)}
    cell = replace(kind, **shape, bidirectional=bidirectional)
    stack = case(cell, models=counts[0], samples=counts[1], time=time, shortest=shortest)
    truth = by_reference(stack)
    for backend in BACKENDS:
        assert_same(by_backend(stack, backend), truth)


@backends
@kinds
def test_other_models_do_not_move_a_bit(backend: str, kind: str) -> None:
    calm = case(replace(KINDS[kind], bidirectional=True), models=3, shortest=0)
    weights = {name: weight.clone() for name, weight in calm.weights.items()}
    for weight in weights.values():
        weight[1:] *= -5
    sequence = calm.sequence.clone()
    sequence[1:] = torch.nan
    wild = replace(calm, weights=weights, sequence=sequence)
    before, after = by_backend(calm, backend), by_backend(wild, backend)
    assert all(np.array_equal(before[name][0], after[name][0]) for name in before)
    assert not np.array_equal(before["result 0"][1], after["result 0"][1])


@backends
@kinds
def test_what_comes_after_a_length_leaves_no_trace(backend: str, kind: str) -> None:
    calm = case(replace(KINDS[kind], layers=2, bidirectional=True), samples=6, shortest=0)
    assert calm.lengths is not None
    padding = torch.arange(5) >= calm.lengths[..., None]
    wild = replace(calm, sequence=calm.sequence.masked_fill(padding[..., None], torch.nan))
    before, after = by_backend(calm, backend), by_backend(wild, backend)
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert not after["result 0"][padding.numpy()].any()
    assert not after["d_sequence"][padding.numpy()].any()
    assert_same(by_reference(wild), by_reference(calm))


@backends
@kinds
def test_nan_reaches_what_comes_after_it_and_nothing_else(backend: str, kind: str) -> None:
    stack = case(KINDS[kind])
    stack.sequence[0, 1, 2] = torch.nan
    outputs, state = run(stack.cell, stack.weights, stack.sequence, backend=backend)
    touched = torch.zeros(2, 3, 5, dtype=torch.bool)
    touched[0, 1, 2:] = True
    assert torch.equal(outputs.isnan().all(-1), touched)
    assert torch.equal(outputs.isnan().any(-1), touched)
    assert torch.equal(state.hidden[:, 0].isnan().any(-1), touched[:, :, -1])


@backends
@kinds
@pytest.mark.parametrize("shortest", [None, 0])
def test_no_samples_give_no_samples(backend: str, kind: str, shortest: int | None) -> None:
    cell = replace(KINDS[kind], layers=2, bidirectional=True)
    empty = case(cell, samples=0, shortest=shortest)
    answer = by_backend(empty, backend)
    assert answer["result 0"].shape == (2, 0, 5, 8)
    assert answer["result 1"].shape == (2, 4, 0, 4)
    assert not any(answer[name].any() for name in cell.shapes)


@backends
@kinds
@pytest.mark.parametrize("samples", [1, 40])
@pytest.mark.parametrize("shortest", [None, 0])
def test_where_the_end_alone_is_wanted_it_is_the_same(
    backend: str, kind: str, samples: int, shortest: int | None
) -> None:
    cell = replace(KINDS[kind], layers=2, bidirectional=True)
    stack = case(cell, samples=samples, shortest=shortest, dtype=torch.float32)
    weights = {name: weight.requires_grad_() for name, weight in stack.weights.items()}
    given = (cell, weights, stack.sequence, None, stack.lengths)
    found = []
    for every in (True, False):
        outputs, end = run(*given, backend=backend, every=every)
        assert outputs.shape == (2, samples, 5 * every, 8)
        with torch.no_grad():
            _, apart = run(*given, backend=backend, every=every)
        ends = sum(part.square().sum() for part in parts(end))
        found.append([*parts(end), *parts(apart), *torch.autograd.grad(ends, [*weights.values()])])
    assert all(map(torch.equal, *found))


@backends
@kinds
def test_a_state_carries_a_sequence_on(backend: str, kind: str) -> None:
    whole = case(replace(KINDS[kind], layers=2))
    cell, weights, sequence = whole.cell, whole.weights, whole.sequence
    outputs, end = run(cell, weights, sequence, backend=backend)
    first, between = run(cell, weights, sequence[:, :, :2], backend=backend)
    second, last = run(cell, weights, sequence[:, :, 2:], between, backend=backend)
    torch.testing.assert_close(torch.cat([first, second], dim=2), outputs, rtol=1e-9, atol=1e-12)
    for actual, expected in zip(parts(last), parts(end), strict=True):
        torch.testing.assert_close(actual, expected, rtol=1e-9, atol=1e-12)


@pytest.fixture
def deep() -> Case:
    return case(Cell(kind="lstm", features=3, hidden=50, layers=3, dropout=0.4))


LAGS = (1, 2, 29, 30, 31, 300)  # a unit, a step and a sample away, and what lies beside them


def _draws(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


def test_dropout_acts_in_training_alone(deep: Case) -> None:
    calm, _ = run(deep.cell, deep.weights, deep.sequence)
    same, _ = run(deep.cell, deep.weights, deep.sequence, generator=_draws(1)[0])
    wild, _ = run(deep.cell, deep.weights, deep.sequence, training=True, generator=_draws(1)[0])
    assert torch.equal(calm, same)
    assert not torch.allclose(calm, wild)


def test_dropout_drops_its_share_and_keeps_the_mean() -> None:
    cell = Cell(kind="rnn", features=1, hidden=1, layers=2, nonlinearity="relu", dropout=0.25)
    ones = {name: torch.ones(1, *shape) for name, shape in cell.shapes.items()}
    for name in ("weight_hh_l0", "weight_hh_l1", "bias_ih_l1", "bias_hh_l1"):
        ones[name].zero_()
    # Then the second layer puts out what it reads: 1 + 1 + 1 from the first, or 0.
    sequence = torch.ones(1, 4000, 1, 1)
    outputs, _ = run(cell, ones, sequence, training=True, generator=_draws(0)[0])
    assert outputs.unique().tolist() == pytest.approx([0.0, 3 / 0.75])
    assert (outputs == 0).float().mean() == pytest.approx(0.25, abs=0.03)


def test_dropout_of_a_model_follows_from_its_own_generator(deep: Case) -> None:
    def trained(stack: Case, *seeds: int) -> torch.Tensor:
        weights, sequence, draws = stack.weights, stack.sequence, _draws(*seeds)
        return run(stack.cell, weights, sequence, training=True, generator=draws)[0]

    together = trained(deep, 7, 8)
    padded = replace(deep, sequence=torch.nn.functional.pad(deep.sequence, (0, 0, 0, 0, 0, 2)))
    assert torch.equal(together[1:], trained(model(deep, 1), 8))
    assert torch.allclose(together, trained(padded, 7, 8)[:, :3], rtol=0, atol=1e-12)
    assert not torch.equal(together[:1], trained(model(deep, 0), 9))


def test_dropout_draws_every_unit_and_every_model_independently() -> None:
    shape, share = (2, 300, 10, 30), 0.5
    cell = Cell(kind="rnn", features=1, hidden=30, layers=2, nonlinearity="relu", dropout=share)
    passed = {name: torch.zeros(2, *each) for name, each in cell.shapes.items()}
    passed["weight_ih_l0"].fill_(1.0)
    passed["weight_ih_l1"] += torch.eye(30)
    outputs, _ = run(cell, passed, torch.ones(2, 300, 10, 1), training=True, generator=_draws(3, 4))
    one, other = (outputs.reshape(shape) > 0).double().flatten(1)
    pairs = [(one, other), *((each[:-lag], each[lag:]) for each in (one, other) for lag in LAGS)]
    for left, right in pairs:
        assert abs(torch.corrcoef(torch.stack([left, right]))[0, 1]) < 4 / len(left) ** 0.5


def test_dropout_without_a_generator_is_refused(deep: Case) -> None:
    with pytest.raises(SettingError, match=r"dropout 0\.4 draws at random in training; pass a gen"):
        run(deep.cell, deep.weights, deep.sequence, training=True)


def test_auto_takes_the_fastest_for_the_device_and_the_cell() -> None:
    ours = "native" if available() else "fused"
    small = KINDS["lstm"]
    lstm, gru = replace(small, hidden=161), replace(KINDS["gru"], hidden=1024)
    assert choose("auto", small, "cpu", models=50) == ours
    assert choose("auto", replace(lstm, hidden=160), "cpu", models=1) == ours
    assert choose("auto", lstm, "cpu", models=50) == "fused"
    assert choose("auto", lstm, "cpu", models=50, batch=64) == ours
    assert choose("auto", lstm, "cpu", models=50, batch=65) == "fused"
    assert choose("auto", gru, "cpu", models=1) == ours
    assert choose("auto", replace(gru, hidden=1025), "cpu", models=1) == "fused"
    assert choose("auto", gru, "cpu", models=1, dtype=torch.bfloat16) == "fused"
    assert choose("auto", lstm, "cuda", models=50, batch=8) == "unrolled"
    assert choose("auto", small, torch.device("cuda", 0), models=1) == "fused"
    assert choose("auto", small, "cuda", models=2) == "unrolled"
    assert choose("auto", small, "mps", models=2) == "unrolled"
    assert choose("unrolled", small, "cpu", models=1) == "unrolled"


def test_an_unknown_backend_is_answered_with_the_legal_ones() -> None:
    stack = case(KINDS["gru"])
    with pytest.raises(SettingError, match=r"backend is one of auto, fused, unrolled.*; got 'cud"):
        run(stack.cell, stack.weights, stack.sequence, backend="cudnn")


def test_what_does_not_fit_is_refused_with_what_was_needed() -> None:
    stack = case(KINDS["lstm"])
    cell, weights, sequence = stack.cell, stack.weights, stack.sequence
    with pytest.raises(DataError, match=r"at least 1 step of 3 features; got 5 of 2, in shape"):
        run(cell, weights, sequence[..., :2])
    with pytest.raises(DataError, match=r"at least 1 step of 3 features; got 0 of 3, in shape"):
        run(cell, weights, sequence[:, :, :0])
    with pytest.raises(DataError, match=r"lengths: each is from 0 to 5.*; got 6"):
        run(cell, weights, sequence, lengths=torch.full((2, 3), 6))
    with pytest.raises(DataError, match=r"lengths: each is from 0 to 5.*; got -1"):
        run(cell, weights, sequence, lengths=torch.tensor([[1, 2, 3], [4, 5, -1]]))
    with pytest.raises(DataError, match=r"state: lstm needs hidden and memory, shape \(2, 1, 3, 4"):
        run(cell, weights, sequence, State(stack.state.hidden))
    with pytest.raises(
        SettingError, match=r"weight_ih_l0 needs shape \(2, 12, 3\); got \(2, 16, 3"
    ):
        run(replace(cell, kind="gru"), weights, sequence)
    with pytest.raises(SettingError, match=r"weight_ih_l1 needs shape \(2, 16, 4\); got none"):
        run(replace(cell, layers=2), weights, sequence)


def test_weights_of_other_parts_may_lie_beside_a_cells_own() -> None:
    cell = KINDS["rnn tanh"]
    weights = {**initial(cell, [0]), "head": torch.ones(1, 2)}
    assert run(cell, weights, torch.zeros(1, 2, 3, 3))[0].shape == (1, 2, 3, 4)

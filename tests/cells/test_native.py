"""The compiled kernel: right by every instruction set, in any shape, the same on any threads."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from forecast.cells import BACKENDS, Cell, LayerState, LayerWeights, State, initial, run
from forecast.cells.native import TEAM, Learner, available, describe, layer
from forecast.cells.native.autograd import run as by_kernel
from forecast.cells.native.call import kernels
from forecast.errors import SettingError
from forecast.training.adam import Adam
from tests.cells.twins import KINDS, Answer, Case, by_backend, by_reference, case

pytestmark = pytest.mark.skipif(not available(), reason=f"no compiled kernel: {describe()}")

kinds = pytest.mark.parametrize("kind", KINDS)
dtypes = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)

RESULTS = {torch.float32: 1e-6, torch.float64: 1e-12}
GRADIENTS = {torch.float32: 1e-5, torch.float64: 1e-12}


@pytest.fixture(params=range(len(kernels())), ids=kernels())
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kernel in turn, under the name of one."""
    monkeypatch.setitem(BACKENDS, "native", partial(by_kernel, request.param))
    return "native"


@pytest.fixture
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def assert_close(actual: Answer, stack: Case, least: float = 1.0) -> None:
    """Near the equations in float64, relative to the largest number of each array, or `least`."""
    whole = [stack.sequence, *stack.weights.values(), *stack.state, stack.d_outputs, *stack.d_state]
    dtype = whole[0].dtype
    truth = by_reference(doubled(stack))
    for name, expected in truth.items():
        tolerance = (RESULTS if name.startswith("result") else GRADIENTS)[dtype]
        largest = max(least, float(np.abs(expected).max(initial=0.0)))
        np.testing.assert_allclose(actual[name], expected, 0, tolerance * largest, err_msg=name)


def doubled(stack: Case) -> Case:
    return replace(
        stack,
        weights={name: weight.double() for name, weight in stack.weights.items()},
        sequence=stack.sequence.double(),
        state=type(stack.state)(*(part.double() for part in stack.state if part is not None)),
        d_outputs=stack.d_outputs.double(),
        d_state=type(stack.d_state)(*(part.double() for part in stack.d_state if part is not None)),
    )


@kinds
@dtypes
@pytest.mark.parametrize("samples", [1, 33, 300])
def test_every_instruction_set_follows_the_equations(
    backend: str, kind: str, dtype: torch.dtype, samples: int
) -> None:
    cell = replace(KINDS[kind], features=5, hidden=11, layers=2, bidirectional=True)
    for shortest in (None, 0):
        stack = case(cell, samples=samples, time=7, shortest=shortest, dtype=dtype)
        assert_close(by_backend(stack, backend), stack)


@kinds
@pytest.mark.parametrize("scale", [1.0, 1e-3, 1e-5])
def test_small_numbers_keep_their_digits(backend: str, kind: str, scale: float) -> None:
    cell = replace(KINDS[kind], features=3, hidden=10)
    stack = case(cell, samples=64, time=7, dtype=torch.float32)
    unbiased = {n: w * ("weight" in n) for n, w in stack.weights.items()}
    start = type(stack.state)(*(scale * part for part in stack.state if part is not None))
    small = replace(stack, weights=unbiased, sequence=scale * stack.sequence, state=start)
    assert_close(by_backend(small, backend), small, least=0.0)


@kinds
def test_single_precision_is_that_of_torch(backend: str, kind: str) -> None:
    cell = replace(KINDS[kind], features=5, hidden=10)
    stack = case(cell, samples=1500, time=7, dtype=torch.float32)
    ours, torchs = by_backend(stack, backend), by_backend(stack, "fused")
    for name, expected in torchs.items():
        tolerance = 1e-6 if name.startswith("result") else 1e-5
        limit = tolerance * float(np.abs(expected).max())
        np.testing.assert_allclose(ours[name], expected, 0, limit, err_msg=name)


@kinds
def test_nan_and_infinity_spread_as_in_the_twin(backend: str, kind: str) -> None:
    cell = replace(KINDS[kind], features=3, hidden=10)
    weights = initial(cell, [0, 1])
    for wrong in (np.nan, np.inf, -np.inf):
        series = torch.randn(2, 3, 706, generator=torch.Generator().manual_seed(1))
        series[0, 1, 350] = wrong
        windows = series.unfold(2, 7, 1).permute(0, 2, 3, 1)
        for sequence in (windows, windows.contiguous()):
            outputs, _ = run(cell, weights, sequence, backend=backend)
            expected, _ = run(cell, weights, sequence, backend="unrolled")
            torch.testing.assert_close(outputs, expected, rtol=0, atol=2e-6, equal_nan=True)


ONE = (1, 1, 1)


@settings(max_examples=60, deadline=None)
@example(KINDS["lstm"], ONE, (1, 1), None, torch.float32)
@example(KINDS["gru"], ONE, (1, 33), 0, torch.float64)
@example(KINDS["lstm"], (5, 10, 1), (2, 0), None, torch.float32)
@example(KINDS["lstm"], (3, 64, 4), (2, 24), None, torch.float32)
@example(KINDS["gru"], (33, 70, 3), (2, 9), 0, torch.float32)
@example(KINDS["gru"], (3, 40, 3), (1, 7), 1, torch.float64)
@given(
    st.sampled_from(list(KINDS.values())),
    st.tuples(st.integers(1, 9), st.integers(1, 19), st.integers(1, 6)),
    st.tuples(st.integers(1, 3), st.integers(0, 70)),
    st.sampled_from([None, 0, 1]),
    st.sampled_from([torch.float32, torch.float64]),
)
def test_any_shape_follows_the_equations(
    kind: Cell,
    sizes: tuple[int, int, int],
    counts: tuple[int, int],
    shortest: int | None,
    dtype: torch.dtype,
) -> None:
    features, hidden, time = sizes
    cell, (models, samples) = replace(kind, features=features, hidden=hidden), counts
    stack = case(cell, models=models, samples=samples, time=time, shortest=shortest, dtype=dtype)
    assert_close(by_backend(stack, "native"), stack)


@kinds
@dtypes
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_few_samples_are_to_the_bit_what_they_are_among_many(
    kind: str, dtype: torch.dtype, data: st.DataObject
) -> None:
    """Units lie in the lanes where samples are few, and samples where they are many."""

    def draw(*values: int | None) -> int | None:
        return data.draw(st.sampled_from(values))

    kernel = data.draw(st.integers(0, len(kernels()) - 1))
    features, hidden, time = draw(1, 5, 31, 32, 40), draw(1, 8, 17, 32, 70), draw(1, 2, 7)
    cell = replace(KINDS[kind], features=features, hidden=hidden)
    many = case(cell, samples=40, time=time, shortest=draw(None, 0, 1), dtype=dtype)
    if draw(0, 1):
        many.sequence[0, 3] = draw(float("nan"), float("inf"))
    first = data.draw(st.integers(0, 39))
    own = slice(first, first + data.draw(st.integers(1, 40)))
    given_state = bool(draw(0, 1))

    def answer(samples: slice) -> list[np.ndarray]:
        state = [part[:, 0, samples] for part in many.state if part is not None]
        lengths = None if many.lengths is None else many.lengths[:, samples]
        outputs, end = by_kernel(
            kernel,
            cell,
            LayerWeights(*many.weights.values()),
            many.sequence[:, samples],
            LayerState(*state) if given_state else None,
            lengths,
        )
        return [each.numpy() for each in (outputs, *end) if each is not None]

    for few, among in zip(answer(own), answer(slice(None)), strict=True):
        expected = among[:, own]
        np.testing.assert_array_equal(few, expected)
        assert np.array_equal(np.signbit(few[few == 0]), np.signbit(expected[few == 0]))


@kinds
@dtypes
@pytest.mark.parametrize("shortest", [None, 0], ids=["full", "packed"])
def test_few_samples_get_back_to_the_bit_what_they_do_among_many(
    kind: str, dtype: torch.dtype, shortest: int | None
) -> None:
    cell = replace(KINDS[kind], features=33, hidden=70)
    many = case(cell, samples=40, shortest=shortest, dtype=dtype)
    few = of_samples(many, slice(7, 12))
    alone, among = by_backend(few, "native"), by_backend(many, "native")
    own = ["d_sequence", *(name for name in among if name.startswith("d_state"))]
    for name in own:
        axis = 1 if name == "d_sequence" else 2
        np.testing.assert_array_equal(alone[name], among[name].take(range(7, 12), axis), name)


def of_samples(many: Case, own: slice) -> Case:
    """Some of the samples, as a case of their own."""

    def of(state: State) -> State:
        return State(*(part[:, :, own] for part in state if part is not None))

    return replace(
        many,
        sequence=many.sequence[:, own],
        state=of(many.state),
        lengths=None if many.lengths is None else many.lengths[:, own],
        d_outputs=many.d_outputs[:, own],
        d_state=of(many.d_state),
    )


@kinds
@pytest.mark.usefixtures("threads")
def test_the_number_of_threads_moves_no_bit(kind: str) -> None:
    stack = case(replace(KINDS[kind], hidden=10), samples=1000, dtype=torch.float32)
    every = []
    for count in (1, 2, 5):
        torch.set_num_threads(count)
        every.append(by_backend(stack, "native"))
    for other in every[1:]:
        assert all(np.array_equal(every[0][name], other[name]) for name in other)


@kinds
def test_samples_of_weight_zero_move_no_bit_of_the_gradients(kind: str) -> None:
    short = case(replace(KINDS[kind], hidden=10), samples=700, dtype=torch.float32)
    more = [torch.zeros(2, 333, *short.sequence.shape[2:]), torch.zeros(2, 333, 5, 10)]
    state = [torch.zeros(2, 1, 333, 10)] * (2 if kind == "lstm" else 1)
    long = replace(
        short,
        sequence=torch.cat([short.sequence, more[0]], dim=1),
        d_outputs=torch.cat([short.d_outputs, more[1]], dim=1),
        state=padded(short.state, state),
        d_state=padded(short.d_state, state),
    )
    before, after = by_backend(short, "native"), by_backend(long, "native")
    assert all(np.array_equal(before[name], after[name]) for name in short.weights)


def padded(state: tuple, by: list[torch.Tensor]) -> tuple:
    parts = (part for part in state if part is not None)
    return type(state)(*(torch.cat([a, b], dim=2) for a, b in zip(parts, by, strict=True)))


@kinds
def test_windows_are_read_where_the_series_lies(kind: str) -> None:
    series = torch.randn(2, 107, 3)
    windows = series.unfold(1, 7, 1).movedim(-1, 2)
    assert not windows.is_contiguous()
    cell, weights = KINDS[kind], initial(KINDS[kind], [0, 1])
    there, _ = run(cell, weights, windows, backend="native")
    copied, _ = run(cell, weights, windows.contiguous(), backend="native")
    assert torch.equal(there, copied)


class Largest(TorchDispatchMode):
    """The bytes of the largest memory that any tensor lay in."""

    bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        for each in (each for each in tree_leaves(made) if isinstance(each, torch.Tensor)):
            self.bytes = max(self.bytes, each.untyped_storage().nbytes())
        return made


@kinds
def test_windows_are_never_written_out_whichever_way_they_are_read(kind: str) -> None:
    cell = replace(KINDS[kind], bidirectional=True)
    weights, windows = initial(cell, [0, 1]), torch.randn(2, 530, 3).unfold(1, 31, 1).movedim(-1, 2)
    with Largest() as largest:
        run(cell, weights, windows, backend="native", every=False)
    assert 0 < largest.bytes < 4 * windows.numel() / 10


@kinds
@dtypes
@pytest.mark.parametrize("both", [False, True], ids=["forward", "both ways"])
@pytest.mark.parametrize("ends", [False, True])
def test_windows_of_a_series_teach_what_copies_of_them_do(
    backend: str, kind: str, dtype: torch.dtype, both: bool, ends: bool
) -> None:
    """What a session gives, and what comes back to it, is counted once for every window."""
    cell = replace(KINDS[kind], hidden=10, bidirectional=both)
    fresh = initial(cell, [0, 1], dtype=dtype)
    weights = {name: each.requires_grad_() for name, each in fresh.items()}
    series = torch.randn(2, 706, 3, dtype=dtype, requires_grad=True)
    windows = series.unfold(1, 7, 1).movedim(-1, 2)
    lengths = torch.arange(1400).reshape(2, 700) % 8 if ends else None
    gradients = []
    for sequence in (windows, windows.contiguous()):
        outputs, _ = run(cell, weights, sequence, lengths=lengths, backend=backend)
        gradients.append(torch.autograd.grad(outputs.square().mean(), [*weights.values(), series]))
    for actual, expected in zip(*gradients, strict=True):
        tolerance = GRADIENTS[dtype] * float(expected.abs().max())
        torch.testing.assert_close(actual, expected, rtol=0, atol=tolerance)


def test_a_way_back_can_be_gone_twice() -> None:
    stack = case(KINDS["lstm"])
    weights = {name: each.requires_grad_() for name, each in stack.weights.items()}
    outputs, _ = run(stack.cell, weights, stack.sequence, backend="native")
    first = torch.autograd.grad(outputs.sum(), list(weights.values()), retain_graph=True)
    again = torch.autograd.grad(outputs.sum(), list(weights.values()))
    assert all(map(torch.equal, first, again))


def test_second_derivatives_are_refused() -> None:
    stack = case(KINDS["gru"])
    weights = {name: each.requires_grad_() for name, each in stack.weights.items()}
    outputs, _ = run(stack.cell, weights, stack.sequence, backend="native")
    with pytest.raises(SettingError, match="no second derivatives; choose unrolled"):
        torch.autograd.grad(outputs.sum(), list(weights.values()), create_graph=True)


def test_half_precision_is_refused() -> None:
    stack = case(KINDS["gru"])
    weights = LayerWeights(*(each.half() for each in stack.weights.values()))
    state = LayerState(stack.state.hidden[:, 0].half())
    with pytest.raises(SettingError, match=r"needs float32 or float64.*got torch\.float16"):
        layer(stack.cell, weights, stack.sequence.half(), state, None)


@kinds
@dtypes
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_a_step_in_one_call_is_a_step_of_the_unrolled_twin(
    kind: str, dtype: torch.dtype, data: st.DataObject
) -> None:
    """Adam's means show the gradients, clipped; its weights are where both have come to."""

    def draw(low: int, high: int) -> int:
        return data.draw(st.integers(low, high))

    # Samples are the lanes where they are many, and units where they are few.
    most = data.draw(st.sampled_from([(21, 6, 130), (70, 40, 18)]))
    cell = replace(KINDS[kind], hidden=draw(1, most[0]), features=draw(1, most[1]))
    outputs, clip = draw(1, 3), data.draw(st.sampled_from([0.0, 0.01]))
    kernel = draw(0, len(kernels()) - 1)
    stack = case(cell, models=3, samples=draw(1, most[2]), time=draw(1, 8), dtype=dtype)
    fast, slow = (parameters(stack, outputs) for _ in range(2))
    optimisers = [Adam(each, 0.01) for each in (fast, slow)]
    learner = Learner(cell, fast, optimisers[0].means, optimisers[0].squares, clip, kernel)
    places = torch.tensor([2, 0])
    sequence, targets, importance = samples_of(stack, outputs, places)
    if draw(0, 1):
        sequence = windows_of(sequence)
    for _ in range(2):
        before = learner.losses(sequence, targets, importance, places)
        loss = learner.step(sequence, targets, importance, places, optimisers[0].pace())
        expected = slow_step(cell, slow, (sequence, targets, importance), places, clip)
        optimisers[1].step(*optimisers[1].pace())
        assert torch.equal(before, loss)
        torch.testing.assert_close(loss, expected, rtol=10 * RESULTS[dtype], atol=0)
        for actual, wanted in zip(optimisers[0].means, optimisers[1].means, strict=True):
            largest = max(float(wanted.abs().max()), 1e-3)
            torch.testing.assert_close(actual, wanted, rtol=0, atol=GRADIENTS[dtype] * largest)
        # Where a gradient is next to nothing, its sign decides about a whole step of Adam.
        least = 1e-6 if dtype is torch.float64 else 0.021
        for actual, wanted in zip(fast, slow, strict=True):
            torch.testing.assert_close(actual, wanted, rtol=0, atol=least)
            actual.data.copy_(wanted)


def parameters(stack: Case, outputs: int) -> list[torch.nn.Parameter]:
    own = torch.Generator().manual_seed(3)
    models, hidden, dtype = 3, stack.cell.hidden, stack.sequence.dtype
    head = [torch.randn(models, outputs, hidden, generator=own), torch.zeros(models, outputs)]
    weights = [*stack.weights.values(), *(each.to(dtype) for each in head)]
    return [torch.nn.Parameter(each.clone()) for each in weights]


def samples_of(stack: Case, outputs: int, models: torch.Tensor) -> tuple[torch.Tensor, ...]:
    own, dtype = torch.Generator().manual_seed(4), stack.sequence.dtype
    shape = (len(models), stack.sequence.shape[1])
    targets = torch.randn(*shape, outputs, generator=own).to(dtype)
    importance = torch.randint(0, 3, shape, generator=own).to(dtype) + 0.5
    return stack.sequence[models], targets, importance


def windows_of(sequence: torch.Tensor) -> torch.Tensor:
    """Windows of a series, as views of it, in the shape of `sequence`."""
    models, samples, time, features = sequence.shape
    own = torch.Generator().manual_seed(5)
    series = torch.randn(models, features, samples + time - 1, generator=own, dtype=sequence.dtype)
    return series.unfold(2, time, 1).permute(0, 2, 3, 1)


def slow_step(
    cell: Cell,
    parameters: list[torch.nn.Parameter],
    samples: tuple[torch.Tensor, ...],
    models: torch.Tensor,
    clip: float,
) -> torch.Tensor:
    """The loss; gradients are left with the parameters, each model's clipped to one norm."""
    sequence, targets, importance = samples
    *weights, head, bias = (each[models] for each in parameters)
    names = cell.shapes
    own = dict(zip(names, weights, strict=True))
    _, end = run(cell, own, sequence, backend="unrolled")
    answers = torch.baddbmm(bias[:, None], end.hidden[:, 0], head.mT)
    errors = (answers - targets).square().mean(dim=2)
    losses = (errors * importance).sum(dim=1) / importance.sum(dim=1)
    gradients = torch.autograd.grad(losses.sum(), parameters)
    norms = torch.stack([each.flatten(1).square().sum(dim=1) for each in gradients]).sum(dim=0)
    factor = (clip / (norms.sqrt() + 1e-6)).clamp(max=1.0) if clip else torch.ones_like(norms)
    for each, gradient in zip(parameters, gradients, strict=True):
        each.grad = gradient * factor.view(-1, *[1] * (gradient.dim() - 1))
    return losses.detach()


def test_a_step_of_no_length_still_moves_the_means() -> None:
    stack = case(KINDS["lstm"], models=3)
    moved = parameters(stack, 1)
    optimiser = Adam(moved, 0.0)
    before = [each.detach().clone() for each in moved]
    learner = Learner(stack.cell, moved, optimiser.means, optimiser.squares)
    places = torch.arange(3)
    learner.step(*samples_of(stack, 1, places), places, optimiser.pace())
    assert all(map(torch.equal, moved, before))
    assert all(bool(each.any()) for each in optimiser.means)


def test_a_finished_model_costs_nothing_and_stays() -> None:
    stack = case(KINDS["lstm"], models=3)
    moved = parameters(stack, 1)
    optimiser = Adam(moved, 0.01)
    before = [each.detach().clone() for each in moved]
    learner = Learner(stack.cell, moved, optimiser.means, optimiser.squares)
    places = torch.tensor([2, 0])
    learner.step(*samples_of(stack, 1, places), places, optimiser.pace())
    for weight, start in zip(moved, before, strict=True):
        assert torch.equal(weight[1], start[1])
        assert not torch.equal(weight[0], start[0])


@kinds
@pytest.mark.parametrize("slide", [False, True], ids=["apart", "windows of a series"])
def test_padding_moves_no_bit_of_a_step(kind: str, slide: bool) -> None:
    """Blocks of nothing else are not even computed."""
    stack, places = case(KINDS[kind], models=3, samples=900, dtype=torch.float32), torch.arange(3)
    sequence, targets, importance = samples_of(stack, 1, places)
    sequence = windows_of(sequence) if slide else sequence
    importance[:, 70:] = 0
    found = []
    for count in (70, 200, 900):
        moved = parameters(stack, 1)
        optimiser = Adam(moved, 0.01)
        learner = Learner(stack.cell, moved, optimiser.means, optimiser.squares)
        given = (each[:, :count] for each in (sequence, targets, importance))
        loss = learner.step(*given, places, optimiser.pace())
        found.append([loss, *moved, *optimiser.means])
    for other in found[1:]:
        assert all(map(torch.equal, found[0], other))


@kinds
def test_threads_move_no_bit_of_a_step(kind: str) -> None:
    cell = replace(KINDS[kind], hidden=10)
    stack = case(cell, models=3, samples=1500, time=7, dtype=torch.float32)
    every = []
    for count in (1, 2, 5):
        moved = parameters(stack, 1)
        optimiser = Adam(moved, 0.01)
        team = TEAM.set(count)
        learner = Learner(cell, moved, optimiser.means, optimiser.squares, 1.0)
        TEAM.reset(team)
        for _ in range(3):
            learner.step(*samples_of(stack, 1, torch.arange(3)), None, optimiser.pace())
        every.append(moved)
    for other in every[1:]:
        assert all(map(torch.equal, every[0], other))

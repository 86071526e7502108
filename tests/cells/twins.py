"""The same recurrence by every one who can compute it, in NumPy arrays that can be compared."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from forecast.cells import Cell, State, initial, reference, run, to_torch

KINDS = {
    "rnn tanh": Cell(kind="rnn", features=3, hidden=4),
    "rnn relu": Cell(kind="rnn", features=3, hidden=4, nonlinearity="relu"),
    "lstm": Cell(kind="lstm", features=3, hidden=4),
    "gru": Cell(kind="gru", features=3, hidden=4),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What a recurrence is given, and the gradients that come back to its results."""

    cell: Cell
    weights: dict[str, torch.Tensor]
    sequence: torch.Tensor
    state: State
    lengths: torch.Tensor | None
    d_outputs: torch.Tensor
    d_state: State


Answer = dict[str, np.ndarray]  # results forward and gradients backward, by name


def case(
    cell: Cell,
    *,
    models: int = 2,
    samples: int = 3,
    time: int = 5,
    shortest: int | None = None,
    seed: int = 0,
    dtype: torch.dtype = torch.float64,
) -> Case:
    """A case of ordinary random numbers; with `shortest`, lengths run from there to `time`."""
    own = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=own, dtype=dtype)

    def state() -> State:
        both = [normal(models, len(cell.suffixes), samples, cell.hidden) for _ in range(2)]
        return State(*both[: 2 if cell.kind == "lstm" else 1])

    lengths = None
    if shortest is not None:
        counts = time - torch.arange(models * samples) % (time + 1 - shortest)
        lengths = counts.reshape(models, samples)
    return Case(
        cell=cell,
        weights=initial(cell, range(seed, seed + models), dtype=dtype),
        sequence=normal(models, samples, time, cell.features),
        state=state(),
        lengths=lengths,
        d_outputs=normal(models, samples, time, cell.directions * cell.hidden),
        d_state=state(),
    )


def model(stack: Case, index: int) -> Case:
    """One model of a stack, as a stack of its own."""
    own = slice(index, index + 1)

    def of(state: State) -> State:
        return State(*(part[own] for part in state if part is not None))

    return replace(
        stack,
        weights={name: weight[own] for name, weight in stack.weights.items()},
        sequence=stack.sequence[own],
        state=of(stack.state),
        lengths=None if stack.lengths is None else stack.lengths[own],
        d_outputs=stack.d_outputs[own],
        d_state=of(stack.d_state),
    )


def by_backend(stack: Case, backend: str, device: str = "cpu") -> Answer:
    weights = {name: leaf(weight) for name, weight in stack.weights.items()}
    sequence, state = leaf(stack.sequence), [leaf(part) for part in parts(stack.state)]
    outputs, end = run(
        stack.cell,
        {name: weight.to(device) for name, weight in weights.items()},
        sequence.to(device),
        State(*(part.to(device) for part in state)),
        None if stack.lengths is None else stack.lengths.to(device),
        backend=backend,
    )
    results = [outputs.cpu(), *(part.cpu() for part in parts(end))]
    torch.autograd.backward(results, [stack.d_outputs, *parts(stack.d_state)])
    return _answer(results, weights, sequence, state)


def by_torch(stack: Case) -> Answer:
    """`torch.nn` and its packed sequences, which know no model axis: one model only."""
    module = to_torch(stack.cell, stack.weights)
    sequence, state = leaf(stack.sequence), [leaf(part) for part in parts(stack.state)]
    begin = tuple(part[0] for part in state) if len(state) > 1 else state[0][0]
    if stack.lengths is None:
        outputs, end = module(sequence[0], begin)
    else:
        packed = pack_padded_sequence(
            sequence[0], stack.lengths[0], batch_first=True, enforce_sorted=False
        )
        read, end = module(packed, begin)
        time = stack.sequence.shape[2]
        outputs, _ = pad_packed_sequence(read, batch_first=True, total_length=time)
    results = [outputs[None], *(part[None] for part in (end if len(state) > 1 else [end]))]
    torch.autograd.backward(results, [stack.d_outputs, *parts(stack.d_state)])
    answer = _answer(results, dict(module.named_parameters()), sequence, state)
    return {name: value[None] if "_l" in name else value for name, value in answer.items()}


def by_reference(stack: Case) -> Answer:
    arrays = {name: weight.numpy() for name, weight in stack.weights.items()}
    start = tuple(part.numpy() for part in parts(stack.state))
    lengths = None if stack.lengths is None else stack.lengths.numpy()
    trace = reference.run(stack.cell, arrays, stack.sequence.numpy(), start, lengths)
    d_state = tuple(part.numpy() for part in parts(stack.d_state))
    back = reference.gradients(trace, stack.d_outputs.numpy(), d_state)
    results = {f"result {i}": each for i, each in enumerate([trace.outputs, *trace.state])}
    starts = {f"d_state {i}": each for i, each in enumerate(back.state)}
    return {**results, **back.weights, "d_sequence": back.sequence, **starts}


def assert_same(actual: Answer, expected: Answer, tolerance: float = 1e-9) -> None:
    assert actual.keys() == expected.keys()
    for name, value in expected.items():
        assert actual[name].dtype == value.dtype
        np.testing.assert_allclose(actual[name], value, tolerance, tolerance, err_msg=name)


def parts(state: State) -> list[torch.Tensor]:
    return [part for part in state if part is not None]


def leaf(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.clone().requires_grad_()


def _answer(
    results: list[torch.Tensor],
    weights: dict[str, torch.Tensor],
    sequence: torch.Tensor,
    state: list[torch.Tensor],
) -> Answer:
    answer = {f"result {i}": each.detach().numpy() for i, each in enumerate(results)}
    leaves = {**weights, "d_sequence": sequence, **{f"d_state {i}": s for i, s in enumerate(state)}}
    gradients = {name: tensor.grad for name, tensor in leaves.items()}
    return answer | {name: grad.numpy() for name, grad in gradients.items() if grad is not None}

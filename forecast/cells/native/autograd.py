"""One layer in one direction by the compiled kernel, as torch's autograd sees it."""

from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from operator import mul
from typing import Any, cast

import torch
from jaxtyping import Float, Int

from forecast.cells.base import FORWARD, Cell, LayerState, LayerWeights, Outputs, Way
from forecast.cells.native.call import BEST, Given, How, addresses, bind, check, steps, view
from forecast.cells.native.shapes import fit_layer
from forecast.errors import SettingError

BY_SAMPLE = (0, 5, 6)  # places of what is given for each sample: sequence, hidden state, memory


def layer(
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState | None,
    lengths: Int[torch.Tensor, "model sample"] | None,
    way: Way = FORWARD,
) -> tuple[Outputs, LayerState]:
    """One layer in one direction, as `Backend` asks, by the best kernel for this processor.

    The sequence is read through its strides: the windows of a series need not be copied out.

    Raises:
        SettingError: no compiled kernel, tensors that are not float32 or float64 on a processor, or
            weights of another shape than the cell's.
        DataError: a sequence, state or lengths that do not fit the cell or each other.
    """
    return run(BEST, cell, weights, sequence, state, lengths, way)


def run(  # noqa: PLR0913, PLR0917 - a backend's, and which kernel
    kernel: int,
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState | None,
    lengths: Int[torch.Tensor, "model sample"] | None,
    way: Way = FORWARD,
) -> tuple[Outputs, LayerState]:
    """`layer` by one of the kernels that this processor can run, best first."""
    own = LayerWeights(*(weight.contiguous().resolve_neg() for weight in weights))
    if lengths is not None:
        lengths = lengths.to("cpu", torch.int64).contiguous()
    hidden, memory = map(_resolved, state or (None, None))
    given = Given(sequence.resolve_neg(), *own, hidden, memory, lengths)
    present = [each for each in given[:-1] if each is not None]
    check(present)
    fit_layer(cell, given)
    how = How(kernel, cell, way)
    if torch.is_grad_enabled() and any(each.requires_grad for each in present):
        results = cast("tuple[Any, ...]", _Recurrence.apply(how, *given))
    else:
        results = _there(bind(how, given), how, given, None)
    return results[0], LayerState(*results[1:])


def _there(bound: Any, how: How, given: Given, tape: torch.Tensor | None) -> tuple[Any, ...]:
    """Outputs, hidden state and memory."""
    (models, samples, time, _), hidden = given.sequence.shape, how.cell.hidden
    new = partial(_new, given.sequence, bound.lanes, models, samples)
    memory = new(hidden) if how.cell.kind == "lstm" else None
    # Where no step is wanted they are all put out in one place, each over the one before.
    outputs = new(time, hidden) if how.way.every else new(1, hidden).expand(-1, -1, time, -1)
    results = outputs, new(hidden), memory
    bound.forward(*_views(how, results), *addresses(tape))
    return results if how.way.every else (new(0, hidden), *results[1:])


class _Recurrence(torch.autograd.Function):
    """The way there keeps a tape of every step for the way back, where anything is to learn."""

    @staticmethod
    def forward(ctx: Any, how: How, *tensors: Any) -> tuple[Any, ...]:
        given = Given(*tensors)
        bound = bind(how, given)
        tape = given.sequence.new_empty(bound.tape_size)
        ctx.how = how
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*given, tape)
        return _there(bound, how, given, tape)

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> tuple[torch.Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise SettingError("backend native has no second derivatives; choose unrolled")
        *tensors, tape = ctx.saved_tensors
        how, given = ctx.how, Given(*tensors)
        bound = bind(how, given)
        models, samples, *step = given.sequence.shape
        new = partial(_new, given.sequence, bound.lanes, models, samples)
        weights = [torch.empty_like(weight) for weight in given.weights]
        shapes = [step, *[[how.cell.hidden]] * 2]
        needed = [ctx.needs_input_grad[1 + place] for place in BY_SAMPLE]
        made = [new(*shape) if need else None for need, shape in zip(needed, shapes, strict=True)]
        came = [_resolved(each) for each in grad_outputs]  # kept alive until all is read
        bound.backward(
            *addresses(tape), *_views(how, came), addresses(*weights), *_views(how, made)
        )
        return None, made[0], *weights, *made[1:], None


def _resolved(tensor: torch.Tensor | None) -> torch.Tensor | None:
    """With its sign in memory, where torch has only noted that it is turned."""
    return None if tensor is None else tensor.resolve_neg()


def _views(how: How, tensors: Sequence[torch.Tensor | None]) -> list[Any]:
    """A sequence's and both states' places and strides."""
    sequence, hidden, memory = tensors
    return [steps(how, sequence), view(hidden, 3), view(memory, 3)]


def _new(like: torch.Tensor, lanes: int, models: int, samples: int, *shape: int) -> torch.Tensor:
    """Memory for numbers of each sample: of many they lie side by side, blocks beginning evenly."""
    size = (models, samples, *shape)
    if samples < lanes:
        return like.new_empty(size)
    *inner, outer = accumulate(reversed(shape), mul, initial=samples + -samples % lanes)
    return like.new_empty_strided(size, (outer, 1, *reversed(inner)))

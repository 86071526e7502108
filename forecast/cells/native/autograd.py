"""One layer in one direction by the compiled kernel, as torch's autograd sees it."""

from functools import partial
from typing import Any, cast

import torch
from jaxtyping import Float, Int

from forecast.cells.base import Cell, LayerState, LayerWeights
from forecast.cells.native.call import BEST, Given, How, addresses, bind, check, view
from forecast.cells.native.shapes import fit_layer
from forecast.errors import SettingError

BY_SAMPLE = (0, 5, 6)  # places of what is given for each sample: sequence, hidden state, memory

Steps = Float[torch.Tensor, "model sample time hidden"]


def layer(
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState,
    lengths: Int[torch.Tensor, "model sample"] | None,
) -> tuple[Steps, LayerState]:
    """One layer in one direction, as `Backend` asks, by the best kernel for this processor.

    The sequence is read through its strides: the windows of a series need not be copied out.

    Raises:
        SettingError: no compiled kernel, tensors that are not float32 or float64 on a processor, or
            weights of another shape than the cell's.
        DataError: a sequence, state or lengths that do not fit the cell or each other.
    """
    return run(BEST, cell, weights, sequence, state, lengths)


def run(
    kernel: int,
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState,
    lengths: Int[torch.Tensor, "model sample"] | None,
) -> tuple[Steps, LayerState]:
    """`layer` by one of the kernels that this processor can run, best first."""
    own = LayerWeights(*(weight.contiguous().resolve_neg() for weight in weights))
    if lengths is not None:
        lengths = lengths.to("cpu", torch.int64).contiguous()
    start = state.hidden.resolve_neg(), _resolved(state.memory)
    given = Given(sequence.resolve_neg(), *own, *start, lengths)
    present = [each for each in given[:-1] if each is not None]
    check(present)
    fit_layer(cell, given)
    learns = torch.is_grad_enabled() and any(each.requires_grad for each in present)
    results = cast("tuple[Any, ...]", _Recurrence.apply(How(kernel, cell, learns), *given))
    return results[0], LayerState(*results[1:])


class _Recurrence(torch.autograd.Function):
    """The way there keeps a tape of every step for the way back, where anything is to learn."""

    @staticmethod
    def forward(ctx: Any, how: How, *tensors: Any) -> tuple[Any, ...]:
        given = Given(*tensors)
        bound = bind(how, given)
        models, samples, time = given.sequence.shape[:3]
        new = partial(_innermost, given.sequence, samples + -samples % bound.lanes)
        outputs, hidden = new(models, time, how.cell.hidden), new(models, how.cell.hidden)
        memory = None if given.memory is None else torch.empty_like(hidden)
        tape = given.sequence.new_empty(bound.tape_size if how.learns else 0)
        bound.forward(addresses(outputs, hidden, memory, tape))
        ctx.how = how
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*given, tape)
        return tuple(_by_sample(each, samples) for each in (outputs, hidden, memory))

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> tuple[torch.Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise SettingError("backend native has no second derivatives; choose unrolled")
        *tensors, tape = ctx.saved_tensors
        given = Given(*tensors)
        bound = bind(ctx.how, given)
        models, samples, time, features = given.sequence.shape
        new = partial(_innermost, given.sequence, samples + -samples % bound.lanes)
        weights = [torch.empty_like(weight) for weight in given.weights]
        shapes = [(models, time, features), *[(models, ctx.how.cell.hidden)] * 2]
        needed = [ctx.needs_input_grad[1 + place] for place in BY_SAMPLE]
        made = [new(*shape) if need else None for need, shape in zip(needed, shapes, strict=True)]
        came = [_resolved(each) for each in grad_outputs]
        views = (view(each, axes) for each, axes in zip(came, (4, 3, 3), strict=True))
        bound.backward(*addresses(tape), *views, addresses(*weights), addresses(*made))
        sequence, *state = (_by_sample(each, samples) for each in made)
        return None, sequence, *weights, *state, None


def _resolved(tensor: torch.Tensor | None) -> torch.Tensor | None:
    """With its sign in memory, where torch has only noted that it is turned."""
    return None if tensor is None else tensor.resolve_neg()


def _innermost(like: torch.Tensor, samples: int, *shape: int) -> torch.Tensor:
    """As the kernel writes what belongs to samples: they come last, in whole blocks."""
    return like.new_empty(*shape, samples)


def _by_sample(tensor: torch.Tensor | None, samples: int) -> torch.Tensor | None:
    """The same memory, read with the samples behind the models."""
    return None if tensor is None else tensor[..., :samples].movedim(-1, 1)

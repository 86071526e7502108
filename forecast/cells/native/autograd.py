"""One layer in one direction by the compiled kernel, as torch's autograd sees it."""

from functools import partial
from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int

from forecast.cells.base import Cell, LayerState, LayerWeights
from forecast.errors import SettingError

try:
    from forecast.cells.native import _kernel
except ImportError as error:
    _kernel, _MISSING = None, str(error)
else:
    _MISSING = ""

KINDS = {"rnn tanh": 0, "rnn relu": 1, "lstm": 2, "gru": 3}
BEST = 0  # kernels are numbered with the best first

BY_SAMPLE = (0, 5, 6)  # what is given for each sample: the sequence, the hidden state, the memory

Steps = Float[torch.Tensor, "model sample time hidden"]


class _How(NamedTuple):
    kernel: int
    cell: Cell
    taped: bool


class _Given(NamedTuple):
    """The tensors of a layer, in the order in which autograd counts them."""

    sequence: torch.Tensor
    weight_ih: torch.Tensor
    weight_hh: torch.Tensor
    bias_ih: torch.Tensor
    bias_hh: torch.Tensor
    hidden: torch.Tensor
    memory: torch.Tensor | None
    lengths: torch.Tensor | None

    @property
    def weights(self) -> tuple[torch.Tensor, ...]:
        return self[1:5]


def available() -> bool:
    """Whether the compiled kernel came with this installation and can be loaded."""
    return _kernel is not None


def describe() -> str:
    """The instruction set in use, or why there is no kernel."""
    return _MISSING if _kernel is None else _kernel.kernels()[BEST]


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
        SettingError: no compiled kernel, or tensors that are not float32 or float64 on a processor.
    """
    return run(BEST, cell, weights, sequence, state, lengths)


def run(  # noqa: PLR0913 - a layer's five and, for its tests, which kernel
    kernel: int,
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState,
    lengths: Int[torch.Tensor, "model sample"] | None,
) -> tuple[Steps, LayerState]:
    """`layer` by one of the kernels that this processor can run, best first."""
    own = (weight.contiguous() for weight in weights)
    if lengths is not None:
        lengths = lengths.to(torch.int64).contiguous()
    given = _Given(sequence, *own, *state, lengths)
    present = [each for each in given[:-1] if each is not None]
    _check(present)
    taped = torch.is_grad_enabled() and any(each.requires_grad for each in present)
    outputs, *end = _Recurrence.apply(_How(kernel, cell, taped), *given)
    return outputs, LayerState(*end)


def _check(tensors: list[torch.Tensor]) -> None:
    wanted = tensors[0].dtype
    for each in tensors:
        if each.device.type != "cpu" or each.dtype != wanted or wanted not in _layers():
            raise SettingError(
                f"backend native needs float32 or float64, one of them, on cpu; got {each.dtype}"
                f" on {each.device} where the sequence is {wanted}; choose auto"
            )


class _Recurrence(torch.autograd.Function):
    """The way there keeps a tape of every step for the way back, where anything is to learn."""

    @staticmethod
    def forward(ctx: Any, how: _How, *tensors: torch.Tensor | None) -> tuple[Any, ...]:
        given = _Given(*tensors)
        bound = _bound(how, given)
        models, samples, time = given.sequence.shape[:3]
        new = partial(_innermost, given.sequence, -samples % bound.lanes + samples)
        outputs, hidden = new(models, time, how.cell.hidden), new(models, how.cell.hidden)
        memory = None if given.memory is None else torch.empty_like(hidden)
        tape = given.sequence.new_empty(bound.tape_size if how.taped else 0)
        bound.forward((_at(outputs), _at(hidden), _at(memory), _at(tape)))
        ctx.how = how
        ctx.set_materialize_grads(False)
        ctx.save_for_backward(*given, tape)
        return tuple(_by_sample(each, samples) for each in (outputs, hidden, memory))

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor | None) -> tuple[torch.Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise SettingError("backend native has no second derivatives; choose unrolled")
        *tensors, tape = ctx.saved_tensors
        given = _Given(*tensors)
        bound = _bound(ctx.how, given)
        models, samples, time, features = given.sequence.shape
        new = partial(_innermost, given.sequence, -samples % bound.lanes + samples)
        weights = [torch.empty_like(weight) for weight in given.weights]
        shapes = [(models, time, features), *[(models, ctx.how.cell.hidden)] * 2]
        needed = [ctx.needs_input_grad[1 + place] for place in BY_SAMPLE]
        made = [new(*shape) if need else None for need, shape in zip(needed, shapes, strict=True)]
        views = (_view(each, axes) for each, axes in zip(gradients, (4, 3, 3), strict=True))
        bound.backward(_at(tape), *views, tuple(map(_at, [*weights, *made])))
        sequence, *state = (_by_sample(each, samples) for each in made)
        return None, sequence, *weights, *state, None


def _bound(how: _How, given: _Given) -> Any:
    """The layer as the kernel takes it: sizes and addresses."""
    cell, rule = how.cell, f"rnn {how.cell.nonlinearity}" if how.cell.kind == "rnn" else how.cell.kind
    return _layers()[given.sequence.dtype](
        how.kernel,
        KINDS[rule],
        (*given.sequence.shape, cell.hidden),
        _view(given.sequence, 4),
        tuple(map(_at, given.weights)),
        _view(given.hidden, 3),
        _view(given.memory, 3),
        _at(given.lengths),
        torch.get_num_threads(),
    )


def _innermost(like: torch.Tensor, samples: int, *shape: int) -> torch.Tensor:
    """As the kernel writes what belongs to samples: they come last, in whole blocks."""
    return like.new_empty(*shape, samples)


def _by_sample(tensor: torch.Tensor | None, samples: int) -> torch.Tensor | None:
    """The same memory with the samples behind the models."""
    return None if tensor is None else tensor[..., :samples].movedim(-1, 1)


def _at(tensor: torch.Tensor | None) -> int:
    return 0 if tensor is None else tensor.data_ptr()


def _view(tensor: torch.Tensor | None, axes: int) -> tuple[int, tuple[int, ...]]:
    return (0, (0,) * axes) if tensor is None else (tensor.data_ptr(), tensor.stride())


def _layers() -> dict[torch.dtype, Any]:
    if _kernel is None:
        raise SettingError(f"backend native is not installed ({_MISSING}); choose auto")
    return {torch.float32: _kernel.Layer32, torch.float64: _kernel.Layer64}

"""How the compiled kernel is called: by addresses, checked here and in `shapes`, not there."""

from contextvars import ContextVar
from typing import Any, NamedTuple

import torch

from forecast.cells.base import FORWARD, Cell, Way
from forecast.errors import SettingError

CONTRACT = 4  # how it is called; binding.cpp says the same of itself

_missing = ""
try:
    import forecast.cells.native._kernel as _kernel

    if getattr(_kernel, "CONTRACT", 1) != CONTRACT:
        _kernel, _missing = None, "compiled for another version of forecast; install it again"
except ImportError as error:
    _kernel, _missing = None, str(error)

KINDS = {"rnn tanh": 0, "rnn relu": 1, "lstm": 2, "gru": 3}
BEST = 0  # kernels are numbered with the best first


# Threads of the kernel, where torch itself is held to fewer.
TEAM: ContextVar[int | None] = ContextVar("TEAM", default=None)


class How(NamedTuple):
    """Which kernel computes which cell, and which way."""

    kernel: int
    cell: Cell
    way: Way = FORWARD


class Given(NamedTuple):
    """The tensors of a layer, in the order in which autograd counts them."""

    sequence: torch.Tensor
    weight_ih: torch.Tensor
    weight_hh: torch.Tensor
    bias_ih: torch.Tensor
    bias_hh: torch.Tensor
    hidden: torch.Tensor | None = None
    memory: torch.Tensor | None = None
    lengths: torch.Tensor | None = None

    @property
    def weights(self) -> tuple[torch.Tensor, ...]:
        return self[1:5]


def available() -> bool:
    """Whether the compiled kernel came with this installation and can be loaded."""
    return _kernel is not None


def describe() -> str:
    """The instruction set in use, or why there is no kernel."""
    return _missing if _kernel is None else _kernel.kernels()[BEST]


def kernels() -> list[str]:
    """The instruction sets that this processor and this installation have, the best first."""
    return [] if _kernel is None else _kernel.kernels()


def check(tensors: list[torch.Tensor]) -> None:
    """Refuse what the kernel cannot read.

    Raises:
        SettingError: no compiled kernel, or tensors that are not float32 or float64 on a processor.
    """
    if _kernel is None:
        raise SettingError(f"backend native is not installed ({_missing}); choose auto")
    wanted = tensors[0].dtype
    for each in tensors:
        if each.dtype != wanted or wanted not in _LAYERS or each.device.type != "cpu":
            raise SettingError(
                f"backend native needs float32 or float64, one of them, on cpu; got {each.dtype}"
                f" on {each.device} where the sequence is {wanted}; choose auto"
            )


def bind(how: How, given: Given) -> Any:
    """The layer as the kernel takes it; weights are contiguous, and all tensors outlive it."""
    return _LAYERS[given.sequence.dtype](
        how.kernel,
        kind_of(how.cell),
        (*given.sequence.shape, how.cell.hidden),
        steps(how, given.sequence),
        addresses(*given.weights),
        view(given.hidden, 3),
        view(given.memory, 3),
        *addresses(given.lengths),
        threads(),
    )


def kind_of(cell: Cell) -> int:
    """The kernel's number for the rule of a cell."""
    return KINDS[f"rnn {cell.nonlinearity}" if cell.kind == "rnn" else cell.kind]


def threads() -> int:
    """How many threads the kernel may use."""
    return TEAM.get() or torch.get_num_threads()


class Needs(NamedTuple):
    """Bytes that the kernel works in while it learns, of each model and of each thread."""

    of_model: int
    of_thread: int


def needs(cell: Cell, samples: int, window: int, outputs: int) -> Needs:
    """What a `Learner` needs beside what it is given, for so many windows of a series.

    A thread's does not depend on the number of samples. Without a kernel nothing is needed.
    """
    if _kernel is None:
        return Needs(0, 0)
    sizes = (samples, window, cell.features, cell.hidden, outputs)
    return Needs(*_kernel.needs(BEST, kind_of(cell), sizes))


def tape(cell: Cell, samples: int, window: int) -> int:
    """Bytes that a layer keeps for its way back, of each model."""
    if _kernel is None:
        return 0
    nowhere = [view(None, axes) for axes in (4, 3, 3)]
    sizes = (1, samples, window, cell.features, cell.hidden)
    kept = _LAYERS[torch.float32](
        BEST, kind_of(cell), sizes, nowhere[0], (0,) * 4, *nowhere[1:], 0, 1
    )
    return torch.float32.itemsize * kept.tape_size


def learner_of(dtype: torch.dtype) -> Any:
    """The kernel's class of learners for numbers of this type, which `check` has passed."""
    return _LEARNERS[dtype]


def addresses(*tensors: torch.Tensor | None) -> tuple[int, ...]:
    """Where tensors lie; 0 is what is not there."""
    return tuple(0 if each is None else each.data_ptr() for each in tensors)


def view(tensor: torch.Tensor | None, axes: int) -> tuple[int, tuple[int, ...]]:
    """Where a tensor lies, and its strides; nothing at all is as good as zeros."""
    return (0, (0,) * axes) if tensor is None else (tensor.data_ptr(), tensor.stride())


def steps(how: How, sequence: torch.Tensor | None) -> tuple[int, tuple[int, ...]]:
    """A sequence as it is read: backwards from its last step on, by a stride below zero."""
    if sequence is None or not how.way.backwards:
        return view(sequence, 4)
    place, (model, sample, step, wide) = view(sequence[:, :, -1:], 4)
    return place, (model, sample, -step, wide)


_LAYERS: dict[torch.dtype, Any] = (
    {} if _kernel is None else {torch.float32: _kernel.Layer32, torch.float64: _kernel.Layer64}
)
_LEARNERS: dict[torch.dtype, Any] = (
    {} if _kernel is None else {torch.float32: _kernel.Learner32, torch.float64: _kernel.Learner64}
)

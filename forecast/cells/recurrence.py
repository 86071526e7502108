"""A whole recurrence from single layers: directions, layers, dropout, lengths and initial state.

This is the one place where layers are put together; a backend knows one layer in one direction.
"""

import math
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Bool, Float, Int

from forecast.cells import fused, native, unrolled
from forecast.cells.base import Backend, Cell, LayerState, LayerWeights, State, Way
from forecast.errors import DataError, SettingError
from forecast.settings import CellKind

Steps = Float[torch.Tensor, "model sample time wide"]
Lengths = Int[torch.Tensor, "model sample"]
Generators = torch.Generator | Sequence[torch.Generator]

BACKENDS: dict[str, Backend] = {
    "fused": fused.layer,
    "unrolled": unrolled.layer,
    **({"native": native.layer} if native.available() else {}),
}

SMALL = 128  # hidden units, up to which the native kernel is far faster than torch's, for any cell
# Up to where it was measured to be no slower: torch is best at the LSTM, and worst at the GRU.
LARGEST: dict[CellKind, int] = {"lstm": 160, "gru": 1024, "rnn": 1024}
# Windows: from no more at once it is the faster for any cell, and from fewer adds in another order.
FEW = 64


def choose(
    backend: str,
    cell: Cell,
    device: torch.device | str,
    models: int,
    dtype: torch.dtype = torch.float32,
    batch: int = 0,
) -> str:
    """The name of the backend that is asked for, be it `auto`.

    On a processor that is our own kernel, where it is installed, for cells up to the `LARGEST` of
    their kind, and for all that learn from a `batch` of few windows; for the others torch's
    kernels, model after model. On a GPU torch's for one model; a stack runs all its models in one
    product a step.

    >>> choose("auto", Cell(kind="lstm", features=5, hidden=10), "cuda", models=8)
    'unrolled'
    """
    if backend != "auto":
        return backend
    ours = cell.hidden <= LARGEST[cell.kind] or 0 < batch <= FEW
    on_processor = torch.device(device).type == "cpu"
    if on_processor and ours and dtype.itemsize >= 4 and native.available():
        return "native"
    return "fused" if models == 1 or on_processor else "unrolled"


def run(  # noqa: PLR0913 - all that a recurrence depends on, in one place
    cell: Cell,
    weights: Mapping[str, Float[torch.Tensor, "model ..."]],
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: State | None = None,
    lengths: Lengths | None = None,
    *,
    backend: str = "auto",
    training: bool = False,
    generator: Generators | None = None,
    every: bool = True,
) -> tuple[Float[torch.Tensor, "model sample _ wide"], State]:
    """Outputs of the last layer at every step (forward, then reverse hidden), and the final state.

    `lengths` counts each sample's valid steps: what comes after them is never read, and its outputs
    are zero. `state` is zero if not given. Dropout acts between layers when `training`, drawing
    from `generator`: one for each model, or one for all of them in turn. Where only the final state
    is wanted, and not `every` step, there are outputs of none, which saves their memory.

    Raises:
        SettingError: an unknown backend, weights of another shape than the cell's, or dropout in
            training without a generator.
        DataError: a sequence, state or lengths that do not fit the cell or each other.

    >>> cell = Cell(kind="lstm", features=5, hidden=10, layers=2, bidirectional=True)
    >>> weights = {name: torch.zeros(3, *shape) for name, shape in cell.shapes.items()}
    >>> outputs, state = run(cell, weights, torch.zeros(3, 100, 7, 5))
    >>> outputs.shape, state.hidden.shape
    (torch.Size([3, 100, 7, 20]), torch.Size([3, 4, 100, 10]))
    """
    _check(cell, weights, sequence, lengths)
    compute = _named(backend, cell, sequence)
    starts, ends = _starts(cell, sequence, state), list[LayerState]()
    if lengths is not None:
        sequence = sequence.where(_valid(sequence, lengths), 0.0)
    for layer in range(cell.layers):
        if layer and training and cell.dropout:
            sequence = _dropped(sequence, cell.dropout, generator)
        outputs, wanted = list[torch.Tensor](), every or layer + 1 < cell.layers
        for reverse in (False, True)[: cell.directions]:
            own, start = _layer_weights(weights, cell.suffixes[len(ends)]), starts[len(ends)]
            turned = lengths if reverse else None
            given = (cell, own, _turned(sequence, turned), start, lengths)
            output, end = compute(*given, Way(reverse and turned is None, wanted))
            outputs.append(_turned(output, turned) if wanted else output)
            ends.append(end)
        sequence = torch.cat(outputs, dim=-1) if cell.bidirectional else outputs[0]
    return sequence, State(*map(_by_layer, _parts(ends)))


def _named(backend: str, cell: Cell, sequence: Steps) -> Backend:
    backend = choose(backend, cell, sequence.device, len(sequence), dtype=sequence.dtype)
    if backend not in BACKENDS:
        legal = ", ".join(["auto", *BACKENDS])
        raise SettingError(f"backend is one of {legal}; got {backend!r}")
    return BACKENDS[backend]


def _layer_weights(weights: Mapping[str, torch.Tensor], suffix: str) -> LayerWeights:
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return LayerWeights(*(weights[f"{name}_{suffix}"] for name in names))


def _starts(cell: Cell, sequence: Steps, state: State | None) -> Sequence[LayerState | None]:
    """The initial state of every layer and direction."""
    if state is None:
        return [None] * len(cell.suffixes)
    shape = (len(sequence), len(cell.suffixes), sequence.shape[1], cell.hidden)
    count = 2 if cell.kind == "lstm" else 1
    parts = [part for part in state if part is not None]
    if [part.shape for part in parts] != [shape] * count:
        needed = "hidden and memory" if count == 2 else "hidden alone"
        came = ", ".join(str(tuple(part.shape)) for part in parts)
        raise DataError(f"state: {cell.kind} needs {needed}, shape {shape} each; got {came}")
    return [LayerState(*own) for own in zip(*(part.unbind(1) for part in parts), strict=True)]


def _parts(states: list[LayerState]) -> list[list[torch.Tensor]]:
    """The hidden states of all layers, and the memories if there are any."""
    memories = [state.memory for state in states if state.memory is not None]
    return [[state.hidden for state in states], *([memories] if memories else [])]


def _by_layer(parts: list[torch.Tensor]) -> torch.Tensor:
    """A part of all layers' states in one; that of a single layer is not copied."""
    return parts[0].unsqueeze(1) if len(parts) == 1 else torch.stack(parts, dim=1)


def _valid(sequence: Steps, lengths: Lengths) -> Bool[torch.Tensor, "model sample time 1"]:
    steps = torch.arange(sequence.shape[2], device=sequence.device)
    return (steps < lengths[..., None])[..., None]


def _turned(sequence: Steps, lengths: Lengths | None) -> Steps:
    """Each sample's valid steps in reverse, the others in place; without lengths nothing moves."""
    if lengths is None:
        return sequence
    steps = torch.arange(sequence.shape[2], device=sequence.device)
    mirrored = lengths[..., None] - 1 - steps
    source = torch.where(mirrored >= 0, mirrored, steps)
    return torch.take_along_dim(sequence, source[..., None], dim=2)


def _dropped(sequence: Steps, share: float, generator: Generators | None) -> Steps:
    """A share of the units set to zero, the others scaled up to keep the mean.

    A model's mask follows from two numbers out of its generator.
    """
    if generator is None:
        raise SettingError(f"dropout {share} draws at random in training; pass a generator")
    if isinstance(generator, torch.Generator):
        generator = [generator] * len(sequence)
    low, high = torch.iinfo(torch.int32).min, torch.iinfo(torch.int32).max
    seeds = [
        torch.randint(low, high, (2,), generator=own, device=own.device, dtype=torch.int32)
        for own in generator
    ]
    kept = _noise(sequence.shape, torch.stack(seeds).to(sequence.device)) >= int(share * 2**31)
    return sequence.where(kept, 0.0) / (1.0 - share)


def _noise(shape: Sequence[int], seeds: Int[torch.Tensor, "model 2"]) -> Int[torch.Tensor, "..."]:
    """Whole numbers from 0 to 2^31 - 1 for every place, each model's drawn by its own seeds.

    Places are counted and their numbers mixed (Wellons 2018, "Prospecting for hash functions"), so
    that one operation draws for all models. Samples come first, so that padding, which other models
    of a stack may ask for, does not move the draws of real samples.
    """
    places = torch.arange(math.prod(shape[1:]), dtype=torch.int32, device=seeds.device)
    mixed = places * (seeds[:, :1] | 1) + seeds[:, 1:]
    for shift, factor in ((16, 0x21F0AAAD), (15, 0xD35A2D97 - 2**32)):
        mixed = mixed.bitwise_xor_((mixed >> shift) & (2 ** (32 - shift) - 1)).mul_(factor)
    return mixed.bitwise_xor_((mixed >> 15) & (2**17 - 1)).view(shape) & (2**31 - 1)


def _check(
    cell: Cell, weights: Mapping[str, torch.Tensor], sequence: Steps, lengths: Lengths | None
) -> None:
    models, samples, time, features = sequence.shape
    if features != cell.features or time < 1:
        raise DataError(
            f"sequence: needs at least 1 step of {cell.features} features;"
            f" got {time} of {features}, in shape {tuple(sequence.shape)}"
        )
    for name, shape in cell.shapes.items():
        came = tuple(weights[name].shape) if name in weights else "none"
        if came != (models, *shape):
            raise SettingError(f"weights: {name} needs shape {(models, *shape)}; got {came}")
    if lengths is None:
        return
    if lengths.shape != (models, samples):
        came = tuple(lengths.shape)
        raise DataError(f"lengths: needs shape {(models, samples)}; got {came}")
    if bool(((lengths < 0) | (lengths > time)).any()):
        worst = int(lengths.min()) if bool((lengths < 0).any()) else int(lengths.max())
        raise DataError(f"lengths: each is from 0 to {time}, the steps there are; got {worst}")

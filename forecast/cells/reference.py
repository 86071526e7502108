"""The cells in NumPy, forward and backward through time, straight from their equations: the truth.

Every backend is held to this file, so it shares no code with them and takes no shortcut. A rule is
a pair of functions. Forward, the two products of a step,

    a = W_i x + b_i    (weight_ih, bias_ih)        b = W_h h + b_h    (weight_hh, bias_hh)

become the next state. Backward, the gradient of a loss with respect to the next state becomes that
with respect to a, to b, and to the old state where it acts past b (Werbos 1990). A state is a
tuple: (h,), or (h, c) for the LSTM. `d_x` reads: the gradient of the loss with respect to x.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from forecast.cells.base import Cell

NAMES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")

Array = Shaped[np.ndarray, "..."]
Arrays = tuple[Array, ...]
State = tuple[Float[np.ndarray, "model sample hidden"], ...]
States = tuple[Float[np.ndarray, "model layer sample hidden"], ...]
Weights = Mapping[str, Float[np.ndarray, "model ..."]]


class Rule(NamedTuple):
    """One step of a cell and its way back; `kept` is what the way back asks of the step."""

    forward: Callable[[Array, Array, Arrays], tuple[Arrays, Arrays]]  # a, b, state -> next, kept
    backward: Callable[[Arrays, Arrays, Arrays], tuple[Array, Array, Arrays]]  # d_next, state, kept


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), in the form that cannot overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def rnn_tanh(a: Array, b: Array, _: Arrays) -> tuple[Arrays, Arrays]:
    """The simple recurrent network (Elman 1990): h' = tanh(a + b)."""
    h = np.tanh(a + b)
    return (h,), (h,)


def rnn_tanh_back(d_next: Arrays, _: Arrays, kept: Arrays) -> tuple[Array, Array, Arrays]:
    """The slope of tanh is 1 - tanh^2."""
    (d_h,), (h,) = d_next, kept
    d_sum = d_h * (1 - h**2)
    return d_sum, d_sum, (np.zeros_like(h),)


def rnn_relu(a: Array, b: Array, _: Arrays) -> tuple[Arrays, Arrays]:
    """The same with h' = max(a + b, 0)."""
    h = np.maximum(a + b, 0)
    return (h,), (h,)


def rnn_relu_back(d_next: Arrays, _: Arrays, kept: Arrays) -> tuple[Array, Array, Arrays]:
    """The slope is 1 above zero, else 0."""
    (d_h,), (h,) = d_next, kept
    d_sum = d_h * (h > 0)
    return d_sum, d_sum, (np.zeros_like(h),)


def lstm(a: Array, b: Array, state: Arrays) -> tuple[Arrays, Arrays]:
    """Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000).

    c' = f c + i g and h' = o tanh(c'), with i, f, o = sigmoid and g = tanh of their part of a + b.
    """
    _, c = state
    i, f, g, o = np.split(a + b, 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * c + i * g
    return (o * np.tanh(c), c), (i, f, g, o, np.tanh(c))


def lstm_back(d_next: Arrays, state: Arrays, kept: Arrays) -> tuple[Array, Array, Arrays]:
    """The memory's gradient comes from the step after it and from what of it shows in h'."""
    (d_h, d_c), (h, c), (i, f, g, o, shown) = d_next, state, kept
    d_c = d_c + d_h * o * (1 - shown**2)
    d_i, d_f, d_g, d_o = d_c * g, d_c * c, d_c * i, d_h * shown
    slopes = i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)
    parts = [d * slope for d, slope in zip((d_i, d_f, d_g, d_o), slopes, strict=True)]
    d_sum = np.concatenate(parts, axis=-1)
    return d_sum, d_sum, (np.zeros_like(h), d_c * f)


def gru(a: Array, b: Array, state: Arrays) -> tuple[Arrays, Arrays]:
    """The gated recurrent unit (Cho et al. 2014), the reset applied after the hidden product.

    h' = (1 - z) n + z h, with r, z = sigmoid of their parts of a + b, and n = tanh(a_n + r b_n).
    """
    (h,) = state
    (a_r, a_z, a_n), (b_r, b_z, b_n) = np.split(a, 3, axis=-1), np.split(b, 3, axis=-1)
    r, z = sigmoid(a_r + b_r), sigmoid(a_z + b_z)
    n = np.tanh(a_n + r * b_n)
    return ((1 - z) * n + z * h,), (r, z, n, b_n)


def gru_back(d_next: Arrays, state: Arrays, kept: Arrays) -> tuple[Array, Array, Arrays]:
    """The reset stands between b_n and n, so a_n and b_n have different gradients."""
    (d_h,), (h,), (r, z, n, b_n) = d_next, state, kept
    d_z = d_h * (h - n) * z * (1 - z)
    d_n = d_h * (1 - z) * (1 - n**2)
    d_r = d_n * b_n * r * (1 - r)
    d_a = np.concatenate([d_r, d_z, d_n], axis=-1)
    d_b = np.concatenate([d_r, d_z, d_n * r], axis=-1)
    return d_a, d_b, (d_h * z,)


RULES = {
    "rnn tanh": Rule(rnn_tanh, rnn_tanh_back),
    "rnn relu": Rule(rnn_relu, rnn_relu_back),
    "lstm": Rule(lstm, lstm_back),
    "gru": Rule(gru, gru_back),
}


class Step(NamedTuple):
    """One step as it was taken: where, by which samples, from what."""

    time: int
    valid: Bool[np.ndarray, "model sample 1"]
    x: Float[np.ndarray, "model sample feature"]
    state: State
    kept: Arrays


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """One layer in one direction, walked through: its hidden state at every time, and its end."""

    weights: Arrays  # W_i, W_h, b_i, b_h
    steps: list[Step]
    outputs: Float[np.ndarray, "model sample time hidden"]
    end: State


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """A whole recurrence, walked through: `paths` in the state's order, layer by layer."""

    cell: Cell
    paths: list[Path]
    outputs: Float[np.ndarray, "model sample time wide"]
    state: States


class Gradients(NamedTuple):
    """Gradients of a loss with respect to all that a recurrence was given."""

    weights: dict[str, Float[np.ndarray, "model ..."]]
    sequence: Float[np.ndarray, "model sample time feature"]
    state: States


def run(
    cell: Cell,
    weights: Weights,
    sequence: Float[np.ndarray, "model sample time feature"],
    state: States | None = None,
    lengths: Int[np.ndarray, "model sample"] | None = None,
) -> Trace:
    """Every state of a recurrence, in the precision of its sequence; shapes as `recurrence.run`.

    >>> cell = Cell(kind="rnn", features=1, hidden=1)
    >>> one = {name: np.ones((1, *shape)) for name, shape in cell.shapes.items()}
    >>> run(cell, one, np.zeros((1, 1, 2, 1))).outputs.round(4).tolist()  # tanh(2), tanh(2 + 0.964)
    [[[[0.964], [0.9947]]]]
    """
    models, samples, time = map(int, sequence.shape[:3])
    if state is None:
        zero = np.zeros((models, len(cell.suffixes), samples, cell.hidden), sequence.dtype)
        state = (zero, zero) if cell.kind == "lstm" else (zero,)
    if lengths is None:
        lengths = np.full((models, samples), time)
    valid = (np.arange(time) < lengths[..., None])[..., None]
    layer_input, paths = np.where(valid, sequence, 0), list[Path]()
    for place, suffix in enumerate(cell.suffixes):
        own = tuple(weights[f"{name}_{suffix}"] for name in NAMES)
        start = tuple(part[:, place] for part in state)
        reverse = place % cell.directions == 1
        paths.append(_walk(_rule(cell), own, layer_input, start, valid, reverse=reverse))
        if len(paths) % cell.directions == 0:
            layer_input = np.concatenate([p.outputs for p in paths[-cell.directions :]], axis=-1)
    ends = zip(*(path.end for path in paths), strict=True)
    return Trace(cell, paths, layer_input, tuple(np.stack(parts, axis=1) for parts in ends))


def gradients(
    trace: Trace,
    d_outputs: Float[np.ndarray, "model sample time wide"],
    d_state: States | None = None,
) -> Gradients:
    """Back through a recurrence, given the gradients of its outputs and of its final state."""
    cell, weights = trace.cell, dict[str, Array]()
    if d_state is None:
        d_state = tuple(np.zeros_like(part) for part in trace.state)
    d_starts: list[Arrays] = []
    for layer in reversed(range(cell.layers)):
        first = layer * cell.directions
        d_inputs: list[Array] = []
        for place in reversed(range(first, first + cell.directions)):
            mine = slice((place - first) * cell.hidden, (place - first + 1) * cell.hidden)
            d_end = tuple(part[:, place] for part in d_state)
            d_own, d_input, d_start = _walk_back(
                _rule(cell), trace.paths[place], d_outputs[..., mine], d_end
            )
            names = (f"{name}_{cell.suffixes[place]}" for name in NAMES)
            weights.update(zip(names, d_own, strict=True))
            d_inputs.append(d_input)
            d_starts.insert(0, d_start)
        d_outputs = np.add.reduce(d_inputs)
    in_order = {name: weights[name] for name in cell.shapes}
    columns = zip(*d_starts, strict=True)
    return Gradients(in_order, d_outputs, tuple(np.stack(parts, axis=1) for parts in columns))


def _rule(cell: Cell) -> Rule:
    return RULES[f"rnn {cell.nonlinearity}" if cell.kind == "rnn" else cell.kind]


def _walk(
    rule: Rule,
    weights: Arrays,
    sequence: Float[np.ndarray, "model sample time feature"],
    state: Arrays,
    valid: Bool[np.ndarray, "model sample time 1"],
    *,
    reverse: bool,
) -> Path:
    """One layer in one direction. A sample rests where it is at the steps that it does not have.

    So nothing needs turning round: a reverse walk rests until it meets a sample's last valid step.
    """
    W_i, W_h, b_i, b_h = weights
    steps = list[Step]()
    outputs = np.zeros((*sequence.shape[:3], W_h.shape[-1]), sequence.dtype)
    times = range(sequence.shape[2])
    for time in reversed(times) if reverse else times:
        x, here = sequence[:, :, time], valid[:, :, time]
        a = x @ W_i.mT + b_i[:, None]
        b = state[0] @ W_h.mT + b_h[:, None]
        after, kept = rule.forward(a, b, state)
        steps.append(Step(time, here, x, state, kept))
        outputs[:, :, time] = np.where(here, after[0], 0)
        state = tuple(np.where(here, new, old) for new, old in zip(after, state, strict=True))
    return Path(weights, steps, outputs, state)


def _walk_back(
    rule: Rule, path: Path, d_outputs: Array, d_state: Arrays
) -> tuple[Arrays, Array, Arrays]:
    """Gradients of one layer in one direction: of its weights, its sequence, its first state."""
    W_i, W_h, _, _ = path.weights
    d_weights = tuple(np.zeros_like(weight) for weight in path.weights)
    d_sequence = np.zeros((*d_outputs.shape[:3], W_i.shape[-1]), d_outputs.dtype)
    for time, valid, x, state, kept in reversed(path.steps):
        d_next = (d_state[0] + d_outputs[:, :, time], *d_state[1:])
        d_next = tuple(np.where(valid, d, 0) for d in d_next)
        d_a, d_b, (d_h, *d_c) = rule.backward(d_next, state, kept)
        of_step = (d_a.mT @ x, d_b.mT @ state[0], d_a.sum(axis=1), d_b.sum(axis=1))
        d_weights = tuple(map(np.add, d_weights, of_step))
        d_sequence[:, :, time] = d_a @ W_i
        before = (d_h + d_b @ W_h, *d_c)
        d_state = tuple(np.where(valid, d, rest) for d, rest in zip(before, d_state, strict=True))
    return d_weights, d_sequence, d_state

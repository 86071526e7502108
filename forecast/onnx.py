"""A learned network as an ONNX model, for any runtime that reads one (extra `onnx`).

The recurrences become ONNX's own LSTM, GRU and RNN operators; the number of samples stays free.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from forecast.cells import Cell
from forecast.data.files import write_whole
from forecast.errors import SettingError
from forecast.extras import extra
from forecast.features.inputs import FittedInputs
from forecast.forecasters.recurrent import FittedRecurrent
from forecast.texts.model import TextModel

OPSET = 17
# Where ONNX's gates lie among torch's: LSTM i o f c of i f g o; GRU z r h of r z n.
GATES = {"rnn": [0], "lstm": [0, 3, 1, 2], "gru": [1, 0, 2]}


def _library(name: str) -> Any:
    return extra(name, "onnx is not installed; pip install 'forecast[onnx]'")


@dataclass
class Graph:
    """Nodes in the order in which they are computed; each is named by its number."""

    nodes: list[Any] = field(default_factory=list[Any])
    constants: list[Any] = field(default_factory=list[Any])

    def constant(self, values: Any) -> str:
        """The name of a constant: whole numbers as int64, others as float32."""
        array = np.asarray(values)
        array = array.astype("int64" if array.dtype.kind == "i" else "float32")
        name = f"constant{len(self.constants)}"
        self.constants.append(_library("onnx.numpy_helper").from_array(array, name))
        return self.constants[-1].name

    def node(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        """The names of a node's outputs."""
        names = [f"{kind.lower()}{len(self.nodes)}_{at}" for at in range(outputs)]
        self.add(kind, inputs, names, attributes)
        return names

    def add(
        self,
        kind: str,
        inputs: Sequence[str],
        outputs: Sequence[str],
        attributes: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """A node whose outputs have names of their own."""
        made = _library("onnx.helper").make_node(kind, list(inputs), list(outputs), **attributes)
        self.nodes.append(made)


def save(path: Path | str, model: FittedRecurrent | TextModel) -> None:
    """Write a model as `price_model` or `text_model` makes it.

    Raises:
        SettingError: the extra `onnx` is not installed, or the model is one of volatility.
        OutputError: the file cannot be written.
    """
    made = text_model(model) if isinstance(model, TextModel) else price_model(model)
    write_whole(Path(path), made.SerializeToString(deterministic=True))


def text_model(model: TextModel) -> Any:
    """An `onnx.ModelProto`: tokens and a state in, scores of what comes next and the new state out.

    Input `tokens` is (sample, time), places in the metadata's `vocabulary` (JSON). `hidden` and, of
    an LSTM, `memory` are (layer, sample, hidden), zeros at the start. Outputs are `scores` (sample,
    time, token), log probabilities but for a constant, and `hidden_after`, `memory_after`.
    """
    graph, cell, weights = Graph(), model.cell, model.weights
    table = weights.get("embedding_weight", np.eye(cell.features))
    entering = graph.node("Gather", graph.constant(table), "tokens")
    sequence = graph.node("Transpose", *entering, perm=[1, 0, 2])[0]
    names = ["hidden", "memory"] if cell.kind == "lstm" else ["hidden"]
    parts = [graph.node("Split", name, outputs=cell.layers, axis=0) for name in names]
    read, after = recurrence(graph, cell, weights, sequence, list(zip(*parts, strict=True)))
    scored = graph.node("MatMul", read, graph.constant(weights["head_weight"].T))
    scored = graph.node("Add", *scored, graph.constant(weights["head_bias"]))
    graph.add("Transpose", scored, ["scores"], {"perm": [1, 0, 2]})
    for at, name in enumerate(names):
        own = after[at * cell.layers : (at + 1) * cell.layers]
        graph.add("Concat", own, [f"{name}_after"], {"axis": 0})
    state = [cell.layers, "sample", cell.hidden]
    return _model(
        graph,
        {"tokens": ["sample", "time"], **dict.fromkeys(names, state)},
        {
            "scores": ["sample", "time", len(model.vocabulary)],
            **{f"{name}_after": state for name in names},
        },
        {"vocabulary": json.dumps(model.vocabulary.names)},
    )


def price_model(fitted: FittedRecurrent) -> Any:
    """An `onnx.ModelProto`: windows of a history's columns in, closes or log changes out.

    Input `windows` is (sample, time, feature), unscaled, as `forecast.features.inputs.columns`
    makes them, features in the order of the metadata's `features`. Output is (sample, horizon):
    `change`, the log changes from the last close, or `close` where inputs are levels.
    """
    graph, inputs = Graph(), fitted.inputs
    if not isinstance(inputs, FittedInputs):
        raise SettingError("onnx holds models of closes; got one of volatility")
    # scale(x) = factor x + offset, whatever the bounds are.
    offset = inputs.scaling.scale(np.zeros((1, len(inputs.names))))[0]
    scaled = graph.node("Mul", "windows", graph.constant(inputs.scaling.factor))
    scaled = graph.node("Add", *scaled, graph.constant(offset))
    sequence = graph.node("Transpose", *scaled, perm=[1, 0, 2])[0]
    cell = fitted.settings.networks(len(inputs.names), 1, inputs.horizon).cell
    members = [
        _answer(graph, cell, {name: each[seed] for name, each in fitted.weights.items()}, sequence)
        for seed in range(len(fitted.weights["head_bias"]))
    ]
    mean = graph.node("Mean", *members)
    levels = inputs.settings.inputs == "level"
    growth = np.ones(inputs.horizon) if levels else inputs.growth
    output = graph.node("Mul", *mean, graph.constant(fitted.share * inputs.spread * growth))
    name = "close" if levels else "change"
    graph.add("Add", [*output, graph.constant(inputs.shifts * growth)], [name])
    window = ["sample", inputs.settings.window, len(inputs.names)]
    about = {"features": ",".join(inputs.names), "inputs": inputs.settings.inputs}
    return _model(graph, {"windows": window}, {name: ["sample", inputs.horizon]}, about)


def _answer(graph: Graph, cell: Cell, weights: Mapping[str, np.ndarray], sequence: str) -> str:
    state = recurrence(graph, cell, weights, sequence)[1][cell.layers - 1]
    read = graph.node("Transpose", state, perm=[1, 0, 2])
    read = graph.node("Flatten", *read, axis=1)
    head = (graph.constant(weights["head_weight"]), graph.constant(weights["head_bias"]))
    return graph.node("Gemm", *read, *head, transB=1)[0]


def recurrence(
    graph: Graph,
    cell: Cell,
    weights: Mapping[str, np.ndarray],
    sequence: str,
    states: Sequence[Sequence[str]] = (),
) -> tuple[str, list[str]]:
    """Outputs (time, sample, direction * hidden) and each layer's last hidden state.

    `sequence` is (time, sample, feature). `states` gives each layer's first hidden, and for an
    LSTM memory, each (direction, sample, hidden); zeros where none are given. The last memories
    follow the last hidden states.
    """
    hidden, memory = list[str](), list[str]()
    for layer in range(cell.layers):
        first = ["", *states[layer]] if states else []
        outputs = graph.node(
            cell.kind.upper(),
            sequence,
            *_layer(graph, cell, weights, layer),
            *first,
            outputs=3 if cell.kind == "lstm" else 2,
            **_attributes(cell),
        )
        hidden.append(outputs[1])
        memory.extend(outputs[2:])
        beside = graph.node("Transpose", outputs[0], perm=[0, 2, 1, 3])
        sequence = graph.node("Reshape", *beside, graph.constant([0, 0, -1]))[0]
    return sequence, hidden + memory


def _attributes(cell: Cell) -> dict[str, Any]:
    told: dict[str, Any] = {"hidden_size": cell.hidden}
    if cell.bidirectional:
        told["direction"] = "bidirectional"
    if cell.kind == "gru":
        told["linear_before_reset"] = 1
    if cell.kind == "rnn":
        told["activations"] = [cell.nonlinearity.capitalize()] * cell.directions
    return told


def _layer(
    graph: Graph, cell: Cell, weights: Mapping[str, np.ndarray], layer: int
) -> tuple[str, str, str]:
    """ONNX's W, R and B: gates in its own order, directions stacked, both biases in one row."""
    ends = ("", "_reverse")[: cell.directions]

    def gates(name: str, end: str) -> np.ndarray:
        rows = np.split(weights[f"{name}_l{layer}{end}"], len(GATES[cell.kind]))
        return np.concatenate([rows[gate] for gate in GATES[cell.kind]])

    biases = [np.concatenate([gates(f"bias_{kind}", end) for kind in ("ih", "hh")]) for end in ends]
    products = [np.stack([gates(f"weight_{kind}", end) for end in ends]) for kind in ("ih", "hh")]
    w, r, b = (graph.constant(each) for each in (*products, np.stack(biases)))
    return w, r, b


def _model(
    graph: Graph,
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
    about: Mapping[str, str],
) -> Any:
    onnx, helper = _library("onnx"), _library("onnx.helper")
    kinds = {"tokens": onnx.TensorProto.INT64}
    ends = [
        [
            helper.make_tensor_value_info(name, kinds.get(name, onnx.TensorProto.FLOAT), shape)
            for name, shape in of
        ]
        for of in (inputs.items(), outputs.items())
    ]
    whole = helper.make_graph(graph.nodes, "forecast", *ends, initializer=graph.constants)
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    helper.set_model_props(model, dict(about))
    onnx.checker.check_model(model)
    return model

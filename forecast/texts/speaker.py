"""One text, token by token, in NumPy: what a model says next, without torch's cost per step.

Everything that a hidden state feeds, its own layer's next step and the layer above or the head, is
one product of a matrix and a vector; what a token feeds is a row of a table. Its slow twin is
`models.language`, which a test holds it to.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from forecast.cells import Cell

Vector = Float[np.ndarray, " wide"]


class Speaker:
    """Mutable: it has read so many tokens, and knows the scores of what comes next."""

    def __init__(self, cell: Cell, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """Begin before the first token, with the weights of one model."""
        self.cell = cell
        self.step = {"rnn": self._rnn, "lstm": self._lstm, "gru": self._gru}[cell.kind]
        table = weights.get("embedding_weight")
        entering = weights["weight_ih_l0"].T
        rows = entering if table is None else table @ entering
        self.table = np.ascontiguousarray(rows + weights["bias_ih_l0"], dtype=np.float32)
        self.feeds, self.biases = list[np.ndarray](), list[np.ndarray]()
        for layer in range(cell.layers):
            above = layer + 1 < cell.layers
            up = f"weight_ih_l{layer + 1}", f"bias_ih_l{layer + 1}"
            matrix, bias = up if above else ("head_weight", "head_bias")
            own = weights[f"weight_hh_l{layer}"], weights[f"bias_hh_l{layer}"]
            self.feeds.append(np.concatenate([own[0], weights[matrix]]).astype(np.float32))
            self.biases.append(np.concatenate([own[1], weights[bias]]).astype(np.float32))
        self.gates = len(weights["weight_hh_l0"])
        self.hidden = np.zeros((cell.layers, cell.hidden), np.float32)
        self.memory = np.zeros((cell.layers, cell.hidden), np.float32)
        self.fed = [bias.copy() for bias in self.biases]

    def read(self, token: int) -> Float[np.ndarray, " token"]:
        """Read one token; the scores of every token to come next, in memory that is used again."""
        entering = self.table[token]
        for layer, (feed, bias, fed) in enumerate(
            zip(self.feeds, self.biases, self.fed, strict=True)
        ):
            hidden = self.hidden[layer]
            self.step(entering, fed[: self.gates], hidden, self.memory[layer])
            np.add(np.dot(feed, hidden, out=fed), bias, out=fed)
            entering = fed[self.gates :]
        return entering

    def _rnn(self, a: Vector, b: Vector, h: Vector, _: Vector) -> None:
        np.add(a, b, out=h)
        if self.cell.nonlinearity == "relu":
            np.maximum(h, 0, out=h)
        else:
            np.tanh(h, out=h)

    def _lstm(self, a: Vector, b: Vector, h: Vector, c: Vector) -> None:
        gates = a + b
        size = len(h)
        g = np.tanh(gates[2 * size : 3 * size])
        i, f, _, o = _sigmoid(gates).reshape(4, size)
        c *= f
        c += i * g
        np.multiply(o, np.tanh(c), out=h)

    def _gru(self, a: Vector, b: Vector, h: Vector, _: Vector) -> None:
        size = len(h)
        r, z = _sigmoid(a[: 2 * size] + b[: 2 * size]).reshape(2, size)
        n = np.tanh(a[2 * size :] + r * b[2 * size :])
        h -= n
        h *= z
        h += n


def _sigmoid(x: Vector) -> Vector:
    """By the hyperbolic tangent, which cannot overflow; it writes over what it is given."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
    return x

"""One text, token by token, in NumPy: what a model says next, without torch's cost per step.

Everything that a hidden state feeds, its own layer's next step and the layer above or the head, is
one product of a matrix and a vector; what a token feeds is a row of a table. A sigmoid is computed
as 0.5 + 0.5 tanh(x / 2): the halves of x are in the weights already, and the gates that need them
stand together. The slow twin of all this is `models.language`, which a test holds it to.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float

from forecast.cells import Cell

Vector = Float[np.ndarray, " wide"]
Hidden = Float[np.ndarray, " hidden"]


class Speaker:
    """Mutable: it has read so many tokens, and knows the scores of what comes next."""

    @np.errstate(over="ignore", invalid="ignore")  # of weights too large, whoever draws tells
    def __init__(self, cell: Cell, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """Begin before the first token, with the weights of one model."""
        self.step = {"rnn": self._rnn, "lstm": self._lstm, "gru": self._gru}[cell.kind]
        self.bent = np.tanh if cell.nonlinearity == "tanh" else _relu
        gates = {name: _arranged(cell, each) for name, each in weights.items() if "_l" in name}
        given = gates["weight_ih_l0"].T
        rows = weights["embedding_weight"] @ given if "embedding_weight" in weights else given
        self.table = np.ascontiguousarray(rows + gates["bias_ih_l0"], dtype=np.float32)
        gates |= {f"weight_ih_l{cell.layers}": weights["head_weight"]}
        gates |= {f"bias_ih_l{cell.layers}": weights["head_bias"]}
        self.feeds, self.biases = (
            [
                np.concatenate([gates[f"{each}_hh_l{at}"], gates[f"{each}_ih_l{at + 1}"]])
                for at in range(cell.layers)
            ]
            for each in ("weight", "bias")
        )
        self.wide, self.size = len(gates["weight_hh_l0"]), cell.hidden
        self.hidden, self.memory = np.zeros((2, cell.layers, cell.hidden), np.float32)
        self.fed = [bias.copy() for bias in self.biases]
        self.gates = np.empty(self.wide, np.float32)
        self.product = np.empty(cell.hidden, np.float32)

    def read(self, token: int) -> Float[np.ndarray, " token"]:
        """Read one token; the scores of every token to come next, in memory that is used again."""
        entering = self.table[token]
        for layer, fed in enumerate(self.fed):
            hidden = self.hidden[layer]
            self.step(entering, fed[: self.wide], hidden, self.memory[layer])
            np.dot(self.feeds[layer], hidden, out=fed)
            np.add(fed, self.biases[layer], out=fed)
            entering = fed[self.wide :]
        return entering

    def _rnn(self, a: Vector, b: Vector, h: Hidden, _: Hidden) -> None:
        np.add(a, b, out=h)
        self.bent(h, out=h)

    def _lstm(self, a: Vector, b: Vector, h: Hidden, c: Hidden) -> None:
        gates, product, size = self.gates, self.product, self.size
        np.add(a, b, out=gates)
        np.tanh(gates, out=gates)
        _as_sigmoid(gates[: 3 * size])
        i, f, o, g = gates.reshape(4, size)
        c *= f
        np.multiply(i, g, out=product)
        c += product
        np.tanh(c, out=product)
        np.multiply(o, product, out=h)

    def _gru(self, a: Vector, b: Vector, h: Hidden, _: Hidden) -> None:
        n, size = self.product, self.size
        gates = self.gates[: 2 * size]
        np.add(a[: 2 * size], b[: 2 * size], out=gates)
        np.tanh(gates, out=gates)
        _as_sigmoid(gates)
        np.multiply(gates[:size], b[2 * size :], out=n)
        n += a[2 * size :]
        np.tanh(n, out=n)
        h -= n
        h *= gates[size:]
        h += n


def _arranged(cell: Cell, rows: Float[np.ndarray, "gates *_"]) -> Float[np.ndarray, "gates *_"]:
    """Rows of a cell's weights with those of sigmoid gates first, and halved: LSTM i f o g."""
    parts = [np.array(each, np.float32) for each in np.split(rows, len(rows) // cell.hidden)]
    if cell.kind == "lstm":
        parts = [parts[at] for at in (0, 1, 3, 2)]
    halves = [0.5 * part for part in parts[:-1]]
    return np.concatenate([*halves, parts[-1]])


def _as_sigmoid(bent: Vector) -> None:
    """From tanh(x / 2) to the sigmoid of x, in place."""
    bent *= 0.5
    bent += 0.5


def _relu(x: Vector, out: Vector) -> None:
    np.maximum(x, 0.0, out=out)

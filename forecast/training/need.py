"""How much memory a model of a stack takes while it learns: never less than it does.

The kernel tells what it keeps and works in. What torch keeps, and what goes from layer to layer,
was measured (tests/training/test_need.py measures it anew). All is in bytes.
"""

import math
from dataclasses import dataclass, replace

from forecast.cells import Cell, native
from forecast.cells.base import GATES
from forecast.settings import CellKind

FLOAT = 4
# Of samples: in double and in single precision, and those of the models that still learn set apart.
HELD = 4
# Of weights: the best so far, gradients, Adam's two moments; at the end all once more, and what is
# handed out.
COPIES = 10
# Numbers that torch keeps of each gate for the way back, and that are there while a layer goes it.
KEPT: dict[CellKind, int] = {"rnn": 2, "lstm": 2, "gru": 5}
PASSING = 4
# Of what a token scores: itself, its logarithm, its gradient.
SCORED = 3
# Memory that was given back lies in pieces, some too small for whoever asks next.
PIECES = 1.2


@dataclass(frozen=True, slots=True)
class Need:
    """What one model needs, from its shape.

    Layers are computed by the kernel, if `kernel`, or by torch. With a `batch` so many samples are
    computed at once. The windows are those of so many `series`.
    """

    cell: Cell
    window: int
    horizon: int
    kernel: bool
    batch: int = 0
    series: int = 1

    def bytes(self, learn: int, judge: int = 0) -> int:
        """Of a model that learns from so many samples, and is judged by so many others.

        >>> Need(Cell(kind="lstm", features=5, hidden=10), 7, 1, kernel=False).bytes(1200, 300)
        11525308
        """
        cell, between = self.cell, (self.series - 1) * (self.window - 1)
        learn, judge = learn + between, judge + between
        at_once = max(min(self.batch or learn, learn), judge)
        numbers = HELD * (learn + judge + self.window) * (cell.features + self.horizon + 1)
        if self.batch:
            numbers += 2 * at_once * self.window * cell.features
        weights = sum(map(math.prod, cell.shapes.values())) + self.horizon * (self._wide + 1)
        return int(PIECES * (FLOAT * (numbers + COPIES * weights) + self._computing(at_once)))

    @property
    def desk(self) -> int:
        """What each thread of the kernel works in, however many models there are."""
        if not self.kernel:
            return 0
        reach = (1, self.window, self.horizon)
        return max(native.needs(each, *reach).of_thread for each in self._layers)

    def _computing(self, samples: int) -> int:
        """While so many samples go there and back."""
        layers, steps = self._layers, FLOAT * samples * self.window
        if not self.kernel:
            gates = GATES[self.cell.kind] * self.cell.hidden
            numbers = KEPT[self.cell.kind] * len(layers) + PASSING
            return steps * (numbers * gates + self._between)
        reach = (samples, self.window, self.horizon)
        shares = max(native.needs(each, *reach).of_model for each in layers)
        if len(layers) == 1:
            return shares  # one call learns, and keeps nothing for its way back
        kept = sum(native.tape(each, samples, self.window) for each in layers)
        return shares + kept + steps * self._between

    @property
    def _between(self) -> int:
        """Numbers from layer to layer at each step: as they come, turned, dropped, and back."""
        cell = self.cell
        turned = 0 if self.kernel else cell.directions - 1  # the kernel itself reads backwards
        deeper = (cell.layers - 1) * (1 + turned + 2 * (cell.dropout > 0))
        return turned * cell.features + (deeper + 2 + 2 * cell.directions) * self._wide

    @property
    def _wide(self) -> int:
        return self.cell.hidden * self.cell.directions

    @property
    def _layers(self) -> list[Cell]:
        """Each layer in each direction, as a cell of its own."""
        shapes = self.cell.shapes.items()
        alone = replace(self.cell, layers=1, bidirectional=False, dropout=0.0)
        return [replace(alone, features=by[1]) for name, by in shapes if "weight_ih" in name]


def of_tokens(cell: Cell, samples: int, steps: int, tokens: int) -> int:
    """What learns from so many samples at once, where each step scores so many tokens.

    >>> of_tokens(Cell(kind="lstm", features=64, hidden=256), 32, 64, 65) // 2**20
    84
    """
    scores = FLOAT * SCORED * samples * steps * tokens
    return Need(cell, steps, 1, kernel=False).bytes(samples) + int(PIECES * scores)

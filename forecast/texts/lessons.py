"""A long row of tokens as batches to learn from, and to be judged by.

Both kinds answer at every step which token is next, and both come from `build_dataset`.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Int

from forecast.features.windows import build_dataset
from forecast.models.language import Reading
from forecast.training.batches import Batch

Tokens = Int[np.ndarray, " token"]
Rows = Int[np.ndarray, "sample time"]


class Windows:
    """Every window of a row of tokens, and the token that is next at each of its steps; views.

    >>> read, following = Windows(np.arange(4), 2).take([1])
    >>> read.tolist(), following.tolist()
    ([[1, 2]], [[2, 3]])
    """

    def __init__(self, tokens: Tokens, window: int) -> None:
        """Raises DataError where there are fewer tokens than a window and its answer need."""
        read, self.after = build_dataset(tokens[:, None], window=window)
        self.read = read[:, :, 0]

    def __len__(self) -> int:
        return len(self.read)

    def take(self, places: Sequence[int] | Int[np.ndarray, " sample"]) -> tuple[Rows, Rows]:
        """The windows at these places, and what followed each of their steps."""
        read, after = self.read[places], self.after[places]
        return read, np.concatenate([read[:, 1:], after], axis=1)


class Shuffled:
    """Every window once in each epoch, each read from the start, in an order of its own."""

    def __init__(self, tokens: Tokens, window: int, batch: int, seed: int, turn: int = 0) -> None:
        """Begin with epoch number `turn`, as if those before it had been read."""
        self.windows, self.batch = Windows(tokens, window), batch
        self.random, self.count = np.random.default_rng(seed), turn * len(self.windows) * window
        for _ in range(turn):
            self._order()

    def __len__(self) -> int:
        return -(-len(self.windows) // self.batch)

    def __iter__(self) -> Iterator[Batch]:
        order = self._order()
        for start in range(0, len(order), self.batch):
            batch = _batch(*self.windows.take(order[start : start + self.batch]), fresh=True)
            self.count += batch.targets.numel()
            yield batch

    def _order(self) -> Int[np.ndarray, " sample"]:
        return self.random.permutation(len(self.windows))


class Streams:
    """Many places of one text, read side by side, each window going on where the last one ended.

    Every row in its turn starts afresh after `AGAIN` windows: a network that never starts from
    nothing while it learns can lose itself when it has to.

    A pass cuts the text into `batch` rows, from a start drawn anew; an epoch is a turn of at most
    `TURN` windows of a pass, so that a long text is judged on the way. `count` tokens were given.
    """

    TURN, AGAIN = 200, 4

    def __init__(self, tokens: Tokens, window: int, batch: int, seed: int, turn: int = 0) -> None:
        """Begin with turn number `turn`, as if those before it had been read."""
        self.tokens, self.window, self.batch, self.seed = tokens, window, batch, seed
        # The first `window` tokens are kept free for the draw of the start.
        self.steps = ((len(tokens) - 1 - window) // batch) // window
        self.turns = -(-self.steps // self.TURN)
        self.turn = turn
        self.count = batch * window * sum(len(self._turn(each)) for each in range(turn))

    def __len__(self) -> int:
        """Batches of this turn."""
        return len(self._turn(self.turn))

    def _turn(self, turn: int) -> range:
        start = turn % self.turns * self.TURN
        return range(start, min(start + self.TURN, self.steps))

    def __iter__(self) -> Iterator[Batch]:
        steps, number = self._turn(self.turn), self.turn // self.turns
        start = int(np.random.default_rng([self.seed, number]).integers(self.window))
        length = self.steps * self.window
        places = start + length * np.arange(self.batch)
        windows = Windows(self.tokens, self.window)
        for step in steps:
            taken = windows.take(places + step * self.window)
            anew = torch.arange(self.batch)[step % self.AGAIN :: self.AGAIN]
            batch = _batch(*taken, fresh=step == steps[0], anew=anew)
            self.count += batch.targets.numel()
            yield batch
        self.turn += 1


class Judge:
    """A text in rows that are read side by side, each after a run-up that does not count."""

    ROWS, PIECE, RUN_UP = 32, 256, 128

    def __init__(self, tokens: Tokens) -> None:
        run_up = min(self.RUN_UP, len(tokens) // self.ROWS)
        length = max(1, -(-(len(tokens) - 1 - run_up) // self.ROWS))
        starts = range(0, len(tokens) - 1 - run_up, length)
        padded = np.concatenate([tokens, np.zeros(length, tokens.dtype)])
        rows = np.stack([padded[start : start + run_up + length + 1] for start in starts])
        place = np.array(starts)[:, None] + np.arange(run_up + length)
        counts = (place < len(tokens) - 1) & (
            (np.arange(run_up + length) >= run_up) | (place < run_up)
        )
        self.rows = _tensor(rows)
        self.weights = torch.from_numpy(counts.astype("float32"))[None]

    def __iter__(self) -> Iterator[Batch]:
        for at in range(0, self.weights.shape[2], self.PIECE):
            piece = self.rows[:, :, at : at + self.PIECE + 1]
            weights = self.weights[:, :, at : at + self.PIECE]
            yield Batch(Reading(piece[:, :, :-1], fresh=at == 0), piece[:, :, 1:], weights)


def _batch(
    read: Rows, following: Rows, *, fresh: bool, anew: Int[torch.Tensor, " some"] | None = None
) -> Batch:
    reading = Reading(_tensor(read), fresh, anew)
    return Batch(reading, _tensor(following), torch.ones(1, *following.shape))


def _tensor(rows: Rows) -> Int[torch.Tensor, "1 sample time"]:
    """The tokens of a stack of one model."""
    return torch.from_numpy(np.ascontiguousarray(rows))[None]

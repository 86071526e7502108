"""How well a model knows a text: the whole of it, in one go from its first token to its last.

The text is cut into rows that are read side by side. Each row has to start from the state in which
the row before it ended, so all are read again from there until no such state changes any more:
the result is that of reading one token after the other, in a few readings instead of as many as
there are rows (waveform relaxation; Lelarasmee, Ruehli & Sangiovanni-Vincentelli 1982).
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int

from forecast.cells import State
from forecast.models.language import LanguageModel, Reading
from forecast.training.losses import cross_entropy

MOST_ROWS, LEAST, PIECE = 64, 512, 256
LARGEST_POWER = 700.0  # of e, in a number
SAME, SAME_HALVED = 1e-5, 2e-2  # bfloat16 tells units of a state apart by a hundredth or so


@dataclass(frozen=True, slots=True)
class Score:
    """What a text cost: its tokens and characters after the first token, and nats in all."""

    tokens: int
    characters: int
    nats: float

    @property
    def per_token(self) -> float:
        """Nats a token."""
        return self.nats / self.tokens

    @property
    def perplexity(self) -> float:
        """Among how many equally likely tokens the model would have been as unsure."""
        return math.exp(self.per_token) if self.per_token < LARGEST_POWER else math.inf

    @property
    def per_character(self) -> float:
        """Nats a character, which compares models of any level."""
        return self.nats / self.characters

    @property
    def bits(self) -> float:
        """Bits a character."""
        return self.per_character / math.log(2)


def by_frequency(
    learned: Int[np.ndarray, " token"], text: Int[np.ndarray, " more"], size: int
) -> float:
    """Nats that a text costs after its first token if each is foretold by its frequency alone.

    Frequencies are those among the `learned` tokens, each of `size` counted once more (Laplace).

    >>> round(by_frequency(np.array([0, 0, 1]), np.array([0, 1]), 2) / math.log(5 / 2), 6)
    1.0
    """
    counts = np.bincount(learned, minlength=size) + 1.0
    return float(-np.log(counts / counts.sum())[text[1:]].sum())


def nats(
    network: LanguageModel, tokens: Int[np.ndarray, " token"], most_rows: int = MOST_ROWS
) -> Float[np.ndarray, " token-1"]:
    """Minus the log probability of every token after the first."""
    count = len(tokens) - 1
    rows = min(most_rows, max(1, count // LEAST))
    length = -(-count // rows)
    padded = np.concatenate([tokens, np.zeros(rows * length - count, tokens.dtype)])
    read, following = (
        torch.from_numpy(each.reshape(1, rows, length)) for each in (padded[:-1], padded[1:])
    )
    network.eval()
    losses, end = _read(network, read, following, None)
    near = SAME_HALVED if network.halved else SAME
    before, start = None, _moved(end)
    for _ in range(rows - 1):
        if before is not None and _same(before, start, near):
            break
        losses, end = _read(network, read, following, start)
        before, start = start, _moved(end)
    return losses.flatten()[:count].numpy().astype("float64")


@torch.no_grad()
def _read(
    network: LanguageModel, read: torch.Tensor, following: torch.Tensor, start: State | None
) -> tuple[torch.Tensor, State]:
    network.carried = start
    losses = list[torch.Tensor]()
    for at in range(0, read.shape[2], PIECE):
        piece = slice(at, at + PIECE)
        fresh = at == 0 and start is None
        scores = network(Reading(read[:, :, piece], fresh))
        losses.append(cross_entropy(scores, following[:, :, piece]))
    assert network.carried is not None
    return torch.cat(losses, dim=2), network.carried


def _moved(end: State) -> State:
    """Each row starts where the one before it ended; the first starts from nothing."""
    parts = [part.roll(1, dims=2) for part in end if part is not None]
    for part in parts:
        part[:, :, 0] = 0.0
    return State(*parts)


def _same(before: State, after: State, near: float) -> bool:
    pairs = zip(before, after, strict=True)
    return all(
        bool((old - new).abs().max() < near)
        for old, new in pairs
        if old is not None and new is not None
    )

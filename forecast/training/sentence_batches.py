"""Batches of sentence pairs: pairs of like length together, so that little is padding."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch.nn.utils.rnn import pad_sequence

from forecast.features.sentences import Encoded
from forecast.models.seq2seq import Lesson
from forecast.training.batches import Batch

LOOSE = 4.0  # tokens by which targets of a batch may differ more, so that batches differ too


class SentenceBatches:
    """Going through it gives every pair once; with a seed, each time in another order.

    Most batches hold sources of one length only, and need no packing at all. All models of a stack
    would learn from the same batches; there is one model. Padding has the number zero. `count`
    target tokens were given.
    """

    def __init__(
        self,
        pairs: Sequence[Encoded],
        size: int,
        seed: int | None = None,
        turn: int = 0,
    ) -> None:
        """Begin with epoch number `turn`, as if those before it had been gone through."""
        self.pairs, self.size, self.count = pairs, size, 0
        self.random = None if seed is None else np.random.default_rng(seed)
        self.lengths = np.array([[len(source), len(target)] for source, target in pairs])
        for _ in range(turn):
            self._parts()

    def __len__(self) -> int:
        return -(-len(self.pairs) // self.size)

    def __iter__(self) -> Iterator[Batch]:
        for part in self._parts():
            rows: list[int] = part.tolist()
            self.count += int(self.lengths[part, 1].sum()) - len(part)
            yield batch([self.pairs[row] for row in rows])

    def _parts(self) -> list[Int[np.ndarray, " pair"]]:
        """The numbers of the pairs in each batch of an epoch."""
        sources, targets = self.lengths.T
        noise = 0.0 if self.random is None else self.random.uniform(0, LOOSE, len(targets))
        order = np.lexsort((targets + noise, sources))
        parts = [order[at : at + self.size] for at in range(0, len(order), self.size)]
        if self.random is not None:
            self.random.shuffle(parts)
        return parts


def batch(pairs: Sequence[Encoded]) -> Batch:
    """These pairs side by side: the target without its end is given, without its start wanted."""
    sources, lengths = padded([source for source, _ in pairs])
    targets, _ = padded([target for _, target in pairs])
    wanted = targets[:, :, 1:]
    return Batch(Lesson(sources, lengths, targets[:, :, :-1]), wanted, (wanted != 0).float())


def padded(
    sentences: Sequence[Int[np.ndarray, " _"]], device: torch.device | str = "cpu"
) -> tuple[Int[torch.Tensor, "1 sample time"], Int[torch.Tensor, "1 sample"] | None]:
    """Sentences of one model, filled up with zeros, and their lengths where these differ."""
    rows = [torch.from_numpy(each) for each in sentences]
    lengths = torch.tensor([[len(each) for each in rows]])
    same = bool((lengths == lengths[0, 0]).all())
    tokens = pad_sequence(rows, batch_first=True)[None].to(device)
    return tokens, None if same else lengths.to(device)

"""Pairs of sentences as numbers: what a translator reads, and what it should write."""

import numpy as np
from jaxtyping import Int

from forecast.data.pairs import Pairs
from forecast.features.vocabulary import END, START, Tokens, Vocabulary

# The two differ in length.
Encoded = tuple[Int[np.ndarray, "_"], Int[np.ndarray, "_"]]


def encode_sentence(vocabulary: Vocabulary, sentence: str) -> Tokens:
    """The sentence, with the mark of its end."""
    return np.append(vocabulary.encode(sentence), vocabulary.place(END))


def encode_pairs(
    pairs: Pairs, vocabularies: tuple[Vocabulary, Vocabulary], longest: int
) -> list[Encoded]:
    """Every pair of which neither sentence has more than `longest` tokens, their marks not counted.

    A source ends with the mark of the end, a target stands between the two marks.
    """
    reads, writes = vocabularies
    start, found = writes.place(START), list[Encoded]()
    for source, target in zip(pairs.sources, pairs.targets, strict=True):
        read, written = encode_sentence(reads, source), encode_sentence(writes, target)
        if max(len(read), len(written)) <= longest + 1:
            found.append((read, np.insert(written, 0, start)))
    return found

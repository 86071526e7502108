import numpy as np
import torch

from forecast.features.sentences import Encoded
from forecast.training.sentence_batches import SentenceBatches, batch


def _pairs(count: int) -> list[Encoded]:
    """Every pair holds its own number, so that it can be found again."""
    random = np.random.default_rng(0)
    made = list[Encoded]()
    for number in range(10, 10 + count):
        read, written = random.integers(1, 9, size=2)
        made.append((np.full(read, number), np.array([2, *np.full(written, number), 3])))
    return made


def test_every_pair_comes_once_and_in_another_order_each_time() -> None:
    batches = SentenceBatches(_pairs(50), 8, seed=0)
    passes = [[each.inputs.sources[0, :, 0].tolist() for each in batches] for _ in range(2)]
    assert len(passes[0]) == len(batches) == 7
    assert passes[0] != passes[1]
    for one in passes:
        assert sorted(number for part in one for number in part) == list(range(10, 60))


def test_without_a_seed_the_order_stays() -> None:
    batches = SentenceBatches(_pairs(20), 8)
    first, second = ([each.targets for each in batches] for _ in range(2))
    assert all(map(torch.equal, first, second))


def test_most_batches_hold_sources_of_one_length() -> None:
    batches = list(SentenceBatches(_pairs(800), 8, seed=0))
    padded = [each for each in batches if each.inputs.lengths is not None]
    assert len(padded) < 0.1 * len(batches)


def test_what_is_wanted_is_what_follows_what_is_given() -> None:
    made = batch([(np.array([5, 6, 3]), np.array([2, 7, 3])), (np.array([3]), np.array([2, 3]))])
    assert made.inputs.sources.tolist() == [[[5, 6, 3], [3, 0, 0]]]
    assert made.inputs.lengths is not None
    assert made.inputs.lengths.tolist() == [[3, 1]]
    assert made.inputs.given.tolist() == [[[2, 7], [2, 3]]]
    assert made.targets.tolist() == [[[7, 3], [3, 0]]]
    assert made.weights.tolist() == [[[1, 1], [1, 0]]]

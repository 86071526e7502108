"""The words that may come next, each with its probability."""

import re
from typing import NamedTuple

import torch

from forecast.cells import State
from forecast.features.vocabulary import Vocabulary
from forecast.models.language import LanguageModel, Reading

WIDTH, LONGEST = 64, 24  # beginnings that are followed at once; tokens of a word at most
_WORD = re.compile(r"\s*([\w'\u2019-]+)(?=[^\w'\u2019-])|\s*([^\w\s'\u2019-])")


class Suggestion(NamedTuple):
    """A word (or the rest of one that was begun, or a sign), and its probability."""

    word: str
    probability: float


@torch.no_grad()
def complete(
    network: LanguageModel, vocabulary: Vocabulary, prompt: str, count: int
) -> list[Suggestion]:
    """The likeliest words after a prompt, the likeliest first.

    Of words longer than a token, the likeliest `WIDTH` beginnings are followed until they end, so
    the probabilities are exact, but a rare word can be missed.
    """
    given = torch.from_numpy(vocabulary.encode(prompt))[None, None]
    network.eval()
    scores = network(Reading(given))[0, :, -1].log_softmax(-1)
    begun, weights = [list[int]()], torch.zeros(1)
    found = dict[str, float]()
    for _ in range(LONGEST):
        state = network.carried
        assert state is not None
        totals = (weights[:, None] + scores).flatten()
        best = totals.topk(min(WIDTH, len(totals)))
        places, tokens = best.indices // len(vocabulary), best.indices % len(vocabulary)
        ahead = [[*begun[int(p)], int(t)] for p, t in zip(places, tokens, strict=True)]
        open_ = list[int]()
        for at, numbers in enumerate(ahead):
            word = _finished(vocabulary, numbers)
            if word is None:
                open_.append(at)
            else:
                found[word] = found.get(word, 0.0) + float(best.values[at].exp())
        if not open_ or _settled(found, float(best.values[open_[0]].exp()), count):
            break
        begun, weights = [ahead[at] for at in open_], best.values[open_]
        chosen = places[open_]
        network.carried = State(*(part[:, :, chosen] for part in state if part is not None))
        reading = Reading(tokens[open_][None, :, None], fresh=False)
        scores = network(reading)[0, :, -1].log_softmax(-1)
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    return [Suggestion(*each) for each in ordered[:count]]


def _finished(vocabulary: Vocabulary, numbers: list[int]) -> str | None:
    """The word that these tokens are, or None while it may go on."""
    if vocabulary.level == "word":
        return vocabulary.decode(numbers).strip() or repr(vocabulary.decode(numbers))[1:-1]
    text = vocabulary.decode(numbers)
    if "\n" in text[:1]:
        return "\\n"
    match = _WORD.match(text)
    return None if match is None else match[1] or match[2]


def _settled(found: dict[str, float], open_: float, count: int) -> bool:
    """Whether enough words are found that are likelier than any still open can become."""
    likely = sorted(found.values(), reverse=True)
    return len(likely) >= count and likely[count - 1] > open_

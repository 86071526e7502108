"""A translator that has learned: sentences in, translations out; saved and read back whole."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from forecast.errors import CheckpointError
from forecast.features.sentences import encode_sentence
from forecast.features.vocabulary import END, PAD, START, UNKNOWN, Tokens, Vocabulary
from forecast.models.search import Marks, Search, search
from forecast.models.seq2seq import Seq2Seq
from forecast.models.translator_shape import TranslatorShape
from forecast.training.checkpoint import FOREIGN, Checkpoint
from forecast.training.sentence_batches import padded

SPECIALS = (PAD, UNKNOWN, START, END)
TOGETHER = 64  # sentences that are searched at once


class Look(NamedTuple):
    """What was looked at while a translation was written: rows are its tokens, and sum to 1."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    shares: Float[np.ndarray, "target source"]


@dataclass(frozen=True, slots=True, eq=False)
class Translator:
    """A network with the vocabularies that it reads and writes."""

    network: Seq2Seq
    reads: Vocabulary
    writes: Vocabulary

    def translate(
        self, sentences: Sequence[str], *, beam: int = 5, longest: int = 100
    ) -> list[str]:
        """Translations in the order of the sentences; one of nothing is nothing.

        `beam` candidates of each are followed, 1 is greedy; none is longer than `longest` tokens.

        Raises:
            DataError: a character that a vocabulary without `<unk>` does not know.
        """
        how, found = Search(width=beam, longest=longest), [""] * len(sentences)
        for places in self._like_long(sentences):
            numbers = [encode_sentence(self.reads, sentences[place]) for place in places]
            sources = padded(numbers, self._device)
            written = search(self.network.eval(), *sources, self._marks, how)[0].cpu()
            for place, row in zip(places, written.unbind(), strict=True):
                tokens = [int(token) for token in row]
                found[place] = self.writes.decode(_until(tokens, self._marks.end))
        return found

    def _like_long(self, sentences: Sequence[str]) -> Iterator[list[int]]:
        """Places of sentences to search together: those of like length, none that is empty."""
        some = [place for place, sentence in enumerate(sentences) if sentence.strip()]
        order = sorted(some, key=lambda place: len(sentences[place]))
        for at in range(0, len(order), TOGETHER):
            yield order[at : at + TOGETHER]

    @property
    def _device(self) -> torch.device:
        return self.network.target_table.device

    @property
    def _marks(self) -> Marks:
        padding, unknown, start, end = map(self.writes.place, SPECIALS)
        return Marks(padding, start, end, unwritten=(unknown,))

    @torch.no_grad()
    def look(self, sentence: str, translation: str) -> Look | None:
        """What is looked at while this translation is written; None without attention."""
        read = encode_sentence(self.reads, sentence)
        written = encode_sentence(self.writes, translation)
        given = np.insert(written[:-1], 0, self.writes.place(START))
        sources, tokens = (padded([each], self._device)[0] for each in (read, given))
        memory, state = self.network.eval().read(sources)
        shares = self.network.write(memory, state, tokens).shares
        if shares is None:
            return None
        told = _shown(self.reads, read), _shown(self.writes, written)
        return Look(*told, shares[0, 0].cpu().numpy())

    def checkpoint(self) -> Checkpoint:
        """Everything that `restore` needs, as arrays and JSON values."""
        weights = {
            name: each.detach().cpu().numpy() for name, each in self.network.named_parameters()
        }
        about = {
            "kind": "translator",
            "shape": asdict(self.network.shape),
            "reads": self.reads.as_json(),
            "writes": self.writes.as_json(),
        }
        return Checkpoint(weights, about)


def restore(saved: Checkpoint) -> Translator:
    """The translator that was saved.

    Raises:
        CheckpointError: another kind of model was saved, or a weight has another shape.
    """
    about = saved.about
    if about.get("kind") != "translator":
        raise CheckpointError(
            f"{saved.place} is no translator but {about.get('kind', 'a price model')!r}; make one"
            " with: forecast translate fit"
        )
    try:
        shape = TranslatorShape(**about["shape"])
        saved.require(shape.shapes)
        network = Seq2Seq(shape, seeds=[0])
        weights = {name: torch.from_numpy(each.copy()) for name, each in saved.weights.items()}
        network.load_state_dict(weights)
        reads, writes = (Vocabulary.from_json(about[side]) for side in ("reads", "writes"))
        sizes = [len(each) for each in (reads, writes) if each.specials == SPECIALS]
        if sizes != [shape.sources, shape.targets]:
            raise ValueError("its vocabularies are not those of its network")
    except FOREIGN as error:
        raise saved.refusal(error) from error
    return Translator(network, reads, writes)


def _shown(vocabulary: Vocabulary, tokens: Tokens) -> tuple[str, ...]:
    """Each token as it looks alone; the last one marks the end."""
    numbers: list[int] = tokens[:-1].tolist()
    names = [vocabulary.names[number] for number in numbers]
    return (*(vocabulary.join([name]).strip() or name for name in names), "(end)")


def _until(tokens: list[int], end: int) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens

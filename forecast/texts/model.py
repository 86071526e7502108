"""A language model that has learned, with its vocabulary: it scores, draws and completes texts."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import torch

from forecast.cells import Cell
from forecast.errors import CheckpointError, DataError
from forecast.features.vocabulary import Vocabulary
from forecast.models.language import LanguageModel
from forecast.text_settings import Sampling, TextNetwork, TextSettings, TextTraining, Tokens
from forecast.texts import completion, scoring
from forecast.texts.completion import Suggestion
from forecast.texts.draws import Draws
from forecast.texts.scoring import Score
from forecast.texts.speaker import Speaker
from forecast.training.checkpoint import FOREIGN, Checkpoint

KIND = "language model"


def cell_of(network: TextNetwork, tokens: int) -> Cell:
    """The cell of a language model; without a width for embeddings it reads tokens one-hot."""
    return Cell(
        kind=network.cell,
        features=network.embedding or tokens,
        hidden=network.hidden,
        layers=network.layers,
        dropout=network.dropout if network.layers > 1 else 0.0,
    )


def shapes_of(network: TextNetwork, tokens: int) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of a language model, without the model axis."""
    shapes = dict(cell_of(network, tokens).shapes)
    shapes |= {"head_weight": (tokens, network.hidden), "head_bias": (tokens,)}
    if network.embedding:
        shapes |= {"embedding_weight": (tokens, network.embedding)}
    return shapes


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TextModel:
    """Weights of one model by name, without the model axis: cell, head and perhaps embedding."""

    vocabulary: Vocabulary
    settings: TextSettings
    weights: Mapping[str, np.ndarray]

    def network(self) -> LanguageModel:
        """The network, for whoever wants to compute with it."""
        seeds = [self.settings.training.seed]
        one_hot = not self.settings.network.embedding
        network = LanguageModel(self.cell, len(self.vocabulary), seeds, one_hot=one_hot)
        network.load_state_dict(
            {name: torch.tensor(each)[None] for name, each in self.weights.items()}
        )
        return network.eval()

    @property
    def cell(self) -> Cell:
        return cell_of(self.settings.network, len(self.vocabulary))

    def score(self, text: str) -> Score:
        """How well the model knows a text, read from its first token to its last.

        Raises:
            DataError: fewer than two tokens, or tokens that the model does not know.
            CheckpointError: the model answers no number.
        """
        tokens = self.vocabulary.encode(text)
        if len(tokens) < 2:
            raise DataError(f"text: {len(tokens)} tokens; a score needs at least 2")
        lost = float(scoring.nats(self.network(), tokens).sum())
        _refuse_no_number(lost)
        first = len(self.vocabulary.decode(tokens[:1]))
        return Score(len(tokens) - 1, len(text) - first, lost)

    def sample(self, prompt: str = "", how: Sampling | None = None) -> Iterator[str]:
        """The text that follows a prompt, piece by piece; without one, a text begins anew.

        Raises:
            DataError: the prompt holds tokens that the model does not know.
            CheckpointError: the model answers no number.
        """
        # A text begins after the end of a line, or else after the most frequent token.
        begin = "\n" if "\n" in self.vocabulary.names else self.vocabulary.tokens[0]
        given = self.vocabulary.encode(prompt) if prompt else [self.vocabulary.place(begin)]
        return speak(Speaker(self.cell, self.weights), self.vocabulary, given, how or Sampling())

    def complete(self, prompt: str, count: int = 5) -> list[Suggestion]:
        """The likeliest next words after a prompt, or ends of the word that it begins.

        Raises:
            DataError: an empty prompt, or one with tokens that the model does not know.
            CheckpointError: the model answers no number.
        """
        if not prompt:
            raise DataError("prompt: is empty; write how the text begins")
        found = completion.complete(self.network(), self.vocabulary, prompt, count)
        _refuse_no_number(sum(each.probability for each in found))
        return found

    def checkpoint(self) -> Checkpoint:
        about = {
            "kind": KIND,
            "vocabulary": self.vocabulary.as_json(),
            "settings": asdict(self.settings),
        }
        return Checkpoint(self.weights, about)


def speak(
    speaker: Speaker, vocabulary: Vocabulary, given: "np.ndarray | list[int]", how: Sampling
) -> Iterator[str]:
    """The text that a speaker draws after the given tokens, piece by piece."""
    draws, scores = Draws(how, len(vocabulary)), np.empty(0)
    with np.errstate(over="ignore", invalid="ignore"):  # it is said below
        for token in given:
            scores = speaker.read(int(token))
    _refuse_no_number(float(scores.sum()))
    run, shown = [int(given[-1])], len(vocabulary.decode(given[-1:]))
    for _ in range(how.length):
        token = draws.draw(scores)
        run.append(token)
        text = vocabulary.decode(run)
        # Half a character of byte pairs waits for its other half.
        if not text.endswith("\ufffd"):
            yield text[shown:]
            run, shown = [token], len(vocabulary.decode([token]))
        scores = speaker.read(token)


def _refuse_no_number(found: float) -> None:
    if not math.isfinite(found):
        raise CheckpointError("the saved model answers no number; make one with: forecast text fit")


def restore(checkpoint: Checkpoint) -> TextModel:
    """The model that was saved.

    Raises:
        CheckpointError: the checkpoint is that of something else, or its shapes do not fit.
    """
    about = checkpoint.about
    if about.get("kind") != KIND:
        raise CheckpointError(
            f"{checkpoint.place} is no {KIND} but {about.get('kind', 'a model of prices')!r};"
            " make one with: forecast text fit"
        )
    try:
        told = about["settings"]
        settings = TextSettings(
            tokens=Tokens(**told["tokens"]),
            network=TextNetwork(**told["network"]),
            training=TextTraining(**told["training"]),
        )
        words = about["vocabulary"]
        tokens = len(words["specials"]) + len(words["tokens"])
        # Before so many tokens are numbered.
        checkpoint.require(shapes_of(settings.network, tokens))
        vocabulary = Vocabulary.from_json(words)
        model = TextModel(vocabulary=vocabulary, settings=settings, weights=checkpoint.weights)
        model.network()
    except FOREIGN as error:
        raise checkpoint.refusal(error) from error
    return model

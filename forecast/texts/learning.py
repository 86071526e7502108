"""From a corpus to a language model: vocabulary, lessons, the one training loop."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from forecast.cells import SMALL
from forecast.data.corpus import Corpus
from forecast.errors import DataError
from forecast.features.vocabulary import UNKNOWN, Vocabulary, learn
from forecast.models.language import LanguageModel
from forecast.text_settings import Sampling, TextSettings, Tokens
from forecast.texts.lessons import Judge, Shuffled, Streams
from forecast.texts.model import TextModel, cell_of, shapes_of, speak
from forecast.texts.speaker import Speaker
from forecast.training.checkpoint import refuse_unreadable
from forecast.training.compute import device_of, halves, threads_of
from forecast.training.course import Course
from forecast.training.followed import Follow, Learning
from forecast.training.loop import Curves, train
from forecast.training.losses import cross_entropy
from forecast.training.memory import refuse_too_large
from forecast.training.need import of_tokens

WORDS = 10_000  # tokens of a vocabulary of words, unless said otherwise
MOST_PASSES = 300  # of a course that goes by the clock
LEAST_JUDGED = 200  # tokens; fewer tell nothing
GLANCE = 200  # tokens of an example
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """A model, the losses on the way to it, and where learning can go on."""

    model: TextModel
    curves: Curves
    judged: float
    count: int


def vocabulary_of(text: str, tokens: Tokens) -> Vocabulary:
    """The vocabulary of a text; it has `<unk>` where a token may be unknown.

    Raises:
        DataError: the text has one distinct token.
    """
    most = tokens.vocabulary or (WORDS if tokens.level == "word" else 0)
    unknown = (UNKNOWN,) if tokens.level == "word" or tokens.least > 1 or most else ()
    found = learn([text], tokens.level, least=tokens.least, most=most, specials=unknown)
    # Byte pairs know every byte, whatever the text holds.
    distinct = min(len(set(text)), len(found.tokens))
    if distinct < 2:
        raise DataError(
            f"corpus: has {distinct} distinct token{'s' * (not distinct)}; there is nothing to"
            " learn below 2; give a longer text, or another --level"
        )
    return found


def parts(text: str, share: float) -> tuple[str, str]:
    """The first part of a text, to learn from, and the last share, to judge by.

    >>> parts("abcdefghij", 0.2)
    ('abcdefgh', 'ij')
    """
    cut = len(text) - int(share * len(text))
    return text[:cut], text[cut:]


def fit(corpus: Corpus, settings: TextSettings, how: Learning | None = None) -> Learned:
    """A language model of a corpus, its best weights by the part held back.

    Raises:
        DataError: the corpus is shorter than a window, or has one distinct token.
        SettingError: a model of so many weights could not be read back.
        TrainingError: learning diverged, or does not fit into memory.
    """
    how, training = how or Learning(), settings.training
    early, late = parts(corpus.text, training.validation)
    known = corpus.text if settings.tokens.level == "char" else early
    vocabulary = vocabulary_of(known, settings.tokens)
    tokens, held = vocabulary.encode(early), vocabulary.encode(late)
    if len(tokens) <= training.window:
        raise DataError(
            f"corpus: {len(tokens)} tokens to learn from; a window of {training.window} and its"
            f" answer need {training.window + 1}; choose a smaller --window or a longer corpus"
        )
    _log.info("learning from %d tokens, %d of them distinct", len(tokens), len(vocabulary))
    refuse_unreadable(shapes_of(settings.network, len(vocabulary)).values())
    cell = cell_of(settings.network, len(vocabulary))
    at_once = min(training.batch, len(tokens) - training.window)
    refuse_too_large(of_tokens(cell, at_once, training.window, len(vocabulary)), how.compute)
    device = device_of(how.compute)
    network = LanguageModel(
        cell,
        len(vocabulary),
        [training.seed],
        backend=how.compute.backend,
        one_hot=not settings.network.embedding,
        dropout=settings.network.dropout,
        halved=settings.network.hidden > SMALL and halves(device),
    ).to(device)
    lessons = lessons_of(tokens, settings, 0 if how.start is None else how.start.epoch)
    judge = Judge(held) if len(held) >= LEAST_JUDGED else None
    follow = Follow(how, lessons, lambda _: _sample(network, vocabulary))
    course = _course(settings, lessons, follow, how)
    threads = threads_of(how.compute, small=settings.network.hidden <= SMALL)
    with threads, how.stopping() as stop:
        curves = train(network, lessons, judge, replace(course, stop=stop), loss=cross_entropy)
    model = TextModel(vocabulary=vocabulary, settings=settings, weights=weights_of(network))
    best = float(curves.validation[0, curves.best[0]]) if judge else np.nan
    return Learned(model, curves, best, lessons.count)


def lessons_of(tokens: "np.ndarray", settings: TextSettings, turn: int) -> Streams | Shuffled:
    """Streams of a long text; of a short one, which they would cut into too little, all windows."""
    training = settings.training
    if len(tokens) >= (training.batch + 1) * (training.window + 1):
        return Streams(tokens, training.window, training.batch, training.seed, turn)
    return Shuffled(tokens, training.window, training.batch, training.seed, turn)


def weights_of(network: LanguageModel) -> Mapping[str, np.ndarray]:
    """The weights of a stack of one, without its model axis."""
    return {
        name: each.detach().cpu().numpy()[0].copy() for name, each in network.named_parameters()
    }


def _course(
    settings: TextSettings, lessons: Streams | Shuffled, follow: Follow, how: Learning
) -> Course:
    training = settings.training
    turns = lessons.turns if isinstance(lessons, Streams) else 1
    return Course(
        epochs=(training.epochs or MOST_PASSES) * turns,
        minutes=0.0 if training.epochs else training.minutes,
        learning_rate=training.learning_rate,
        clip=training.clip,
        patience=training.patience,
        warmup=0.02,
        floor=0.02,
        start=how.start,
        keep=how.keep,
        watch=follow,
    )


def _sample(network: LanguageModel, vocabulary: Vocabulary) -> str:
    """What the newest weights would write now, after the most frequent token."""
    speaker = Speaker(network.cell, weights_of(network))
    return "".join(speak(speaker, vocabulary, [0], Sampling(length=GLANCE)))

"""From pairs of sentences to a translator that has learned from them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from jaxtyping import Int

from forecast.data.pairs import Pairs
from forecast.errors import DataError
from forecast.features.sentences import Encoded, encode_pairs
from forecast.features.vocabulary import Vocabulary, learn
from forecast.models.seq2seq import Seq2Seq
from forecast.models.translator_shape import TranslatorShape
from forecast.settings import Compute
from forecast.training.checkpoint import refuse_unreadable
from forecast.training.compute import device_of, halves, threads_of
from forecast.training.course import Course
from forecast.training.followed import Follow, Learning
from forecast.training.loop import Curves, train
from forecast.training.memory import refuse_too_large
from forecast.training.need import of_tokens
from forecast.training.sentence_batches import SentenceBatches
from forecast.training.tied_loss import tied_cross_entropy
from forecast.translation_settings import TranslatorKind, TranslatorSettings
from forecast.translators.translator import SPECIALS, Translator

ENDLESS = 10**6  # epochs of a course that the clock ends
WARMUP = 0.05  # share of the course in which the learning rate rises
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Pairs as numbers: those to learn from, those to judge by, how many were too long."""

    reads: Vocabulary
    writes: Vocabulary
    learned: list[Encoded]
    judged: list[Encoded]
    examples: Pairs
    too_long: int


def prepare(pairs: Pairs, settings: TranslatorSettings) -> Lessons:
    """Draw the pairs that judge, learn both vocabularies from the others, number all.

    The examples are pairs that judge, or, where none do, that were learned from.

    Raises:
        DataError: no pair is short enough.
        SettingError: byte pairs without their library.
    """
    kind, how = settings.kind, settings.training
    order = np.random.default_rng(how.seed).permutation(len(pairs))
    judges, learners = np.split(order, [int(how.validation * len(pairs))])
    examples, kept = _chosen(pairs, judges if len(judges) else learners), _chosen(pairs, learners)
    both = _vocabulary(kept.sources, kind), _vocabulary(kept.targets, kind)
    learned = encode_pairs(kept, both, kind.longest)
    judged = encode_pairs(examples, both, kind.longest) if len(judges) else []
    if not learned:
        raise DataError(
            f"{pairs.place or pairs.name}: none of {len(kept):,} pairs has at most {kind.longest}"
            " tokens on both sides; allow longer ones (--longest)"
        )
    return Lessons(*both, learned, judged, examples, len(pairs) - len(learned) - len(judged))


def study(
    lessons: Lessons, settings: TranslatorSettings, how: Learning | None = None
) -> tuple[Translator, Curves]:
    """A translator that has learned its lessons, with its best weights, and its losses.

    Raises:
        SettingError: a device that is not there, or too many weights to be read back.
        TrainingError: learning diverged, or does not fit into memory.
    """
    how, training = how or Learning(), settings.training
    count, sizes = len(lessons.learned), (len(lessons.reads), len(lessons.writes))
    _log.info("learning from %d pairs, vocabularies of %d and %d tokens", count, *sizes)
    device = device_of(how.compute)
    network = _network(lessons, settings, how.compute, device)
    translator = Translator(network, lessons.reads, lessons.writes)
    turn = 0 if how.start is None else how.start.epoch
    learn = SentenceBatches(lessons.learned, training.batch, training.seed, turn)
    judge = SentenceBatches(lessons.judged, training.batch) if lessons.judged else None
    course = Course(
        epochs=ENDLESS if training.minutes else training.epochs,
        minutes=training.minutes,
        learning_rate=training.learning_rate,
        patience=ENDLESS,
        warmup=WARMUP,
        floor=0.0,
        start=how.start,
        keep=how.keep,
        watch=Follow(how, learn, partial(_example, translator, lessons.examples.sources)),
    )
    loss = partial(tied_cross_entropy, smoothing=training.smoothing)
    with threads_of(how.compute, small=False), how.stopping() as stop:
        curves = train(network, learn, judge, replace(course, stop=stop), loss=loss)
    return translator, curves


def _example(translator: Translator, sources: Sequence[str], epoch: int) -> str:
    """A sentence, another one in each epoch, and what is made of it."""
    source = sources[epoch % len(sources)]
    return f"{source}\n{translator.translate([source], beam=1)[0]}"


def _network(
    lessons: Lessons, settings: TranslatorSettings, compute: Compute, device: torch.device
) -> Seq2Seq:
    kind, how = settings.kind, settings.training
    shape = TranslatorShape(
        kind=kind.cell,
        sources=len(lessons.reads),
        targets=len(lessons.writes),
        width=kind.embedding,
        hidden=kind.hidden,
        layers=kind.layers,
        attention=kind.attention,
        dropout=how.dropout,
        teaching=how.teaching,
    )
    parts = (shape.encoder.shapes, shape.decoder.shapes, shape.shapes)
    refuse_unreadable(own for each in parts for own in each.values())
    at_once = min(how.batch, len(lessons.learned))
    read, written = (max(map(len, side)) for side in zip(*lessons.learned, strict=True))
    need = of_tokens(shape.encoder, at_once, read, 0)
    need += of_tokens(shape.decoder, at_once, written, len(lessons.writes))
    refuse_too_large(need, compute)
    half = how.precision == "half" or (how.precision == "auto" and halves(device))
    # Our own kernel computes in single precision only.
    backend = "fused" if half and compute.backend == "auto" else compute.backend
    return Seq2Seq(shape, [how.seed], backend=backend, half=half).to(device)


def _chosen(pairs: Pairs, rows: Int[np.ndarray, " row"]) -> Pairs:
    """These pairs, in their old order."""
    places: list[int] = np.sort(rows).tolist()
    return replace(
        pairs,
        sources=tuple(pairs.sources[place] for place in places),
        targets=tuple(pairs.targets[place] for place in places),
    )


def _vocabulary(sentences: Sequence[str], kind: TranslatorKind) -> Vocabulary:
    return learn(sentences, kind.level, most=kind.vocabulary, specials=SPECIALS)

"""Translation, the whole way from pairs of sentences to a result folder, as a few functions.

>>> from forecast import translation
>>> pairs = translation.Pairs(sources=("gracias", "hola"), targets=("thanks", "hello"))
>>> settings = translation.TranslatorSettings(
...     kind=translation.TranslatorKind(hidden=16, embedding=16),
...     training=translation.TranslatorTraining(epochs=60, dropout=0.0),
... )
>>> result = translation.fit(pairs, settings)
>>> result.translator.translate(["hola"])
['hello']
"""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from forecast.data.pairs import Pairs, read
from forecast.evaluation.bleu import Bleu, bleu
from forecast.lessons import going_on, saved, write
from forecast.machine import versions
from forecast.reporting import notebook
from forecast.reporting.lesson import Lesson, Looked, curves
from forecast.reporting.pages.lessons import summary
from forecast.training.followed import Learning
from forecast.training.loop import Curves
from forecast.translation_settings import TranslatorKind, TranslatorSettings, TranslatorTraining
from forecast.translators import learning
from forecast.translators.learning import Lessons
from forecast.translators.translator import Translator, restore

__all__ = [
    "Bleu",
    "Learning",
    "Pairs",
    "TranslationResult",
    "Translator",
    "TranslatorKind",
    "TranslatorSettings",
    "TranslatorTraining",
    "fit",
    "going_on",
    "open_translator",
    "read",
    "score",
]

SHOWN, DRAWN, BEAM = 20, 2, 5  # examples told, examples drawn, candidates searched


@dataclass(frozen=True, slots=True, eq=False)
class TranslationResult:
    """A translator that has learned from pairs, and how that went."""

    pairs: Pairs
    settings: TranslatorSettings
    translator: Translator
    lessons: Lessons
    curves: Curves
    seconds: float

    def report(self, out: Path | str = "reports", *, command: str = "") -> Path:
        """Write the result folder, as `forecast.lessons.write` does, and return it.

        `command` is told as the one that makes it again.

        Raises:
            OutputError: it cannot be written.
        """
        lesson = replace(self._lesson(), command=command)
        return write(self.pairs, lesson, self.translator.checkpoint(), self.curves.last, out)

    def _repr_html_(self) -> str:
        """How good it is, with examples, as a notebook shows it."""
        return summary(self._lesson())

    def _lesson(self) -> Lesson:
        examples = [] if self.curves.stopped else self._examples()
        looks = [self.translator.look(source, made) for source, _, made in examples if made]
        return Lesson(
            kind="translation",
            name=self.pairs.name,
            settings=self.settings,
            scores=self.scores(),
            facts=self._facts(),
            curves=curves(self.curves.training[0], self.curves.validation[0]),
            examples=examples,
            looks=[
                Looked(look.source, look.target, look.shares.astype("float64"))
                for look in looks
                if look is not None
            ][:DRAWN],
            versions=versions(),
        )

    def scores(self) -> dict[str, object]:
        """What is known of the learning, as JSON values; losses in nats a token, smoothed."""
        best, lessons = self.curves.best[0], self.lessons
        return {
            "pairs": len(self.pairs),
            "sha256": self.pairs.sha256,
            "learned_from": len(lessons.learned),
            "judged_by": len(lessons.judged),
            "too_long": lessons.too_long,
            "vocabularies": [len(lessons.reads), len(lessons.writes)],
            "epochs": len(self.curves.training[0]) - 1,
            "best": best,
            "training_loss": float(self.curves.training[0, best]),
            "validation_loss": float(self.curves.validation[0, best]),
            "stopped": self.curves.stopped,
        }

    def _facts(self) -> list[tuple[str, str]]:
        lessons, curves = self.lessons, self.curves
        judges = f"{len(lessons.judged):,} judge" if lessons.judged else "none judges"
        return [
            ("pairs", f"{len(self.pairs):,}, SHA-256 {self.pairs.sha256}"),
            ("learned from", f"{len(lessons.learned):,}; {judges}; {lessons.too_long:,} too long"),
            ("vocabularies", f"{len(lessons.reads):,} and {len(lessons.writes):,} tokens"),
            ("epochs", f"{len(curves.training[0]) - 1:,}, the best {curves.best[0]:,}"),
            ("weights", f"{sum(each.numel() for each in self.translator.network.parameters()):,}"),
        ]

    def _examples(self) -> list[tuple[str, str, str]]:
        """Sentences, their translations, and what is written instead."""
        some = self.lessons.examples
        sources, targets = some.sources[:SHOWN], some.targets[:SHOWN]
        told = self.translator.translate(sources, beam=BEAM)
        return list(zip(sources, targets, told, strict=True))


def fit(
    pairs: Pairs, settings: TranslatorSettings | None = None, how: Learning | None = None
) -> TranslationResult:
    """Learn to translate, by the pairs that are not held back.

    Raises:
        DataError: no pair is short enough.
        SettingError: a device or a library that is not there.
        TrainingError: learning diverged.
    """
    began, settings = time.monotonic(), settings or TranslatorSettings()
    lessons = learning.prepare(pairs, settings)
    how = how or Learning(watch=notebook.Watch("learning"))
    translator, curves = learning.study(lessons, settings, how)
    seconds = time.monotonic() - began
    return TranslationResult(pairs, settings, translator, lessons, curves, seconds)


def score(translator: Translator, pairs: Pairs, *, beam: int = 5, tokenize: str = "13a") -> Bleu:
    """BLEU and chrF of the translations of these pairs' sentences.

    Raises:
        SettingError: sacrebleu is not installed, or does not know how to tokenize so.
    """
    bleu(["a"], ["a"], tokenize)  # before minutes of translating
    return bleu(translator.translate(pairs.sources, beam=beam), pairs.targets, tokenize)


def open_translator(folder: Path | str | None = None, out: Path | str = "reports") -> Translator:
    """The translator in a result folder, or in a file; the newest, where none is named.

    Raises:
        OutputError: none is named, and there is none.
        CheckpointError: the file is missing, damaged, or holds another kind of model.
    """
    return restore(saved(Pairs, folder, out))

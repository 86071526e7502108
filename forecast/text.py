"""Models of text, the whole way from a corpus to a result folder, as a few functions.

>>> import forecast
>>> corpus = forecast.text.Corpus.of("if you want to build a ship, " * 20)
>>> settings = forecast.text.TextSettings(
...     network=forecast.text.TextNetwork(hidden=32),
...     training=forecast.text.TextTraining(epochs=5, window=10, learning_rate=0.02),
... )
>>> result = forecast.text.fit(corpus, settings)
>>> text = "".join(result.model.sample("if ", forecast.text.Sampling(length=10)))
>>> len(text)
10
"""

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from forecast.data.corpus import Corpus, read
from forecast.lessons import going_on, saved, write
from forecast.machine import versions
from forecast.reporting import notebook
from forecast.reporting.lesson import Lesson, curves
from forecast.reporting.pages.lessons import summary
from forecast.text_settings import Sampling, TextNetwork, TextSettings, TextTraining, Tokens
from forecast.texts import learning
from forecast.texts.learning import Learned
from forecast.texts.model import TextModel, restore
from forecast.texts.scoring import Score, by_frequency
from forecast.training.followed import Learning

__all__ = [
    "Corpus",
    "Learning",
    "Sampling",
    "TextModel",
    "TextNetwork",
    "TextResult",
    "TextSettings",
    "TextTraining",
    "Tokens",
    "fit",
    "going_on",
    "open_model",
    "read",
]

DRAWN, TEMPERATURES = 1000, (0.5, 0.8, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class TextResult:
    """A model that has learned a corpus; `score` is that of the part held back, if one is.

    `by_frequency` is what the frequencies of tokens alone would have scored there.
    """

    corpus: Corpus
    learned: Learned
    score: Score | None
    by_frequency: Score | None
    seconds: float

    @property
    def model(self) -> TextModel:
        return self.learned.model

    def report(self, out: Path | str = "reports", *, command: str = "") -> Path:
        """Write the result folder, as `forecast.lessons.write` does, and return it.

        `command` is told as the one that makes it again.

        Raises:
            OutputError: it cannot be written.
        """
        lesson = replace(self._lesson(), command=command)
        return write(self.corpus, lesson, self.model.checkpoint(), self.learned.curves.last, out)

    def _repr_html_(self) -> str:
        """How well the text is known and what is written, as a notebook shows it."""
        return summary(self._lesson())

    def _lesson(self) -> Lesson:
        losses = self.learned.curves
        drawn = () if losses.stopped else TEMPERATURES
        return Lesson(
            kind="text",
            name=self.corpus.name,
            settings=self.model.settings,
            scores=self.scores(),
            facts=self._facts(),
            curves=curves(losses.training[0], losses.validation[0]),
            samples={f"At temperature {each:g}": self._sample(each) for each in drawn},
            versions=versions(),
        )

    def _sample(self, temperature: float) -> str:
        return "".join(self.model.sample(how=Sampling(temperature=temperature, length=DRAWN)))

    def _facts(self) -> list[tuple[str, str]]:
        losses, corpus = self.learned.curves, self.corpus
        return [
            ("corpus", f"{len(corpus.text):,} characters, SHA-256 {corpus.sha256}"),
            ("vocabulary", f"{len(self.model.vocabulary):,} tokens"),
            ("tokens read", f"{self.learned.count:,}"),
            ("turns", f"{len(losses.training[0]) - 1:,}, the best {losses.best[0]:,}"),
            ("weights", f"{sum(each.size for each in self.model.weights.values()):,}"),
        ]

    def scores(self) -> dict[str, object]:
        """What is known of the learning, as JSON values."""
        score = self.score
        judged = (
            {}
            if score is None
            else asdict(score)
            | {
                "nats_per_character": score.per_character,
                "bits_per_character": score.bits,
                "perplexity": score.perplexity,
            }
        )
        if self.by_frequency is not None:
            judged["nats_per_character_by_frequency"] = self.by_frequency.per_character
        return {
            "corpus": self.corpus.name,
            "sha256": self.corpus.sha256,
            "vocabulary": len(self.model.vocabulary),
            "tokens_read": self.learned.count,
            "turns": len(self.learned.curves.training[0]) - 1,
            "best": self.learned.curves.best[0],
            "held_back": judged,
            "stopped": self.learned.curves.stopped,
        }


def fit(
    corpus: Corpus | Path | str,
    settings: TextSettings | None = None,
    how: Learning | None = None,
) -> TextResult:
    """Learn a corpus, and score the part of it that was held back, from its start to its end.

    What was asked to stop has no score.

    Raises:
        DataError: the corpus cannot be read, or is too short or too uniform to learn from.
        TrainingError: learning diverged.
    """
    began, settings = time.monotonic(), settings or TextSettings()
    if not isinstance(corpus, Corpus):
        corpus = read(corpus, settings.tokens.encoding)
    learned = learning.fit(corpus, settings, how or Learning(watch=notebook.Watch("learning")))
    early, late = learning.parts(corpus.text, settings.training.validation)
    vocabulary, score, rival = learned.model.vocabulary, None, None
    held = vocabulary.encode("" if learned.curves.stopped else late)
    if len(held) >= learning.LEAST_JUDGED:
        score = learned.model.score(late)
        nats = by_frequency(vocabulary.encode(early), held, len(vocabulary))
        rival = replace(score, nats=nats)
    return TextResult(corpus, learned, score, rival, time.monotonic() - began)


def open_model(folder: Path | str | None = None, out: Path | str = "reports") -> TextModel:
    """The model in a result folder, or in a file; in the newest folder, where none is named.

    Raises:
        OutputError: none is named, and there is none.
        CheckpointError: the file is missing, damaged, or holds another kind of model.
    """
    return restore(saved(Corpus, folder, out))

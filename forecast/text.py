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
from typing import Any

from forecast.data.corpus import Corpus, read
from forecast.data.files import prepare, write_all
from forecast.data.tickers import folder_name
from forecast.machine import versions
from forecast.reporting import canvas
from forecast.reporting.folder import REPORT
from forecast.reporting.formats import to_json
from forecast.reporting.pages.lessons import Known, Lesson, text_page
from forecast.reporting.text_picture import text_picture
from forecast.text_settings import Sampling, TextNetwork, TextSettings, TextTraining, Tokens
from forecast.texts import learning
from forecast.texts.learning import Learned, Learning
from forecast.texts.model import TextModel, restore
from forecast.texts.scoring import Score, by_frequency
from forecast.training.checkpoint import MODEL, RESUME, load, located, save
from forecast.training.snapshot import resumed, to_checkpoint

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
    "open_model",
    "read",
]

ROOM, DRAWN, TEMPERATURES = "text", 1000, (0.5, 0.8, 1.0)


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
        """Write the result folder with its page, and return it.

        `command` is told as the one that makes it again.

        Raises:
            OutputError: it cannot be written.
        """
        place = place_of(self.corpus.name, out)
        prepare(place)
        curves = self.learned.curves
        level = self.model.settings.tokens.level
        unit = {"char": "character", "word": "word", "bpe": "byte pair"}[level]
        figure = text_picture(self.corpus.name, curves.training[0], curves.validation[0], unit)
        lesson = Lesson(
            name=self.corpus.name,
            settings=self.model.settings,
            facts=self._facts(),
            curve=figure,
            command=command,
            versions=versions(),
        )
        samples = {
            f"At temperature {temperature:g}": self._sample(temperature)
            for temperature in TEMPERATURES
        }
        write_all(
            place,
            {
                "settings.json": to_json(asdict(self.model.settings)),
                "scores.json": to_json(self.scores()),
                "sample.txt": samples[f"At temperature {Sampling().temperature:g}"].encode(),
                "learning.png": canvas.png(figure),
                REPORT: text_page(lesson, self._known(), samples),
            },
        )
        save(place / MODEL, self.model.checkpoint())
        about = _about(self.corpus, self.model.settings)
        save(place / RESUME, to_checkpoint(curves.last, about))
        return place

    def _sample(self, temperature: float) -> str:
        return "".join(self.model.sample(how=Sampling(temperature=temperature, length=DRAWN)))

    def _facts(self) -> list[tuple[str, str]]:
        curves, corpus = self.learned.curves, self.corpus
        return [
            ("corpus", f"{len(corpus.text):,} characters, SHA-256 {corpus.sha256}"),
            ("vocabulary", f"{len(self.model.vocabulary):,} tokens"),
            ("tokens read", f"{self.learned.count:,}"),
            ("turns", f"{curves.last.epoch:,}, the best {curves.best[0]:,}"),
            ("weights", f"{sum(each.size for each in self.model.weights.values()):,}"),
        ]

    def _known(self) -> Known | None:
        score, rival = self.score, self.by_frequency
        if score is None or rival is None:
            return None
        return Known(score.per_character, score.bits, score.perplexity, rival.per_character)

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
            "kind": "text",
            "corpus": self.corpus.name,
            "sha256": self.corpus.sha256,
            "vocabulary": len(self.model.vocabulary),
            "tokens_read": self.learned.count,
            "turns": self.learned.curves.last.epoch,
            "best_turn": self.learned.curves.best[0],
            "held_back": judged,
        }


def place_of(name: str, out: Path | str) -> Path:
    """The result folder of a corpus."""
    return Path(out) / ROOM / folder_name(name)


def fit(
    corpus: Corpus | Path | str,
    settings: TextSettings | None = None,
    how: Learning | None = None,
) -> TextResult:
    """Learn a corpus, and score the part of it that was held back, from its start to its end.

    Raises:
        DataError: the corpus cannot be read, or is too short or too uniform to learn from.
        TrainingError: learning diverged.
    """
    began, settings = time.monotonic(), settings or TextSettings()
    if not isinstance(corpus, Corpus):
        corpus = read(corpus, settings.tokens.encoding)
    learned = learning.fit(corpus, settings, how)
    early, late = learning.parts(corpus.text, settings.training.validation)
    vocabulary, score, rival = learned.model.vocabulary, None, None
    held = vocabulary.encode(late)
    if len(held) >= learning.LEAST_JUDGED:
        score = learned.model.score(late)
        nats = by_frequency(vocabulary.encode(early), held, len(vocabulary))
        rival = replace(score, nats=nats)
    return TextResult(corpus, learned, score, rival, time.monotonic() - began)


def going_on(corpus: Corpus, settings: TextSettings, out: Path | str) -> Learning:
    """How to go on where the learning of this corpus with these settings stopped.

    Minutes and epochs may differ: they count from the very start.

    Raises:
        CheckpointError: nothing was saved, or of another corpus, or with other settings.
    """
    place = place_of(corpus.name, out) / RESUME
    return Learning(start=resumed(place, _about(corpus, settings)))


def _about(corpus: Corpus, settings: TextSettings) -> dict[str, Any]:
    """What learning that goes on must have in common with the one that stopped."""
    return {"corpus": corpus.sha256, "settings": asdict(settings)}


def open_model(folder: Path | str | None = None, out: Path | str = "reports") -> TextModel:
    """The model in a result folder, or in a file; in the newest folder, where none is named.

    Raises:
        OutputError: none is named, and there is none.
        CheckpointError: the file is missing, damaged, or holds another kind of model.
    """
    return restore(load(located(folder, Path(out) / ROOM, "forecast text fit")))

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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from forecast.data.corpus import Corpus, read
from forecast.data.files import prepare, write_all
from forecast.data.tickers import folder_name
from forecast.reporting import canvas
from forecast.reporting.formats import to_json
from forecast.reporting.text_picture import text_picture
from forecast.text_settings import Sampling, TextNetwork, TextSettings, TextTraining, Tokens
from forecast.texts import learning
from forecast.texts.learning import Learned, Learning
from forecast.texts.model import TextModel, restore
from forecast.texts.scoring import Score
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

ROOM, DRAWN = "text", 1000


@dataclass(frozen=True, slots=True, eq=False)
class TextResult:
    """A model that has learned a corpus; `score` is that of the part held back, if one is."""

    corpus: Corpus
    learned: Learned
    score: Score | None
    seconds: float

    @property
    def model(self) -> TextModel:
        return self.learned.model

    def report(self, out: Path | str = "reports") -> Path:
        """Write the result folder, and return it.

        Raises:
            OutputError: it cannot be written.
        """
        place = place_of(self.corpus.name, out)
        prepare(place)
        curves = self.learned.curves
        level = self.model.settings.tokens.level
        unit = {"char": "character", "word": "word", "bpe": "byte pair"}[level]
        figure = text_picture(self.corpus.name, curves.training[0], curves.validation[0], unit)
        write_all(
            place,
            {
                "settings.json": to_json(asdict(self.model.settings)),
                "scores.json": to_json(self._scores()),
                "sample.txt": "".join(self.model.sample(how=Sampling(length=DRAWN))).encode(),
                "learning.png": canvas.png(figure),
            },
        )
        save(place / MODEL, self.model.checkpoint())
        about = _about(self.corpus, self.model.settings)
        save(place / RESUME, to_checkpoint(curves.last, about))
        return place

    def _scores(self) -> dict[str, object]:
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
        return {
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
    _, late = learning.parts(corpus.text, settings.training.validation)
    judged = len(learned.model.vocabulary.encode(late)) >= learning.LEAST_JUDGED
    score = learned.model.score(late) if judged else None
    return TextResult(corpus, learned, score, time.monotonic() - began)


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

"""How a model of text or a translator turned out: everything that its result folder holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from forecast.reporting.wording import percent
from forecast.text_settings import TextSettings
from forecast.translation_settings import TranslatorSettings

Kind = Literal["text", "translation"]
UNITS = {"char": "character", "word": "word", "bpe": "byte pair"}
COLUMNS = ("epoch", "training", "validation")


class Looked(NamedTuple):
    """A sentence, its translation, and the attention paid to each token read; rows sum to 1."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    shares: Float[np.ndarray, "target source"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lesson:
    """What was learned with which settings, how that went, and what the model now writes.

    `curves` has the columns of `COLUMNS`: losses in nats a token after each judgement, the first
    before anything was learned, NaN where there is none. `scores` are JSON values, `facts` pairs
    of a name and a value. A model of text has `samples`, each under its caption; a
    translator has `examples` (sentence, its translation, what was written) and `looks`.
    """

    kind: Kind
    name: str
    settings: TextSettings | TranslatorSettings
    scores: Mapping[str, Any]
    facts: Sequence[tuple[str, str]]
    curves: pd.DataFrame
    samples: Mapping[str, str] = field(default_factory=dict[str, str])
    examples: Sequence[tuple[str, str, str]] = ()
    looks: Sequence[Looked] = ()
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def unit(self) -> str:
        """The token that a loss is per."""
        asked = self.settings
        return UNITS[asked.tokens.level] if isinstance(asked, TextSettings) else "token"

    @property
    def losses(self) -> tuple[float, float]:
        """The losses on what is held back, before learning and now; NaN where nothing is."""
        held = self.curves["validation"].to_numpy("float64")
        return float(held[0]), float(held[int(self.scores["best"])])

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop before its end; such a lesson has no samples or examples."""
        return bool(self.scores.get("stopped"))

    @property
    def verdict(self) -> str:
        """How good it is, in words."""
        if self.stopped:
            return _of_a_part(self)
        return _of_text(self) if self.kind == "text" else _of_a_translator(self)


def curves(
    training: Float[np.ndarray, " epoch"], validation: Float[np.ndarray, " epoch"]
) -> pd.DataFrame:
    """The table of losses of a lesson."""
    epochs = np.arange(len(training))
    columns = (epochs, training.astype("float64"), validation.astype("float64"))
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def saved(lesson: Lesson) -> float:
    """The share of nats that a model of text saves over the frequencies of its tokens."""
    held = lesson.scores["held_back"]
    return 1 - held["nats_per_character"] / held["nats_per_character_by_frequency"]


def _of_a_part(lesson: Lesson) -> str:
    _, now = lesson.losses
    told = "" if now != now else f": {now:.2f} nats a {lesson.unit} on what is held back"
    return f"Learning was stopped after {len(lesson.curves) - 1:,} judgements{told}."


def _of_text(lesson: Lesson) -> str:
    held = lesson.scores["held_back"]
    if not held:
        return "Nothing was held back, so how well the text is known cannot be said."
    share = saved(lesson)
    return (
        f"{held['bits_per_character']:.2f} bits a character of the part held back:"
        f" {percent(abs(share))} {'less' if share > 0 else 'more'} than by frequencies alone."
    )


def _of_a_translator(lesson: Lesson) -> str:
    right = sum(target == written for _, target, written in lesson.examples)
    told = f"{right} of {len(lesson.examples)} examples are word for word as they should be; it has"
    _, now = lesson.losses
    return f"{told} learned from them." if now != now else f"{told} not learned from them."

"""The pages of models of text and of translators: how good, what they write, how they learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matplotlib.figure import Figure

from forecast.reporting.pages.document import (
    Facts,
    Part,
    Picture,
    Sample,
    Section,
    Table,
    Verdict,
    page,
)
from forecast.reporting.pages.repeating import repeating
from forecast.reporting.wording import percent, plain
from forecast.text_settings import TextSettings
from forecast.translation_settings import TranslatorSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What was learned by which settings; `facts` are names and what is to be said of each."""

    name: str
    settings: TextSettings | TranslatorSettings
    facts: Sequence[tuple[str, str]]
    curve: Figure
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Known:
    """How well a text is known, beside what the frequencies of tokens alone would know of it."""

    nats: float
    bits: float
    perplexity: float
    by_frequency: float

    @property
    def saved(self) -> float:
        """The share of the frequencies' nats that the model spares."""
        return 1 - self.nats / self.by_frequency


def text_page(lesson: Lesson, known: Known | None, samples: Mapping[str, str]) -> bytes:
    """The HTML of a model of text; `samples` are texts it wrote, each under its caption."""
    written: list[Part] = [Sample(text, caption) for caption, text in samples.items()]
    sections = [
        Section("How well does it know the text?", _known(known)),
        Section("What it writes", written),
        *_learned(lesson),
    ]
    return page(plain(lesson.name, 60), sections, kind="model of text")


def _known(known: Known | None) -> list[Part]:
    if known is None:
        return ["Nothing was held back, so how well it is known cannot be said."]
    better = known.saved > 0
    told = f"{known.bits:.2f} bits a character of the part held back"
    against = (
        f"{percent(abs(known.saved))} {'less' if better else 'more'} than by frequencies alone"
    )
    return [
        Verdict(f"{told}: {against}.", "good" if better else "bad"),
        f"These are {known.nats:.3f} nats a character; choosing tokens by their frequency alone"
        f" costs {known.by_frequency:.3f}. The model is as unsure of each token as if it chose"
        f" among {known.perplexity:,.1f} equally likely ones (perplexity).",
    ]


def translation_page(
    lesson: Lesson,
    losses: tuple[float, float],
    examples: Sequence[tuple[str, str, str]],
    looks: Figure | None,
) -> bytes:
    """The HTML of a translator.

    `losses` on what is held back are those before learning and now, NaN where nothing is;
    `examples` are sentences, their translations, and what was written instead.
    """
    table = Table(
        "Sentences, what it makes of them, and how they are translated",
        ("sentence", "written", "translation"),
        [(source, written, target) for source, target, written in examples],
        worded=(1, 2),
    )
    right = sum(target == written for _, target, written in examples)
    pictures = [Section("What it looked at", [Picture(looks)])] if looks is not None else []
    sections = [
        Section("How well does it translate?", _translated(losses, right, len(examples))),
        Section("What it writes", [table]),
        *pictures,
        *_learned(lesson),
    ]
    return page(plain(lesson.name, 60), sections, kind="translator")


def _translated(losses: tuple[float, float], right: int, count: int) -> list[Part]:
    before, now = losses
    exact = f"{right} of {count} examples are word for word as they should be"
    if now != now:
        return [
            Verdict(f"{exact}; it has learned from them."),
            "No pair was held back, so how well others are translated cannot be said.",
        ]
    return [
        Verdict(f"{exact}; it has not learned from them."),
        f"On pairs that were held back the loss fell from {before:.2f} to {now:.2f} nats a token"
        " (smoothed). BLEU and chrF of any pairs: forecast translate score.",
    ]


def _learned(lesson: Lesson) -> list[Section]:
    return [
        Section("How it learned", [Picture(lesson.curve), Facts(lesson.facts)]),
        repeating(lesson.command, lesson.settings, lesson.versions),
    ]

"""The pages of models of text and of translators: how good, what they write, how they learned."""

from collections.abc import Mapping

from matplotlib.figure import Figure

from forecast.reporting.lesson import Lesson, saved
from forecast.reporting.pages.choices import how_to_repeat
from forecast.reporting.pages.document import (
    Facts,
    Part,
    Picture,
    Sample,
    Section,
    Table,
    Verdict,
    card,
    page,
)
from forecast.reporting.wording import plain

KINDS = {"text": "model of text", "translation": "translator"}


def lesson_page(lesson: Lesson, figures: Mapping[str, Figure], slim: Mapping[str, Figure]) -> bytes:
    """The HTML of a lesson with these figures: how good it is, what it writes, how it learned."""
    pictures = {name: Picture(figures[name], slim=slim[name]) for name in figures}
    looked = [pictures[name] for name in pictures if name == "attention"]
    written = _written(lesson)
    sections = [
        _judged(lesson),
        *([Section("What it writes", written)] if written else []),
        *([Section("What it looked at", looked)] if looked else []),
        Section("How it learned", [pictures["learning"], Facts(lesson.facts)]),
        how_to_repeat(lesson.command, lesson.settings, lesson.versions),
    ]
    return page(plain(lesson.name, 60), sections, kind=KINDS[lesson.kind])


def summary(lesson: Lesson) -> str:
    """The HTML of what matters most, as a notebook shows a result."""
    parts = [*_judged(lesson).parts, *_written(lesson)[-1:]]
    return card(f"{plain(lesson.name, 60)}: {KINDS[lesson.kind]}", parts)


def _judged(lesson: Lesson) -> Section:
    if lesson.kind == "text":
        return Section("How well does it know the text?", _known(lesson))
    return Section("How well does it translate?", _translated(lesson))


def _written(lesson: Lesson) -> list[Part]:
    if lesson.kind == "text":
        return [Sample(text, caption) for caption, text in lesson.samples.items()]
    rows = [(source, made, target) for source, target, made in lesson.examples]
    if not rows:
        return []
    head = ("sentence", "written", "translation")
    caption = "Sentences, what it makes of them, and how they are translated"
    return [Table(caption, head, rows, worded=(1, 2))]


def _known(lesson: Lesson) -> list[Part]:
    held = lesson.scores["held_back"]
    if not held:
        return [lesson.verdict]
    return [
        Verdict(lesson.verdict, "good" if saved(lesson) > 0 else "bad"),
        f"These are {held['nats_per_character']:.3f} nats a character; choosing tokens by their"
        f" frequency alone costs {held['nats_per_character_by_frequency']:.3f}. The model is as"
        f" unsure of each token as if it chose among {held['perplexity']:,.1f} equally likely ones"
        " (perplexity).",
    ]


def _translated(lesson: Lesson) -> list[Part]:
    before, now = lesson.losses
    if now != now:
        told = "No pair was held back, so how well others are translated cannot be said."
    else:
        told = (
            f"On pairs that were held back the loss fell from {before:.2f} to {now:.2f} nats a"
            " token (smoothed). BLEU and chrF of any pairs: forecast translate score."
        )
    return [Verdict(lesson.verdict), told]

"""Pages of lessons that are made up."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from forecast.reporting.lesson import Lesson, Looked, curves
from forecast.reporting.pages.lessons import lesson_page
from forecast.reporting.pages.report import report
from forecast.reporting.pictures.figures import FIRST, figures, lesson_figures
from forecast.reporting.run import Run
from forecast.text_settings import TextSettings
from forecast.translation_settings import TranslatorSettings

FALLING = np.linspace(4.0, 1.0, 20)
HOSTILE = "<script>document.title='owned'</script>"
KNOWN = {
    "nats_per_character": 1.0,
    "bits_per_character": 1.44,
    "perplexity": 2.7,
    "nats_per_character_by_frequency": 2.0,
}


def text_lesson(held: Mapping[str, float] = KNOWN, **chosen: Any) -> Lesson:
    fields = {
        "kind": "text",
        "name": "ship",
        "settings": TextSettings(),
        "scores": {"held_back": held, "best": 19},
        "facts": [("vocabulary", "25 tokens")],
        "curves": curves(FALLING, FALLING + 0.5),
        "examples": [],
        "samples": {"At temperature 0.5": "ROMEO:\n" + "x" * 300, "At temperature 1": HOSTILE},
        "command": "forecast text fit ship --epochs 60",
        "versions": {"python": "3.11"},
    }
    return Lesson(**(fields | chosen))


def translator_lesson(held: np.ndarray = FALLING + 1.0, **chosen: Any) -> Lesson:
    shares = np.array([[0.9, 0.1], [0.2, 0.8]])
    fields = {
        "kind": "translation",
        "name": "german",
        "settings": TranslatorSettings(),
        "scores": {"best": 19},
        "curves": curves(FALLING, held),
        "samples": {},
        "examples": [("I", "Ich", "Ich"), ("you and nobody else in this world", "du", HOSTILE)],
        "looks": [Looked(("I", "(end)"), ("Ich", "(end)"), shares)] * 2,
    }
    return text_lesson(**(fields | chosen))


def shown(lesson: Lesson) -> bytes:
    return lesson_page(lesson, lesson_figures(lesson), lesson_figures(lesson, slim=True))


def reported(run: Run) -> bytes:
    return report(run, figures(run, only=FIRST)[FIRST], figures(run, slim=True))

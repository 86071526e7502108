"""The result folder of a model of text or a translator, read back and drawn again.

| file | holds |
|---|---|
| report.html | all of it, to be looked at; drawn later where learning was stopped |
| learning.png, attention.png | its pictures |
| settings.json | what was asked |
| scores.json | verdict, scores, facts, versions, SHA-256 of the other files of data |
| learning.csv, written.json | the losses; what it writes, and what it looked at |
| model.safetensors | the saved model |
| resume.safetensors | where learning goes on |
| runs/ | every run there was, each in a folder named by its date |
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from forecast.data.files import alone, prepare
from forecast.errors import ForecastError
from forecast.reporting import formats
from forecast.reporting.history import REPORT, keep
from forecast.reporting.lesson import COLUMNS, Lesson, Looked
from forecast.reporting.pages.lessons import lesson_page
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.figures import lesson_figures
from forecast.reporting.sealed import sealed, unreadable, unsealed
from forecast.text_settings import TextSettings
from forecast.training.checkpoint import MODEL
from forecast.translation_settings import TranslatorSettings

SETTINGS = {"text": TextSettings, "translation": TranslatorSettings}
# What not every run writes.
NAMES = (
    REPORT,
    *(f"{name}.{form}" for name in ("learning", "attention") for form in ("png", "svg")),
)
PLAIN = ("kind", "name", "command", "versions")


def write(folder: Path, lesson: Lesson, when: datetime, model: bytes) -> Path:
    """Keep a lesson in a folder dated `when` (UTC), and show it in `folder` as the newest.

    Returns the dated folder. `model` is the content of the saved model.

    Raises:
        OutputError: the folder cannot be written; each file in it is as it was.
    """
    prepare(folder)
    contents = {**({} if lesson.stopped else drawn(lesson)), MODEL: model, **_data(lesson)}
    with alone(folder):
        return keep(folder, contents, when, NAMES)


def read(folder: Path) -> Lesson:
    """The lesson that was written into `folder`.

    Raises:
        OutputError: a file is missing, damaged, or from another run than the rest.
    """
    told, contents = unsealed(folder)
    try:
        written = formats.from_json(contents["written.json"])
        return Lesson(
            settings=formats.record(
                SETTINGS[told["kind"]], formats.from_json(contents["settings.json"])
            ),
            curves=formats.from_csv(contents["learning.csv"], COLUMNS),
            scores=told["scores"],
            samples=written["samples"],
            facts=[(name, fact) for name, fact in told["facts"]],
            examples=[(source, target, made) for source, target, made in written["examples"]],
            looks=[
                Looked(tuple(source), tuple(target), np.array(shares, "float64"))
                for source, target, shares in written["looks"]
            ],
            **{name: told[name] for name in PLAIN},
        )
    except (ForecastError, *formats.UNREADABLE) as error:
        raise unreadable(folder, error) from error


def drawn(lesson: Lesson) -> dict[str, bytes]:
    """The page, and each picture as PNG."""
    every = lesson_figures(lesson)
    pictures = {f"{name}.png": canvas.png(figure) for name, figure in every.items()}
    return {REPORT: lesson_page(lesson, every, lesson_figures(lesson, slim=True)), **pictures}


def _data(lesson: Lesson) -> dict[str, bytes]:
    told: dict[str, Any] = {name: getattr(lesson, name) for name in PLAIN}
    told |= {"verdict": lesson.verdict, "scores": lesson.scores, "facts": lesson.facts}
    looks = [(look.source, look.target, look.shares.tolist()) for look in lesson.looks]
    written: Mapping[str, Any] = {
        "samples": lesson.samples,
        "examples": lesson.examples,
        "looks": looks,
    }
    contents = {
        "settings.json": formats.to_json(asdict(lesson.settings)),
        "learning.csv": formats.to_csv(lesson.curves),
        "written.json": (json.dumps(written, ensure_ascii=False) + "\n").encode(),
    }
    return sealed(told, contents)

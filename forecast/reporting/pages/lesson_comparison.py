"""Two lessons on one text or one set of pairs: which is better, their curves, what differs."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from forecast.data.files import write_whole
from forecast.errors import SettingError
from forecast.reporting.lesson import Lesson
from forecast.reporting.lesson_folder import read
from forecast.reporting.pages.choices import what_differs
from forecast.reporting.pages.comparison import NAMES
from forecast.reporting.pages.document import Picture, Section, Table, Verdict, page
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.canvas import FOOT, HEAD, LEFT, RIGHT
from forecast.reporting.pictures.colours import PALETTE
from forecast.reporting.wording import plain


def compare(newest: Path, other: Path) -> tuple[str, Path]:
    """Hold the lesson in `newest` against that in `other`; the words and the page, in `newest`.

    Raises:
        SettingError: they are one run, or of two kinds.
        OutputError: one cannot be read, or the page cannot be written.
    """
    lessons = {"this": read(newest), plain(other.name, 40): read(other)}
    kinds = {lesson.kind for lesson in lessons.values()}
    if len(lessons) < 2 or len(kinds) > 1:
        raise SettingError(f"two runs of one kind can be compared; got {', '.join(lessons)}")
    this, that = lessons.values()
    told, rows = _finding(this, that), _rows(lessons)
    wide, slim = (_picture(lessons, slim=slim) for slim in (False, True))
    table = Table("What is known of each", rows[0], rows[1:])
    sections = [
        Section("Which is better?", [Verdict(told), table]),
        Section("How they learned", [Picture(wide, slim=slim)]),
        what_differs(list(lessons), _facts(this), _facts(that)),
    ]
    lead = " against ".join(lessons)
    place = newest / f"against-{plain(other.name, 40)}.html"
    write_whole(place, page(plain(this.name, 60), sections, kind="two runs", lead=lead))
    lines = [f"{row[0]:<24}" + "".join(f"  {cell:>17}" for cell in row[1:]) for row in rows]
    return "\n".join([*lines, told, ""]), place


def _finding(this: Lesson, that: Lesson) -> str:
    (one, unit), (two, _) = _loss(this), _loss(that)
    if _judged_by(this) != _judged_by(that) or not np.isfinite([one, two]).all():
        return "They are not judged by the same data, so it cannot be said which is better."
    if one == two:
        return f"Both are equally good: {one:.4f} nats a {unit} on what was held back."
    better, worse, which = (one, two, "This run") if one < two else (two, one, "The other run")
    return f"{which} is better on what was held back: {better:.4f} nats a {unit}, not {worse:.4f}."


def _loss(lesson: Lesson) -> tuple[float, str]:
    """The loss on the part held back, and its unit."""
    if lesson.kind == "text":
        return float(lesson.scores["held_back"].get("nats_per_character", np.nan)), "character"
    return lesson.losses[1], "token"


def _judged_by(lesson: Lesson) -> tuple[Any, ...]:
    """What two lessons must share for their losses to mean the same."""
    told = asdict(lesson.settings)
    shared = (lesson.scores["sha256"], told["training"]["validation"])
    if lesson.kind == "text":
        return shared
    kind = told["kind"]
    return (*shared, told["training"]["seed"], kind["level"], kind["vocabulary"], kind["longest"])


def _rows(lessons: Mapping[str, Lesson]) -> list[list[str]]:
    """A head, and a row for each score that is a number in both."""
    this, that = (_numbers(lesson.scores) for lesson in lessons.values())
    rows = [[name, f"{this[name]:,.6g}", f"{that[name]:,.6g}"] for name in this if name in that]
    return [["score", *lessons], *rows]


def _numbers(scores: Mapping[str, Any]) -> dict[str, float]:
    every = {**scores, **scores.get("held_back", {})}
    kept = {name: value for name, value in every.items() if type(value) in (int, float)}
    return {name.replace("_", " "): value for name, value in kept.items()}


def _facts(lesson: Lesson) -> dict[str, Any]:
    return {
        "settings": asdict(lesson.settings),
        "data SHA-256": lesson.scores["sha256"],
        "version": lesson.versions,
    }


def _picture(lessons: Mapping[str, Lesson], *, slim: bool) -> Figure:
    """The loss of each after every judgement, on what was held back where anything was."""
    this = next(iter(lessons.values()))
    words = f"loss in nats a {this.unit}, on what was held back; else on what was read"
    with canvas.styled():
        figure = canvas.sheet(f"{plain(this.name, 30)}: learning curves", words, slim=slim)
        axes = canvas.panel(figure, (LEFT, FOOT, RIGHT - LEFT, HEAD - FOOT))
        ends = dict[str, tuple[float, str]]()
        for name, lesson, shade in zip(NAMES, lessons.values(), PALETTE, strict=False):
            held = lesson.curves["validation"].to_numpy("float64")
            losses = held if np.isfinite(held).any() else lesson.curves["training"].to_numpy()
            some = np.flatnonzero(np.isfinite(losses))
            axes.plot(some, losses[some], color=shade, lw=1.8)
            ends[name] = (float(losses[some[-1]]), shade)
        axes.set_xlabel("turn, as often as the model was judged")
        canvas.label_ends(axes, ends)
    return figure

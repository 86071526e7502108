"""Two lessons beside each other say which is better only where both were judged alike."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast.errors import SettingError
from forecast.reporting import lesson_folder
from forecast.reporting.lesson import Lesson
from forecast.reporting.pages.lesson_comparison import compare
from forecast.text_settings import TextSettings, TextTraining
from tests.reporting.pages.made import FALLING, KNOWN, text_lesson, translator_lesson


def kept(lessons: list[Lesson], place: Path) -> tuple[Path, Path]:
    """The newest of two lessons, and the folder of the one before it."""
    dated = [
        lesson_folder.write(place, lesson, datetime(2026, 1, day, tzinfo=UTC), b"")
        for day, lesson in enumerate(lessons, 1)
    ]
    return place, dated[0]


def text(nats: float, data: str = "a", **chosen: Any) -> Lesson:
    held = KNOWN | {"nats_per_character": nats}
    return text_lesson(scores={"held_back": held, "best": 19, "sha256": data}, **chosen)


def test_the_smaller_loss_on_the_same_text_is_the_better(tmp_path: Path) -> None:
    words, page = compare(*kept([text(1.5), text(1.25)], tmp_path))
    better = "This run is better on what was held back: 1.2500 nats a character, not 1.5000."
    assert better in words
    html = page.read_text()
    assert better in html
    assert "The settings are the same." in html
    assert html.count("<svg ") == 2
    assert "The other run is better" in compare(*kept([text(1.5), text(1.75)], tmp_path))[0]
    assert "Both are equally good" in compare(*kept([text(1.5), text(1.5)], tmp_path))[0]


def test_what_was_judged_by_other_data_is_not_ranked(tmp_path: Path) -> None:
    fewer = TextSettings(training=TextTraining(validation=0.2))
    unjudged = text_lesson(scores={"held_back": {}, "best": 19, "sha256": "a"})
    for other in (text(1.25, "b"), unjudged, text(1.25, settings=fewer)):
        words, page = compare(*kept([text(1.5), other], tmp_path))
        assert "it cannot be said which is better" in words
    assert "training validation" in page.read_text()


def test_translators_are_held_against_each_other_by_their_loss(tmp_path: Path) -> None:
    lessons = [
        translator_lesson(FALLING + more, scores={"best": 19, "sha256": "a"}) for more in (1, 2)
    ]
    words, _ = compare(*kept(lessons, tmp_path))
    assert "The other run is better on what was held back: 2.0000 nats a token, not 3.0000" in words


def test_a_text_is_not_held_against_a_translator(tmp_path: Path) -> None:
    first, _ = kept([text(1.5)], tmp_path / "ship")
    second, _ = kept([translator_lesson()], tmp_path / "german")
    with pytest.raises(SettingError, match="two runs of one kind"):
        compare(first, second)

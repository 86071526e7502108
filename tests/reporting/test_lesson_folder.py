"""The folder of a model of text or a translator gives back the lesson, and draws it again."""

import subprocess
import sys
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.errors import OutputError
from forecast.reporting import lesson_folder, results
from forecast.reporting.folder import redraw
from forecast.reporting.lesson import Lesson
from forecast.reporting.screens.runs import screen
from forecast.reporting.sealed import sealed, unsealed
from tests.reporting.pages.made import text_lesson, translator_lesson

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LESSONS = {"text": text_lesson(), "translate": translator_lesson()}
WITHOUT_TORCH = """
import sys
from pathlib import Path
from forecast.reporting.folder import redraw
redraw(Path(sys.argv[1]))
assert "torch" not in sys.modules
"""


@pytest.fixture(params=LESSONS)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Lesson, Path]:
    lesson = LESSONS[request.param]
    place = tmp_path / request.param / lesson.name
    lesson_folder.write(place, lesson, WHEN, b"a model")
    return lesson, place


def contents(place: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(place.iterdir()) if path.is_file()}


def test_a_lesson_comes_back_as_it_was(kept: tuple[Lesson, Path]) -> None:
    lesson, place = kept
    again = lesson_folder.read(place)
    pd.testing.assert_frame_equal(again.curves, lesson.curves, check_exact=True)
    for one, other in zip(again.looks, lesson.looks, strict=True):
        assert one[:2] == other[:2]
        np.testing.assert_array_equal(one.shares, other.shares)
    for each in fields(Lesson):
        if each.name not in ("curves", "looks"):
            assert getattr(again, each.name) == getattr(lesson, each.name), each.name


def test_drawing_again_gives_the_same_bytes_without_torch(kept: tuple[Lesson, Path]) -> None:
    _, place = kept
    before = contents(place)
    for name in ("report.html", "learning.png", "attention.png"):
        (place / name).unlink(missing_ok=True)
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, str(place)], check=True)
    assert contents(place) == before
    assert place / "learning.svg" in redraw(place, pictures=True)


def test_each_run_has_its_date_and_the_newest_what_it_made_alone(tmp_path: Path) -> None:
    place = tmp_path / "translate" / "german"
    lesson_folder.write(place, translator_lesson(), WHEN, b"first")
    lesson_folder.write(place, translator_lesson(looks=()), WHEN.replace(year=2027), b"second")
    assert (place / "runs/2026-01-02T030405/attention.png").is_file()
    assert not (place / "attention.png").exists()
    assert (place / "model.safetensors").read_bytes() == b"second"
    assert screen([place]).splitlines()[0].startswith("translate/german  2027-01-02")


def test_results_of_all_kinds_are_found_by_name_and_the_newest_without(tmp_path: Path) -> None:
    for name, lesson in LESSONS.items():
        lesson_folder.write(tmp_path / name / lesson.name, lesson, WHEN, b"")
    named = [place.relative_to(tmp_path).as_posix() for place in results.every(tmp_path)]
    assert named == ["text/ship", "translate/german"]
    assert results.found("text/ship", tmp_path) == tmp_path / "text/ship"
    assert results.found(None, tmp_path) in results.every(tmp_path)
    with pytest.raises(OutputError, match="did you mean 'text/ship'"):
        results.found("text/shp", tmp_path)


@pytest.mark.parametrize("name", ["learning.csv", "written.json", "settings.json"])
def test_what_is_not_as_it_was_written_is_refused_by_name(
    kept: tuple[Lesson, Path], name: str
) -> None:
    _, place = kept
    (place / name).write_bytes((place / name).read_bytes() + b" ")
    with pytest.raises(OutputError, match=f"{name}' is not as it was written"):
        redraw(place)


def test_a_lesson_of_another_version_is_one_sentence(kept: tuple[Lesson, Path]) -> None:
    _, place = kept
    told, contents = unsealed(place)
    told.pop("facts")
    (place / "scores.json").write_bytes(sealed(told, contents)["scores.json"])
    with pytest.raises(OutputError, match="holds no result that can be read: KeyError: 'facts'"):
        redraw(place)

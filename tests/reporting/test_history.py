"""Each run has a folder of its own date; the newest also lies where it always does."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.errors import OutputError
from forecast.reporting import history
from forecast.reporting.screens.runs import screen
from tests.data.test_files import leftover

FIRST = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
THIRD = datetime(2027, 2, 3, 4, 5, 6, tzinfo=UTC)


def run(verdict: str, ticker: str = "GOOG") -> dict[str, bytes]:
    told = f'{{"ticker": "{ticker}", "verdict": "{verdict}"}}'
    return {"answers.csv": verdict.encode(), "scores.json": told.encode()}


def test_the_newest_lies_at_the_stable_path_and_every_run_under_its_date(tmp_path: Path) -> None:
    history.keep(tmp_path, run("first"), FIRST)
    dated = history.keep(tmp_path, run("second"), SECOND)
    assert dated == tmp_path / "runs/2026-02-03T040506"
    assert (tmp_path / "answers.csv").read_text() == "second"
    assert (tmp_path / "runs/2026-01-02T030405/answers.csv").read_text() == "first"
    assert [(each.stamp, each.verdict) for each in history.kept(tmp_path)] == [
        ("2026-02-03T040506", "second"),
        ("2026-01-02T030405", "first"),
    ]


def test_two_runs_of_one_second_are_both_kept(tmp_path: Path) -> None:
    folders = {history.keep(tmp_path, run(name), FIRST) for name in ("a", "b", "c")}
    assert len(folders) == 3
    assert (tmp_path / "answers.csv").read_text() == "c"


def test_a_disk_without_links_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    history.keep(tmp_path, run("first"), FIRST)
    assert (tmp_path / "answers.csv").read_text() == "first"
    assert (tmp_path / "answers.csv").stat().st_nlink == 1


def test_drawing_the_newest_again_leaves_the_dated_run_as_it_was(tmp_path: Path) -> None:
    dated = history.keep(tmp_path, run("first"), FIRST)
    history.write_all(tmp_path, {"answers.csv": b"drawn again"})
    assert (dated / "answers.csv").read_text() == "first"


def test_a_run_is_found_by_its_path_or_by_how_its_date_begins(tmp_path: Path) -> None:
    first = history.keep(tmp_path, run("first"), FIRST)
    second = history.keep(tmp_path, run("second"), SECOND)
    history.keep(tmp_path, run("third"), THIRD)
    assert history.find(tmp_path, "2026-01") == first
    assert history.find(tmp_path, str(second)) == second
    for name, words in (("2026", "2 runs"), ("1999", "no other run"), ("", "no other run")):
        with pytest.raises(OutputError, match=words):
            history.find(tmp_path, name)


def test_a_run_is_not_held_against_itself(tmp_path: Path) -> None:
    only = history.keep(tmp_path, run("first"), FIRST)
    with pytest.raises(OutputError, match="holds no run besides the one it shows"):
        history.find(tmp_path, "2026")
    for path in (tmp_path, only, only / ".." / only.name):
        with pytest.raises(OutputError, match="name another"):
            history.find(tmp_path, str(path))
    history.keep(tmp_path, run("second"), SECOND)
    assert history.find(tmp_path, "2026") == only
    assert history.find(tmp_path, str(only)) == only


def test_what_is_not_whole_is_not_listed_and_nothing_moves_the_cursor(tmp_path: Path) -> None:
    history.keep(tmp_path, run("plain \\u001b[31m red"), FIRST)
    (tmp_path / "runs/2026-03-03T000000").mkdir()
    (tmp_path / "runs/2026-03-03T000000/scores.json").write_text("{")
    text = screen([tmp_path])
    assert len(text.splitlines()) == 1
    assert "\x1b" not in text
    assert screen([]) == "no runs yet; run forecast fit first\n"


def test_dates_of_runs_stand_below_each_other(tmp_path: Path) -> None:
    for ticker in ("IBM", "005930.KS", "A" * 20):
        history.keep(tmp_path / ticker, run("first", ticker), FIRST)
    lines = screen(sorted(tmp_path.iterdir())).splitlines()
    assert len({line.index("2026-01-02T030405") for line in lines}) == 1


def test_what_a_killed_run_left_in_its_dated_folder_is_swept_by_the_next(tmp_path: Path) -> None:
    dated = history.keep(tmp_path, run("first"), FIRST)
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left = leftover(dated, gone.pid)
    history.keep(tmp_path, run("second"), SECOND)
    assert not left.exists()

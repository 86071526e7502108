"""Two runs are held against each other on the targets that both were asked about."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.errors import SettingError
from forecast.reporting import folder
from forecast.reporting.pages.comparison import compare
from forecast.reporting.run import Run
from tests.reporting import made

WHEN = datetime(2026, 1, 2, tzinfo=UTC)


def written(place: Path, run: Run) -> Path:
    folder.write(place, run, WHEN)
    return place


def shifted(run: Run, factor: float) -> Run:
    """The same run, its forecasts of lstm multiplied."""
    answers = run.answers.copy()
    mine = answers["forecaster"] == "lstm"
    answers.loc[mine, "forecast"] *= factor
    return made.run(answers=answers, scores=made.scores(answers).assign(overlap=1))


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = made.run()
    place = tmp_path_factory.mktemp("a") / "GOOG"
    return written(place, made.run(scores=run.scores.assign(overlap=1)))


def test_the_nearer_run_is_named_with_its_evidence(newest: Path, tmp_path: Path) -> None:
    far = written(tmp_path / "far", shifted(made.run(), 1.05))
    words, page = compare(newest, far)
    assert "this run has the smaller squared errors (p = " in words
    assert "this run has the smaller squared errors" in page.read_text()
    assert page.parent == newest
    words, _ = compare(far, newest)
    assert "the other has the smaller squared errors" in words


def test_a_run_beside_itself_says_the_same(newest: Path, tmp_path: Path) -> None:
    twin = written(tmp_path / "twin", folder.read(newest))
    assert "say the same about all 120 targets" in compare(newest, twin)[0]


def test_runs_of_two_tickers_are_refused(newest: Path, tmp_path: Path) -> None:
    answers = made.run().answers.assign(ticker="MSFT")
    scores = made.scores(answers).assign(overlap=1)
    other = written(tmp_path / "other", made.run(ticker="MSFT", answers=answers, scores=scores))
    with pytest.raises(SettingError, match="only like can be compared"):
        compare(newest, other)

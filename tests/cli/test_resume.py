"""What was killed goes on where it stopped, to the very bytes that it would have reached."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli import main
from forecast.forecasters import kept
from forecast.forecasters.kept import Kept
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Training
from tests.made import table

QUICK = ("FB", "--source", "sample", "--epochs", "15", "--quiet")
FIT = ("fit", *QUICK, "--refit", "10")
OTHERS = {
    "tune": ("--trials", "4", "--refits", "2"),
    "tune by optuna": ("--trials", "10", "--refits", "1", "--search", "optuna"),
    "compare": ("--models", "gru,ridge", "--refit", "10"),
}
# Portions of one network each, so that some are done when the others are not.
SMALL = """
import os, signal, sys
from forecast.forecasters import kept, recurrent
recurrent.WORK = 1
keep, done = kept.Kept.keep, []
def counted(self, key, lessons):
    keep(self, key, lessons)
    done.append(key)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
kept.Kept.keep = counted
from forecast.cli import main
main(sys.argv[1:])
"""


def portions(folder: Path, work: str = "fit") -> set[Path]:
    return set(folder.glob(f"reports/FB/.resume-{work}/*.safetensors"))


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
def test_a_killed_fit_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = [sys.executable, "-c", SMALL, *FIT]
    assert subprocess.run(code, check=False, cwd=tmp_path).returncode == -signal.SIGKILL
    assert len(portions(tmp_path)) == 3
    monkeypatch.chdir(tmp_path)
    learned, keep = list[str](), Kept.keep
    monkeypatch.setattr(Kept, "keep", lambda *told: (learned.append(told[1]), keep(*told)))
    with monkeypatch.context() as small:
        small.setattr("forecast.forecasters.recurrent.WORK", 1)
        assert CliRunner().invoke(main, [*FIT, "--resume"]).exit_code == 0
    assert len(learned) == 4  # of 7: six folds, and everything for what comes next
    assert CliRunner().invoke(main, [*FIT, "--out", "whole"]).exit_code == 0
    assert len(learned) == 5
    assert not portions(tmp_path)
    for name in ("answers.csv", "scores.json", "model.safetensors"):
        whole = (tmp_path / "whole" / "FB" / name).read_bytes()
        assert (tmp_path / "reports" / "FB" / name).read_bytes() == whole


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("work", OTHERS)
def test_a_killed_search_or_comparison_goes_on_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    if "optuna" in work:
        pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    name = work.split()[0]
    command = (name, *QUICK, "--json", *OTHERS[work])
    code = [sys.executable, "-c", SMALL, *command]
    assert subprocess.run(code, check=False).returncode == -signal.SIGKILL
    assert len(portions(tmp_path, name)) == 3
    for place in ("reports", "whole"):
        beside = ["fit", *QUICK, "--refit", "0", "--out", place]
        assert CliRunner().invoke(main, beside).exit_code == 0
    assert len(portions(tmp_path, name)) == 3  # what goes on beside it is left alone
    monkeypatch.setattr("forecast.forecasters.recurrent.WORK", 1)
    learned, keep, told = list[str](), Kept.keep, list[str]()
    monkeypatch.setattr(Kept, "keep", lambda *told: (learned.append(told[1]), keep(*told)))
    for more in (["--resume"], ["--out", "whole"]):
        result = CliRunner().invoke(main, [*command, *more])
        assert result.exit_code == 0, result.output
        told += [result.stdout, *(path.read_text() for path in tmp_path.glob("*.toml"))]
    half = len(told) // 2
    assert told[:half] == told[half:]
    assert len(learned) == 2 * len(set(learned)) - 3  # the rest, and everything
    assert not [*tmp_path.rglob(".resume-*")]


@pytest.mark.parametrize(
    "command",
    [
        ("tune", "--to", "taken/tuned.toml"),
        ("tune", "--out", "taken"),
        ("compare", "--out", "taken"),
    ],
)
def test_nothing_is_learned_for_a_place_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("taken").write_text("a file")
    monkeypatch.setattr("forecast.forecasters.recurrent.learn", None)
    result = CliRunner().invoke(main, [*command, *QUICK])
    assert (result.exit_code, result.stderr.count("\n")) == (6, 1), result.output
    assert "cannot be written: " in result.stderr
    assert not Path("reports").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no disk that is always full")
@pytest.mark.parametrize("work", ["tune", "compare"])
def test_what_was_learned_is_kept_until_its_result_is_written(tmp_path: Path, work: str) -> None:
    command = [sys.executable, "-m", "forecast", work, *QUICK, *OTHERS[work]]
    with Path("/dev/full").open("w") as full:
        there = ("--to", "/dev/full") if work == "tune" else ()
        code = subprocess.run([*command, *there], check=False, cwd=tmp_path, stdout=full)
    assert code.returncode == 6
    kept = portions(tmp_path, work)
    assert kept
    again = subprocess.run([*command, "--resume"], check=False, cwd=tmp_path, capture_output=True)
    assert (again.returncode, portions(tmp_path, work)) == (0, set())


def test_what_is_kept_is_found_by_the_same_learning_alone(tmp_path: Path) -> None:
    histories = [table(60, seed) for seed in range(2)]
    how = Recurrent(training=Training(epochs=2)).keeping(tmp_path)
    first = how.fit_many(histories, 1)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])  # a damaged portion is learned again
    again = how.fit_many(histories, 1)
    assert first[0].checkpoint().about == again[0].checkpoint().about
    assert again[1].curve.training.tobytes() == first[1].curve.training.tobytes()
    how.fit_many(histories[:1], 1)
    how.fit_many(histories, 2)
    assert len([*tmp_path.iterdir()]) == 3


def test_lessons_come_back_to_the_last_bit(tmp_path: Path) -> None:
    history, folder = table(60), kept.Kept(tmp_path)
    how = Recurrent(training=Training(epochs=3, seeds=2)).keeping(tmp_path)
    (learned,), (found,) = how.fit_many([history], 1), how.fit_many([history], 1)
    assert all((found.weights[name] == each).all() for name, each in learned.weights.items())
    assert found.curve.validation.tobytes() == learned.curve.validation.tobytes()
    assert found.share.tobytes() == learned.share.tobytes()
    assert folder.find("nothing") is None

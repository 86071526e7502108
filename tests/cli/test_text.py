"""`forecast text ...`, as typed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from safetensors.numpy import load_file

from forecast.cli import main
from forecast.cli.progress import Lines
from forecast.training.checkpoint import load

SAMPLE = ["text", "sample", "--prompt", "if you want", "--length", "9", "--temperature", "0"]
QUICK = ["--hidden", "24", "--window", "10", "--learning-rate", "0.02", "--quiet"]
FIT = ["text", "fit", "ship", "--epochs", "100", "--validation", "0", *QUICK]

# As a program that nobody ends before it has ended by itself.
HEARING = """
import signal
from forecast.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
# Killed where it would be kept for the fourth time.
KILLED = """
import os, signal, sys
from forecast.cli import main
from forecast.training import loop, snapshot
loop.KEEPING = float('inf')
keep, kept = snapshot.Place.keep, []
def counted(*told):
    kept.append(told)
    if len(kept) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    keep(*told)
snapshot.Place.keep = counted
main(sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def scores(name: str = "ship") -> Any:
    return json.loads(Path("reports/text", name, "scores.json").read_text())["scores"]


def test_fit_writes_the_folder_that_the_other_commands_read() -> None:
    told = run(*FIT)
    assert told.exit_code == 0, told.output
    folder = Path("reports/text/ship")
    assert "Report: reports/text/ship/report.html" in told.output
    assert json.loads((folder / "settings.json").read_text())["network"]["hidden"] == 24
    assert scores()["vocabulary"] == 25
    assert (folder / "learning.png").read_bytes().startswith(b"\x89PNG")
    written = json.loads((folder / "written.json").read_text())["samples"]
    assert [len(sample) for sample in written.values()] == [1000] * 3
    assert {"weight_ih_l0", "head_bias"} <= set(load_file(folder / "model.safetensors"))
    written = run(*SAMPLE)
    assert written.output == "if you want to build\n"
    streamed = run(*SAMPLE, "--stream")
    assert streamed.output == written.output
    found = json.loads(run("text", "complete", "if you want to", "--count", "1", "--json").output)
    assert found["completions"][0]["word"] == "build"
    assert "build" in run("text", "complete", "if you want to").output
    known = json.loads(run("text", "score", "ship", "--json").output)
    assert 0 < known["bits_per_character"] < 2
    assert "nats and" in run("text", "score", "ship", "--model", "reports/text/ship").output


def test_the_same_command_twice_writes_the_same_bytes() -> None:
    for place in ("one", "two"):
        assert run(*FIT[:4], "3", *FIT[5:], "--out", place).exit_code == 0
    for path in Path("one/text/ship").glob("*.*"):
        if path.name != "resume.safetensors":  # it holds how long learning took
            assert path.read_bytes() == Path("two/text/ship", path.name).read_bytes(), path


def test_learning_goes_on_with_resume() -> None:
    run(*FIT[:4], "5", *FIT[5:])
    before = scores()
    again = run(*FIT, "--resume")
    assert again.exit_code == 0, again.output
    after = scores()
    assert (before["turns"], after["turns"]) == (5, 100)


def test_resume_where_nothing_was_kept_begins_anew_and_says_so() -> None:
    told = run(*FIT[:4], "1", *FIT[5:], "--resume")
    assert (told.exit_code, told.stderr) == (0, "nothing was kept; learning begins anew\n")


def test_a_killed_learning_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("the quick brown fox jumps over the lazy dog " * 100)
    command = ["text", "fit", "long.txt", "--epochs", "5", *QUICK]
    killed = subprocess.run([sys.executable, "-c", KILLED, *command], check=False, cwd=tmp_path)
    assert killed.returncode == -signal.SIGKILL
    assert run(*command, "--resume").stderr == ""
    assert run(*command, "--out", "whole").exit_code == 0
    for path in Path("whole/text/long").glob("*.*"):
        if path.name != "resume.safetensors":  # it holds how long learning took
            assert path.read_bytes() == Path("reports/text/long", path.name).read_bytes(), path


def test_ctrl_c_keeps_what_was_learned_and_resume_goes_on(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("abcdefgh " * 2000)
    place, learn = Path("reports/text/long"), ["text", "fit", "long.txt", *QUICK]
    run(*learn, "--epochs", "1")
    before = (place / "model.safetensors").read_bytes()
    place.joinpath("resume.safetensors").unlink()
    process = subprocess.Popen(
        [sys.executable, "-c", HEARING, *learn, "--epochs", "100000", "--patience", "100000"],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None and not _judged(place / "resume.safetensors"):
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    output, complaint = process.communicate(timeout=60)
    assert process.returncode == 130, complaint
    assert complaint == (
        "forecast: interrupted; 'reports/text/long' holds the best so far, and forecast plot draws"
        " its page; go on with --resume\n"
    )
    assert "Report" not in output
    assert (place / "model.safetensors").read_bytes() != before
    assert not [*place.glob("*.html"), *place.glob("*.png")]  # of the run before
    assert run("plot", "text/long").output.split() == [
        f"{place}/report.html",
        f"{place}/learning.png",
    ]
    assert "Learning was stopped after" in run("plot", "--list").output
    assert run("text", "sample", "--length", "4").exit_code == 0
    turns = scores("long")["turns"]
    assert turns > 0
    told = run(*learn, "--epochs", "1", "--patience", "100000", "--resume")
    assert told.exit_code == 0, told.output
    again = scores("long")["turns"]
    assert 0 < again <= turns  # what was cut short within a turn is learned again


def _judged(kept: Path) -> bool:
    return kept.exists() and load(kept).about["snapshot"]["best_epoch"] > [0]


def test_ctrl_c_before_anything_was_learned_leaves_the_result_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(*FIT[:4], "1", *FIT[5:])
    place = Path("reports/text/ship")
    before = {path.name: path.read_bytes() for path in place.glob("*.*")}
    monkeypatch.setattr(Lines, "__call__", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    told = run(*FIT)
    assert (told.exit_code, told.stdout, told.stderr) == (130, "", "forecast: interrupted\n")
    for name in before.keys() - {"resume.safetensors"}:
        assert (place / name).read_bytes() == before[name], name


@pytest.mark.parametrize(
    ("content", "more", "code", "reason"),
    [
        (b"", [], 3, "is empty; a corpus holds text"),
        (b"abc", [], 3, "choose a smaller --window or a longer corpus"),
        (b"a" * 100, [], 3, "1 distinct token"),
        (b"\xb3\xaa" * 100, [], 3, "pass --encoding, for example cp949"),
        (b"abc " * 9, ["--level", "bpe", "--vocabulary", "9"], 2, "at least 256 tokens"),
    ],
    ids=["empty", "short", "uniform", "encoding", "few byte pairs"],
)
def test_what_cannot_be_learned_is_one_clear_line(
    tmp_path: Path, content: bytes, more: list[str], code: int, reason: str
) -> None:
    (tmp_path / "odd.txt").write_bytes(content)
    told = run("text", "fit", "odd.txt", *QUICK, "--epochs", "1", *more)
    assert told.exit_code == code
    assert reason in told.stderr
    assert told.stderr.count("\n") == 1


def test_resume_of_another_corpus_or_other_settings_is_refused(tmp_path: Path) -> None:
    run(*FIT[:4], "1", *FIT[5:])
    other = run(*FIT, "--resume", "--layers", "2")
    assert other.exit_code == 5
    assert "was learned with another layers" in other.stderr
    (tmp_path / "ship").write_text("another text that is called ship as well, " * 9)
    assert "is of other data" in run(*FIT, "--resume").stderr


def test_what_a_model_has_learned_reaches_no_terminal_as_a_command(tmp_path: Path) -> None:
    (tmp_path / "red.txt").write_text("\x1b[31mred\x1b[0m\n" * 40)
    fit = ["text", "fit", "red.txt", "--epochs", "3", "--validation", "0", *QUICK]
    assert run(*fit).exit_code == 0
    for words in (["sample", "--length", "80"], ["complete", "re"]):
        told = CliRunner().invoke(main, ["text", *words], color=True).output
        assert "\x1b" not in told
        assert "\\x1b" in told or words[0] == "complete"


def test_unknown_characters_and_missing_models_are_one_clear_line() -> None:
    missing = run("text", "sample")
    assert (missing.exit_code, missing.stderr.count("\n")) == (6, 1)
    assert "run forecast text fit first" in missing.stderr
    run(*FIT[:4], "1", *FIT[5:])
    assert "did you mean 'ship'?" in run("text", "sample", "--model", "shp").stderr
    strange = run("text", "sample", "--prompt", "QX")
    assert strange.exit_code == 3
    assert "2 of 2 tokens are not among the 25 of the vocabulary ('Q', 'X')" in strange.stderr


def test_a_model_of_prices_is_refused() -> None:
    quick = ["--source", "sample", "--epochs", "2", "--refit", "0", "--quiet"]
    assert run("fit", "FB", *quick).exit_code == 0
    told = run("text", "sample", "--model", "reports/FB")
    assert told.exit_code == 5
    assert "is no language model but 'a model of prices'" in told.stderr


def test_plain_torch_loads_the_weights_in_three_lines() -> None:
    import torch  # noqa: PLC0415

    run(*FIT[:4], "1", *FIT[5:])
    weights = load_file("reports/text/ship/model.safetensors")
    lstm = torch.nn.LSTM(64, 24, batch_first=True)
    lstm.load_state_dict({name: torch.tensor(weights[name]) for name in lstm.state_dict()})
    read = torch.tensor(weights["embedding_weight"])[None]
    assert np.isfinite(lstm(read)[0].detach().numpy()).all()

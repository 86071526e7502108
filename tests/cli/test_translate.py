import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from forecast.cli import main

DATASETS = Path(__file__).parents[2] / "datasets" / "text"
QUICK = ["--hidden", "16", "--embedding", "16", "--epochs", "60", "--learning-rate", "0.01"]
QUICK += ["--dropout", "0", "--validation", "0"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DATASETS / "korean.tsv", tmp_path / "pairs.tsv")


def run(*arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(main, ["translate", *arguments], input=stdin, catch_exceptions=False)


def test_what_was_learned_is_translated_from_the_line_and_from_standard_input() -> None:
    told = json.loads(run("fit", "pairs.tsv", *QUICK, "--json").stdout)
    assert told["epochs"] == 60
    assert Path(told["folder"], "attention.png").stat().st_size > 10_000
    assert run("run", "I feel hungry.").stdout == "나는 배가 고프다.\n"
    lines = "Pytorch is very easy.\n\nI feel hungry.\n"
    assert run("run", "-", stdin=lines).stdout == "파이토치는 매우 쉽다.\n\n나는 배가 고프다.\n"
    assert "BLEU 100.0, chrF 100.0 on 4 sentences" in run("score", "pairs.tsv").stdout


def test_the_other_way_round_and_from_two_files() -> None:
    both = [line.split("\t") for line in Path("pairs.tsv").read_text("utf-8").splitlines()]
    for name, side in (("english.txt", 0), ("korean.txt", 1)):
        Path(name).write_text("\n".join(pair[side] for pair in both), encoding="utf-8")
    run("fit", "english.txt", "--target-file", "korean.txt", "--target-first", *QUICK)
    assert run("run", "나는 배가 고프다.").stdout == "I feel hungry.\n"
    told = run("score", "korean.txt", "--target-file", "english.txt", "--json").stdout
    assert json.loads(told)["bleu"] == pytest.approx(100.0)


def test_fit_tells_what_it_learned_from_on_one_screen() -> None:
    result = run("fit", "pairs.tsv", *QUICK[:4], "--epochs", "1")
    assert result.stdout.splitlines()[0] == "4 pairs: 4 learned from, 0 judge"
    assert result.stdout.splitlines()[-1] == "Report: reports/translate/pairs/report.html"
    assert result.stderr == ""


def test_learning_goes_on_where_it_stopped() -> None:
    run("fit", "pairs.tsv", *QUICK, "--epochs", "2")
    told = json.loads(run("fit", "pairs.tsv", *QUICK, "--resume", "--json").stdout)
    assert told["epochs"] == 60


@pytest.mark.parametrize(
    ("content", "arguments", "code", "words"),
    [
        ("Hi. 안녕.\n", [], 3, "line 1: no tab in"),
        ("", [], 3, "is empty"),
        ("Hi.\t안녕.".encode("cp949"), [], 3, "Fix: pass --encoding"),
        ("Hi.\t안녕.", ["--hidden", "1"], 2, "hidden is from 2 to 4096; got 1"),
        ("Hi.\t안녕.", ["--longest", "1"], 3, "allow longer ones (--longest)"),
        ("Hi.\t안녕.", ["--target-file", "none.txt"], 3, "none.txt"),
        ("Hi.\t안녕.", ["--out", "bad.tsv"], 6, "bad.tsv"),
    ],
)
def test_bad_input_gets_one_line_and_its_exit_code(
    content: str | bytes, arguments: list[str], code: int, words: str
) -> None:
    Path("bad.tsv").write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run("fit", "bad.tsv", *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""


def test_what_cannot_be_translated_or_scored_gets_one_line() -> None:
    assert "run forecast translate fit first" in run("run", "Hi.").stderr
    run("fit", "pairs.tsv", *QUICK[:4], "--epochs", "1")
    assert "is not UTF-8" in run("run", "-", stdin=b"\xff\xfe").stderr
    result = run("score", "pairs.tsv", "--tokenize", "klingon")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from forecast.cli import main
from forecast.settings_file import read
from tests.made import table

QUICK = ["--epochs", "4", "--hidden", "3", "--refit", "0", "--quiet"]


def _folder(place: Path, count: int) -> Path:
    place.mkdir()
    for seed in range(count):
        table(90, seed).to_csv(place / f"T{seed}.csv")
    (place / "broken.csv").write_text("nothing\n")
    return place


def test_a_folder_of_many_files_gives_one_result(tmp_path: Path) -> None:
    given, out = _folder(tmp_path / "data", 3), tmp_path / "out"
    told = CliRunner().invoke(
        main, ["fit", str(given), "--out", str(out), "--reports", "2", *QUICK]
    )
    assert told.exit_code == 0, told.output
    assert "3 tickers" in told.output
    assert "1 ticker left out" in told.output
    assert "Verdict on lstm: better than the last close on 0 of 3 tickers" in told.output
    assert max(map(len, told.output.splitlines()[:-1])) <= 88
    assert sorted(path.name for path in (out / "data").iterdir()) == [
        "panel.json", "scores.csv", "trials.json", "upcoming.csv"
    ]  # fmt: skip


@pytest.mark.parametrize("command", [("fit", "--reports", "2"), ("compare",)], ids=" ".join)
def test_what_was_done_to_files_is_said_where_no_page_tells(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    given = _folder(tmp_path / "data", 2)
    table(90, 5).iloc[::-1].to_csv(given / "T9.csv")
    told = CliRunner().invoke(main, [*command, str(given), "--out", str(tmp_path / "out"), *QUICK])
    assert told.exit_code == 0, told.output
    assert "T9: Rows were newest first; turned round.\n" in told.stderr


@pytest.mark.parametrize("given", ["data/T0.csv", "data"], ids=["long table", "folder"])
def test_many_tickers_never_overwrite_what_they_were_read_from(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = Path("scores") if given.endswith("csv") else Path("data")
    _folder(place, 3)
    long = pd.concat([table(90, seed).assign(symbol=f"T{seed}") for seed in range(3)])
    long.to_csv(place / "scores.csv")
    before = {path: path.read_bytes() for path in place.iterdir()}
    asked = "scores/scores.csv" if given.endswith("csv") else given
    told = CliRunner().invoke(main, ["fit", asked, "--out", ".", "--reports", "2", *QUICK])
    assert told.exit_code == 2
    assert "lies where its result goes; choose another place" in told.stderr
    assert {path: path.read_bytes() for path in place.iterdir()} == before


def test_tune_never_overwrites_what_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    table(150).to_csv(path)
    before = path.read_bytes()
    told = CliRunner().invoke(main, ["tune", str(path), "--to", str(path), "--trials", "1"])
    assert (told.exit_code, path.read_bytes()) == (2, before)
    assert "lies where its result goes" in told.stderr


def test_a_folder_of_few_files_gives_a_report_for_each(tmp_path: Path) -> None:
    given, out = _folder(tmp_path / "data", 2), tmp_path / "out"
    told = CliRunner().invoke(main, ["fit", str(given), "--out", str(out), "--json", *QUICK])
    assert told.exit_code == 0, told.output
    assert "left out" in told.stderr
    assert [each["ticker"] for each in json.loads(told.stdout)["results"]] == ["T0", "T1"]
    assert (out / "T1" / "forecast.png").exists()


def test_what_was_compared_counts_as_tried_on_each_ticker(tmp_path: Path) -> None:
    given, out = _folder(tmp_path / "data", 2), tmp_path / "out"
    asked = ["compare", str(given), "--out", str(out), "--models", "ridge,weekday", *QUICK]
    first, again = (CliRunner().invoke(main, [*asked, "--json"]) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == again.stdout
    for ticker in ("T0", "T1"):
        record = json.loads((out / ticker / "trials.json").read_text())
        assert sorted(each["model"] for each in record.values()) == ["ridge", "weekday"]
    later = ["compare", str(given), "--out", str(out), "--models", "boosting", *QUICK, "--json"]
    rows = json.loads(CliRunner().invoke(main, later).stdout)["scores"]
    # Two models on two tickers before, one on two now.
    assert {row["tests"] for row in rows if row["forecaster"] == "boosting"} == {6}


def test_tune_writes_a_file_that_fit_reads(tmp_path: Path) -> None:
    path, to = tmp_path / "mine.csv", tmp_path / "tuned.toml"
    table(150, signal=0.7).to_csv(path)
    asked = ["--to", str(to), "--trials", "3", "--epochs", "5", "--quiet"]
    told = CliRunner().invoke(main, ["tune", str(path), *asked])
    assert told.exit_code == 0, told.output
    assert "3 trials, walked forward inside the history until" in told.output
    assert "as given" in told.output
    assert f"fit --settings {to}" in told.output
    assert set(read(to)) == {"models", "hidden", "window", "learning_rate", "trust"}

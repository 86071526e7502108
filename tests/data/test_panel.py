import os
from pathlib import Path

import pytest

from forecast.data.panel import load_panel
from forecast.errors import DataError, SettingError
from tests.made import table


def test_a_pipe_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    table(40, 0).to_csv(tmp_path / "AAA.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    panel = load_panel([str(tmp_path)])
    assert [each.ticker for each in panel.prices] == ["AAA"]
    assert len(panel.left_out) == 2


def test_a_folder_holds_a_ticker_for_each_file_and_says_what_is_none(tmp_path: Path) -> None:
    for seed, name in enumerate(("AAA", "BBB")):
        table(40, seed).to_csv(tmp_path / f"{name}.csv")
    (tmp_path / "notes.txt").write_text("no prices at all\n")
    (tmp_path / "readme.md").write_text("# not read\n")
    panel = load_panel([str(tmp_path)])
    assert [each.ticker for each in panel.prices] == ["AAA", "BBB"]
    assert len(panel.left_out) == 1
    assert "notes.txt" in panel.left_out[0]


@pytest.mark.parametrize("name", ["", " ", "A" * 10_000], ids=["empty", "blank", "long"])
def test_a_name_that_is_none_means_no_folder(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table(40, 0).to_csv("AAA.csv")
    with pytest.raises(SettingError, match="is not a ticker"):
        load_panel([name])


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"none of 0 files holds prices; needs some whose names end with .csv"
    ):
        load_panel([str(tmp_path)])

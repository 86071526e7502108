import json
from pathlib import Path

import pandas as pd
import pytest

from tests.benchmarks import record
from tests.benchmarks.record import AbsentError, Gate, Result, shared_data, write

MACHINE = {"processor": "made for a test", "date": "2020-02-03"}


def result(*, kept: bool) -> Result:
    return Result(
        question="Is it nearer?",
        settings={"rows": 7},
        table=pd.DataFrame({"forecaster": ["last", "lstm"], "RMSE": [1.0, float("nan")]}),
        formats={"RMSE": ".2f"},
        gates=[Gate("nearer", "farther", kept)],
    )


def test_a_result_becomes_numbers_and_a_page_with_units_as_asked(tmp_path: Path) -> None:
    write("distance", result(kept=True), MACHINE, tmp_path)
    found = json.loads((tmp_path / "distance.json").read_text())
    assert found["rows"] == [
        {"forecaster": "last", "RMSE": 1.0},
        {"forecaster": "lstm", "RMSE": None},
    ]
    page = (tmp_path / "distance.md").read_text()
    assert "| last | 1.00 |\n| lstm |  |" in page
    assert "- kept: nearer; found farther" in page


def test_the_index_counts_what_is_kept_and_names_what_is_not(tmp_path: Path) -> None:
    write("distance", result(kept=True), MACHINE, tmp_path)
    (tmp_path / "step.json").write_text('{"rows": []}')
    write("height", result(kept=False), MACHINE, tmp_path)
    index = (tmp_path / "README.md").read_text()
    assert "| [distance](distance.md) | Is it nearer? | 1 of 1 | 2020-02-03 |" in index
    assert "- height: nearer; found farther" in index
    assert "- distance" not in index
    assert "| [step](step.md) |  |  |  |" in index


def test_data_that_are_not_here_are_named_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "ROOT", tmp_path / "checkout")
    with pytest.raises(AbsentError, match=r"prices\.parquet is not beside this checkout"):
        shared_data("prices.parquet")

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.data.panel import load_panel
from forecast.errors import DataError
from forecast.source_settings import Csv, Source
from tests.made import table

ONLY = Source(source="csv")


def _long(*tickers: str, rows: int = 40) -> pd.DataFrame:
    parts = [
        table(rows, seed).reset_index().assign(symbol=ticker) for seed, ticker in enumerate(tickers)
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_long_table_holds_a_ticker_for_each_symbol(tmp_path: Path, suffix: str) -> None:
    path, long = tmp_path / f"all.{suffix}", _long("NA", "000660", "B")
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
        long.to_parquet(path)
    else:
        long.sample(frac=1, random_state=0).to_csv(path, index=False)
    panel = load_panel([str(path)], ONLY)
    assert [each.ticker for each in panel.prices] == ["000660", "B", "NA"]
    assert panel.left_out == []
    np.testing.assert_allclose(panel.prices[2].table, table(40, 0))
    assert panel.prices[2].table.index.equals(table(40, 0).index)


def test_tickers_that_cannot_be_used_are_left_out_and_said(tmp_path: Path) -> None:
    long = _long("A", "B", "C")
    long.loc[long["symbol"] == "B", "close"] = -1234.0
    long.loc[(long["symbol"] == "C") & (long.index % 10 == 0), "close"] = np.nan
    long.to_csv(tmp_path / "all.csv", index=False)
    panel = load_panel([str(tmp_path / "all.csv")])
    assert [each.ticker for each in panel.prices] == ["A", "C"]
    assert panel.left_out == ["B: B: 0 rows of prices; needs at least 1"]
    assert len(panel.prices[1].table) == 36
    assert "4 rows without a price above 0" in panel.prices[1].receipt.notes[0]


def test_adjusted_closes_adjust_the_other_prices(tmp_path: Path) -> None:
    long = _long("A", "B")
    long["Adj Close"] = long["close"] / 2
    long.to_csv(tmp_path / "all.csv", index=False)
    [first, _] = load_panel([str(tmp_path / "all.csv")]).prices
    np.testing.assert_allclose(first.table["open"], table(40, 0)["open"] / 2)
    assert first.receipt.adjusted


def test_numbers_of_sessions_stand_on_weekdays(tmp_path: Path) -> None:
    long = pd.DataFrame({"unique_id": ["a"] * 3 + ["b"] * 3, "ds": [0, 1, 2] * 2, "y": range(1, 7)})
    long.to_csv(tmp_path / "all.csv", index=False)
    panel = load_panel([str(tmp_path / "all.csv")])
    assert [each.table["close"].tolist() for each in panel.prices] == [[1, 2, 3], [4, 5, 6]]


def test_dates_of_another_form_are_refused_with_the_option(tmp_path: Path) -> None:
    long = _long("A", "B")
    long["date"] = long["date"].dt.strftime("%d/%m/%Y")
    long.to_csv(tmp_path / "all.csv", index=False)
    with pytest.raises(DataError, match="pass --date-format"):
        load_panel([str(tmp_path / "all.csv")])
    how = Csv(date_format="%d/%m/%Y")
    assert load_panel([str(tmp_path / "all.csv")], how=how).prices[0].table.index[0].year == 2020


def test_a_folder_holds_a_ticker_for_each_file_and_says_what_is_none(tmp_path: Path) -> None:
    for seed, name in enumerate(("AAA", "BBB")):
        table(40, seed).to_csv(tmp_path / f"{name}.csv")
    (tmp_path / "notes.txt").write_text("no prices at all\n")
    (tmp_path / "readme.md").write_text("# not read\n")
    panel = load_panel([str(tmp_path)])
    assert [each.ticker for each in panel.prices] == ["AAA", "BBB"]
    assert len(panel.left_out) == 1
    assert "notes.txt" in panel.left_out[0]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none of 0 files holds prices"):
        load_panel([str(tmp_path)])


def test_a_file_of_one_symbol_is_read_as_ever(tmp_path: Path) -> None:
    _long("A").to_csv(tmp_path / "one.csv", index=False)
    [only] = load_panel(
        [
            str(tmp_path / "one.csv"),
        ],
        ONLY,
    ).prices
    assert only.ticker == "one"

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.data.panel import load_panel
from forecast.errors import DataError, SettingError
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
    assert panel.left_out == [f"{tmp_path}/all.csv: B: 0 rows of prices; needs at least 1"]
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
    note = "Rows have no dates; they stand on weekdays from 1900-01-01 on."
    assert panel.prices[0].receipt.notes == (note,)


def test_dates_that_could_be_read_in_two_ways_are_refused_with_the_option(tmp_path: Path) -> None:
    long = _long("A", "B", rows=8)
    long["date"] = long["date"].dt.strftime("%d/%m/%Y")
    long.to_csv(tmp_path / "all.csv", index=False)
    with pytest.raises(DataError, match="pass --date-format"):
        load_panel([str(tmp_path / "all.csv")])
    how = Csv(date_format="%d/%m/%Y")
    assert load_panel([str(tmp_path / "all.csv")], how=how).prices[0].table.index[0].year == 2020


@pytest.mark.parametrize(
    "dates",
    [
        ("13/01/2024", "15/01/2024"),
        ("Jan 13, 2024", "Jan 15, 2024"),
        ("2024-01-13 00:00:00-05:00", "2024-01-15 00:00:00-04:00"),
        (45304, 45306),
        (1705104000000, 1705276800000),
        (20240113, 20240115),
    ],
    ids=str,
)
def test_dates_are_read_however_they_are_written(
    dates: tuple[object, object], tmp_path: Path
) -> None:
    long = pd.DataFrame({"symbol": [*"AABB"], "date": [*dates, *dates], "close": [1.0, 2, 3, 4]})
    long.to_csv(tmp_path / "all.csv", index=False)
    for prices in load_panel([str(tmp_path / "all.csv")]).prices:
        assert [f"{day:%Y-%m-%d}" for day in prices.table.index] == ["2024-01-13", "2024-01-15"]


SPOILED = {
    "12-text": ("abc", ":3: column 'close': 'abc' is not a number. Fix: remove the row or"),
    "60-hex": ("0x1F", ":3: column 'close': '0x1F' is not a number. Fix: remove the row or"),
    "17-dollar": (
        "$2",
        ":3: column 'close': '$2' has a currency sign. Fix: pass --strip-currency.",
    ),
    "22-million": ("2M", ":3: column 'close': '2M' has a suffix. Fix: pass --si to read K, M, B"),
    "33-field-lost": ("1\nA,3", ":4: 2 fields, header has 3. Fix: join or quote the parted field"),
    "36-footer": ("1\n\nBy ACME", ":5: 1 field, header has 3. Fix: join or quote the parted field"),
    "24-blank-lines-before": ("1\n\nA,2024-01-04,abc", ":5: column 'close': 'abc' is not a numb"),
}


@pytest.mark.parametrize("row", SPOILED)
def test_a_cell_that_is_no_number_is_refused_with_its_line(row: str, tmp_path: Path) -> None:
    cell, expected = SPOILED[row]
    path = tmp_path / "all.csv"
    path.write_text(f"symbol,date,close\nA,2024-01-02,1\nA,2024-01-03,{cell}\nB,2024-01-02,1\n")
    with pytest.raises(DataError) as error:
        load_panel([str(path)])
    assert str(error.value).startswith(f"{path}{expected}")


def test_thousands_and_decimal_commas_are_read_as_in_any_file(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    head = "symbol;date;close;volume\n"
    path.write_text(head + "A;2024-01-02;999,5;1.234\nB;2024-01-02;1.000,25;5\n")
    for how in (Csv(), Csv(decimal=","), Csv(thousands=".")):
        first, second = load_panel([str(path)], how=how).prices
        assert first.table.iloc[0].tolist() == [999.5, 1234]
        assert second.table.iloc[0].tolist() == [1000.25, 5]
        assert first.receipt.notes == ("The decimal sign is a comma.",)
    path.write_text("symbol;date;close\nA;2024-01-02;1.234\nB;2024-01-02;1.235\n")
    with pytest.raises(DataError, match=r":2: column 'close': '1.234' could be 1234 or 1.234"):
        load_panel([str(path)])
    assert load_panel([str(path)], how=Csv(thousands=".")).prices[0].table["close"].iloc[0] == 1234
    path.write_text('symbol,date,close\nA,2024-01-02,999.5\nB,2024-01-02,"1,000.25"\n')
    assert [each.table["close"].iloc[0] for each in load_panel([str(path)]).prices] == [
        999.5,
        1000.25,
    ]


def test_a_decimal_comma_beside_numbers_that_could_be_thousands_has_to_be_named(
    tmp_path: Path,
) -> None:
    path = tmp_path / "all.csv"
    path.write_text('symbol,date,close,volume\nA,2024-01-02,"2,5",1.234\nB,2024-01-02,"2,5",5\n')
    with pytest.raises(DataError, match="the decimal sign is a comma"):
        load_panel([str(path)])
    first = load_panel([str(path)], how=Csv(decimal=",")).prices[0]
    assert first.table.iloc[0].tolist() == [2.5, 1234]


def test_rows_without_a_number_are_dropped_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text("symbol,date,close\nA,2024-01-02,1\nA,2024-01-03,abc\nB,2024-01-02,1\n")
    first, _ = load_panel([str(path)], how=Csv(na="drop")).prices
    assert first.table["close"].tolist() == [1]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("symbol,date,close\nA,,1\nB,2024-01-02,1\n", ":2: no date."),
        ("symbol,date,close\nA,2024-02-30,1\nB,2024-01-02,1\n", ":2: '2024-02-30' is not a date."),
        (
            "symbol,date,close,close\nA,2024-01-02,1,2\nB,2024-01-02,1,2\n",
            ":1: column 'close' comes",
        ),
        ("symbol,close\nA,1\nB,1\n", ":1: no date column;"),
        ("symbol,date,close\nA,2024-01-02,True\nB,2024-01-02,True\n", ":2: column 'close': 'True'"),
    ],
)
def test_a_long_table_that_is_off_is_refused_with_its_line(
    content: str, expected: str, tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"
    path.write_text(content)
    with pytest.raises(DataError) as error:
        load_panel([str(path)])
    assert str(error.value).startswith(f"{path}{expected}")


def test_a_session_that_comes_twice_is_kept_once_unless_its_numbers_differ(tmp_path: Path) -> None:
    path, rows = tmp_path / "all.csv", "A,2024-01-02,1\nA,2024-01-02,1\n"
    path.write_text(f"symbol,date,close\n{rows}B,2024-01-02,1\nB,2024-01-02,2\n")
    panel = load_panel([str(path)])
    [only] = panel.prices
    assert only.table["close"].tolist() == [1]
    assert only.receipt.notes == ("1 row repeated a session and its numbers; kept once.",)
    assert panel.left_out == [
        f"{path}: B: date 2024-01-02 comes twice, with different numbers; remove one of the two"
        " rows, or give bars within a day a file for each ticker"
    ]


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


def test_a_file_of_one_symbol_is_read_as_ever(tmp_path: Path) -> None:
    _long("A").to_csv(tmp_path / "one.csv", index=False)
    [only] = load_panel(
        [
            str(tmp_path / "one.csv"),
        ],
        ONLY,
    ).prices
    assert only.ticker == "one"


def _written(folder: Path, *rows: str) -> str:
    (folder / "all.csv").write_text(
        "symbol,date,note,close\n" + "".join(f"{row}\n" for row in rows)
    )
    return str(folder / "all.csv")


def test_rows_without_a_symbol_are_said_to_be_left_out(tmp_path: Path) -> None:
    two = ("A,2024-01-02,x,1", "B,2024-01-02,x,2", ",2024-01-03,x,3", " ,2024-01-04,x,4")
    panel = load_panel([_written(tmp_path, *two)], ONLY)
    assert [each.ticker for each in panel.prices] == ["A", "B"]
    assert panel.left_out == [f"{tmp_path}/all.csv:4: 2 rows without a symbol from here on"]


def test_a_symbol_that_is_written_once_is_that_of_all_rows(tmp_path: Path) -> None:
    path = _written(tmp_path, "A,2024-01-02,x,1", ",2024-01-03,x,2", ",2024-01-04,x,3")
    [prices] = load_panel([path], ONLY).prices
    assert prices.table["close"].tolist() == [1, 2, 3]


def test_spaces_around_a_symbol_are_no_part_of_it(tmp_path: Path) -> None:
    path = _written(tmp_path, "A,2024-01-02,x,1", "B,2024-01-02,x,2", "A ,2024-01-03,x,3")
    assert [len(each.table) for each in load_panel([path], ONLY).prices] == [2, 1]


def test_years_are_no_numbers_of_sessions(tmp_path: Path) -> None:
    path = _written(tmp_path, "A,2021,x,1", "A,2022,x,2", "B,2021,x,3")
    with pytest.raises(DataError, match=r"all.csv:2: '2021' is not a date"):
        load_panel([path], ONLY)


def test_months_are_not_read_as_days(tmp_path: Path) -> None:
    path = _written(tmp_path, "A,201111,x,1", "A,201112,x,2", "B,201111,x,3")
    with pytest.raises(DataError, match=r"all.csv:2: '201111' is not a date"):
        load_panel([path], ONLY)


def test_what_dates_were_read_as_is_said(tmp_path: Path) -> None:
    path = _written(tmp_path, "A,45293,x,1", "B,45293,x,2")
    assert load_panel([path], ONLY).prices[0].receipt.notes == (
        "Dates were read as Excel's day numbers.",
    )


def test_choices_about_rows_hold_for_long_tables_too(tmp_path: Path) -> None:
    rows = ("A,2024-01-02,x,1", "A,2024-01-03,x,", "A,2024-01-04,x,5", "B,2024-01-02,x,2")
    path = _written(tmp_path, *rows)
    carried = load_panel([path], ONLY, Csv(na="ffill")).prices[0]
    assert carried.table["close"].tolist() == [1, 1, 5]
    assert carried.receipt.notes == ("1 missing number carried forward from the row before.",)
    panel = load_panel([path], ONLY, Csv(strict=True))
    assert [each.ticker for each in panel.prices] == ["B"]
    assert "A: close rose to 5.000 of the last close on 2024-01-04" in panel.left_out[0]


def test_quotes_around_symbols_swallow_no_row(tmp_path: Path) -> None:
    swallowed = ('"A,2024-01-02,x,1', "A,2024-01-03,x,1", 'A",2024-01-04,x,1')
    path = _written(tmp_path, *swallowed, "B,2024-01-02,x,2", "C,2024-01-02,x,2")
    with pytest.raises(DataError, match="a quote that opens here goes on over a row"):
        load_panel([path], ONLY)


def test_a_row_that_quotes_swallow_is_not_lost(tmp_path: Path) -> None:
    path = _written(tmp_path, 'A,2024-01-02,"x,1', 'A,2024-01-03,y",2', "B,2024-01-02,x,3")
    with pytest.raises(DataError, match="a quote is left open before 'x,1"):
        load_panel([path], ONLY)


@pytest.mark.parametrize(
    ("row", "fields"), [('"A","2024-01-03","2"', 3), ('"A","2024-01-03","x, y","2","3"', 5)]
)
def test_quotes_hide_no_field_that_is_lost_or_too_many(
    row: str, fields: int, tmp_path: Path
) -> None:
    over = 'A,2024-01-02,"over\nthree, or\nmore lines",1'
    path = _written(tmp_path, over, row, "B,2024-01-02,x,2")
    with pytest.raises(DataError, match=f"all.csv:5: {fields} fields, header has 4"):
        load_panel([path], ONLY)


def test_a_row_with_too_many_fields_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = _written(tmp_path, "A,2024-01-02,x,1", "B,2024-01-02,x,2,3")
    with pytest.raises(DataError, match=r"all.csv:3: 5 fields, header has 4. Fix: join or quote"):
        load_panel([path], ONLY)

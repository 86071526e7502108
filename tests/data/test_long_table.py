"""Tables of many tickers: each ticker as from a file of its own, whatever its rows hold."""

import re
from pathlib import Path

import numpy as np
import pytest

from forecast.data import csv
from forecast.data.panel import load_panel
from forecast.errors import DataError
from forecast.source_settings import Csv
from tests.data.sheets import ONLY, long_file, long_table, why
from tests.made import table


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_long_table_holds_a_ticker_for_each_symbol(tmp_path: Path, suffix: str) -> None:
    path, long = tmp_path / f"all.{suffix}", long_table("NA", "000660", "B")
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
    long = long_table("A", "B", "C")
    long.loc[long["symbol"] == "B", "close"] = -1234.0
    long.loc[(long["symbol"] == "C") & (long.index % 10 == 0), "close"] = np.nan
    path = tmp_path / "all.csv"
    long.to_csv(path, index=False)
    panel = load_panel([str(path)])
    assert [each.ticker for each in panel.prices] == ["A"]
    told = "column 'close': -1234 is not above 0, which log changes need"
    lines = "; ".join(f"line {line}: {told}" for line in range(43, 47))
    nothing = "column 'close': no number"
    assert panel.left_out == [
        f"{path}:42: B: {told}; {lines}; and 35 more. Fix: correct or remove the row.",
        f"{path}:82: C: {nothing}; line 92: {nothing}; line 102: {nothing}; line 112: {nothing}."
        " Fix: remove the row or pass --na drop or --na ffill.",
    ]
    panel = load_panel([str(path)], how=Csv(na="drop"))
    assert [len(each.table) for each in panel.prices] == [40, 36]
    note = "Line 82: 4 rows without a number left out from here on."
    assert note in panel.prices[1].receipt.notes


def test_adjusted_closes_adjust_the_other_prices(tmp_path: Path) -> None:
    long = long_table("A", "B")
    long["Adj Close"] = long["close"] / 2
    long.to_csv(tmp_path / "all.csv", index=False)
    [first, _] = load_panel([str(tmp_path / "all.csv")]).prices
    np.testing.assert_allclose(first.table["open"], table(40, 0)["open"] / 2)
    assert first.receipt.adjusted


SPOILED = {
    "12-text": ("abc", ":3: A: column 'close': 'abc' is not a number. Fix: remove the"),
    "60-hex": ("0x1F", ":3: A: column 'close': '0x1F' is not a number. Fix: remove the"),
    "17-dollar": (
        "$2",
        ":3: A: column 'close': '$2' has a currency sign. Fix: pass --strip-currency.",
    ),
    "22-million": ("2M", ":3: A: column 'close': '2M' has a suffix. Fix: pass --si to read K, M"),
    "33-field-lost": ("1\nA,3", ":4: 2 fields, header has 3. Fix: join or quote the parted field"),
    "36-footer": ("1\n\nBy ACME", ":5: 1 field, header has 3. Fix: join or quote the parted field"),
    "24-blank-lines-before": ("1\n\nA,2024-01-04,abc", ":5: A: column 'close': 'abc' is not a num"),
}


@pytest.mark.parametrize("row", SPOILED)
def test_a_row_that_is_off_is_refused_with_its_line(row: str, tmp_path: Path) -> None:
    cell, expected = SPOILED[row]
    path = tmp_path / "all.csv"
    path.write_text(f"symbol,date,close\nA,2024-01-02,1\nA,2024-01-03,{cell}\nB,2024-01-02,1\n")
    assert why(path).startswith(f"{path}{expected}")


# What stands in a file: a name of its column, and what stands there.
BAD = [
    *(("close", cell) for cell in ("0", "-3.5", "inf", "1e999", "1e39", "1e-310", "abc", "$5")),
    *(("close", cell) for cell in ("", "NaN", "null", "N/A", "-", "2M", "3%", "0x1F", "\uff11")),
    *(("open", cell) for cell in ("0", "", "110'160", "100 101", "1_1.5", '"1,21.5"')),
    *(("volume", cell) for cell in ("-200", "", "x", "1e400", "0")),
    *(("date", cell) for cell in ("2024-01-22", "", "2024-02-30", "2101-01-01", "x", "22/01/2024")),
]
HOWS = [Csv(), Csv(na="drop"), Csv(na="ffill"), Csv(strict=True), Csv(si=True, strip_currency=True)]


@pytest.mark.parametrize("how", HOWS, ids=["usual", "drop", "ffill", "strict", "signs"])
@pytest.mark.parametrize(("column", "cell"), BAD)
def test_a_ticker_of_many_gets_what_a_file_of_its_own_gets(
    column: str, cell: str, how: Csv, tmp_path: Path
) -> None:
    head = ["date", "open", "close", "volume"]
    good = [[f"2024-01-{day:02d}", f"{day}.5", f"{day}", "10"] for day in range(20, 26)]
    good[3][head.index(column)] = cell
    rows = [",".join(row) for row in good]
    alone, many = tmp_path / "A.csv", tmp_path / "all.csv"
    alone.write_text("\n".join([",".join(head), *rows]))
    others = ["B,2024-01-20,1,1,1", "B,2024-01-21,1,1.1,2"]
    long = [*others, *(f"A,{row}" for row in rows)]
    many.write_text("\n".join([f"symbol,{','.join(head)}", *long]))
    panel = load_panel([str(many)], ONLY, how)
    told = [each for each in panel.prices if each.ticker == "A"]
    try:
        mine = csv.read(alone, how)
    except DataError as error:
        expected = _moved(str(error).removeprefix(f"{alone}:"), 2)
        line, colon, rest = expected.partition(": ")
        assert panel.left_out == [f"{many}:{line}: A{colon}{rest}"]
        assert told == []
    else:
        assert panel.left_out == []
        assert told[0].receipt.sha256 == mine.receipt.sha256
        assert told[0].receipt.notes == tuple(_moved(note, 2) for note in mine.receipt.notes)


def _moved(message: str, lines: int) -> str:
    """The message of a file that begins some lines later."""
    later = re.compile(r"^[0-9]+(?=:)|(?<=[Ll]ine )[0-9]+")
    return later.sub(lambda number: str(int(number[0]) + lines), message)


def test_a_column_that_mostly_holds_no_numbers_is_refused_for_all(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,2024-01-02,x,$1", "B,2024-01-02,x,$2", "C,2024-01-02,x,$3")
    with pytest.raises(DataError, match=r"all.csv:2: column 'close': '\$1' has a currency sign;"):
        load_panel([path])
    assert len(load_panel([path], ONLY, Csv(strip_currency=True)).prices) == 3


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


def test_points_in_other_columns_show_the_decimal_sign(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    rows = 'A,2024-01-02,999.5,12\nB,2024-01-02,998.5,"1,234"\nB,2024-01-03,998.5,"1,5"\n'
    path.write_text(f"symbol,date,close,volume\n{rows}")
    assert why(path).startswith(f"{path}:4: B: column 'volume': '1,5' is not a number")
    _, second = load_panel([str(path)], ONLY, Csv(na="drop")).prices
    assert second.table["volume"].tolist() == [1234]


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
        ("symbol,date,close\nA,,1\nB,2024-01-02,1\n", ":2: A: no date."),
        (
            "symbol,date,close\nA,2024-02-30,1\nB,2024-01-02,1\n",
            ":2: A: '2024-02-30' is not a da",
        ),
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
    assert why(path).startswith(f"{path}{expected}")


def test_a_session_that_comes_twice_is_kept_once_unless_its_numbers_differ(tmp_path: Path) -> None:
    path, rows = tmp_path / "all.csv", "A,2024-01-02,1\nA,2024-01-02,1\n"
    path.write_text(f"symbol,date,close\n{rows}B,2024-01-02,1\nB,2024-01-02,2\n")
    panel = load_panel([str(path)])
    [only] = panel.prices
    assert only.table["close"].tolist() == [1]
    assert only.receipt.notes[0] == "Line 3: 1 row repeated a session and its numbers; kept once."
    assert panel.left_out == [
        f"{path}:5: B: date 2024-01-02 is on line 4 too, with other numbers."
        " Fix: remove one of the two rows."
    ]


def test_rows_without_a_symbol_are_said_to_be_left_out(tmp_path: Path) -> None:
    two = ("A,2024-01-02,x,1", "B,2024-01-02,x,2", ",2024-01-03,x,3", " ,2024-01-04,x,4")
    panel = load_panel([long_file(tmp_path, *two)], ONLY)
    assert [each.ticker for each in panel.prices] == ["A", "B"]
    assert panel.left_out == [f"{tmp_path}/all.csv:4: 2 rows without a symbol from here on"]


def test_a_symbol_that_is_written_once_is_that_of_all_rows(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,2024-01-02,x,1", ",2024-01-03,x,2", ",2024-01-04,x,3")
    [prices] = load_panel([path], ONLY).prices
    assert prices.table["close"].tolist() == [1, 2, 3]


def test_spaces_around_a_symbol_are_no_part_of_it(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,2024-01-02,x,1", "B,2024-01-02,x,2", "A ,2024-01-03,x,3")
    assert [len(each.table) for each in load_panel([path], ONLY).prices] == [2, 1]


def test_choices_about_rows_hold_for_long_tables_too(tmp_path: Path) -> None:
    rows = ("A,2024-01-02,x,1", "A,2024-01-03,x,", "A,2024-01-04,x,5", "B,2024-01-02,x,2")
    path = long_file(tmp_path, *rows)
    carried = load_panel([path], ONLY, Csv(na="ffill")).prices[0]
    assert carried.table["close"].tolist() == [1, 1, 5]
    assert carried.receipt.notes[0] == (
        "Line 3: 1 missing number carried forward from the row before."
    )
    panel = load_panel([path], ONLY, Csv(strict=True, na="drop"))
    assert [each.ticker for each in panel.prices] == ["B"]
    assert panel.left_out[0].startswith(f"{path}:4: A: close rose to 5.000 of the last close")

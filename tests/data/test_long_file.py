"""The lines of long tables: no field, no row and no byte of them is lost unsaid."""

from pathlib import Path

import numpy as np
import pytest

from forecast.data import long_file as files
from forecast.data.panel import load_panel
from forecast.errors import DataError
from forecast.source_settings import Csv
from tests.data.sheets import ONLY, long_file, long_table, why


def test_what_many_cells_hold_is_not_looked_up_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "A,2024-01-02,x,NA", "A,2024-01-03,x,NA", "A,2024-01-04,x,1", "B,2024-01-02,x,2"
    path = long_file(tmp_path, *rows)
    assert ":2: A: column 'close': 'NA' is a missing number;" in load_panel([path]).left_out[0]
    monkeypatch.setattr(files, "MOST_TOLD", 1)
    assert ":2: A: column 'close': no number;" in load_panel([path]).left_out[0]


def test_rows_of_nothing_are_passed_over_and_counted_as_lines(tmp_path: Path) -> None:
    path = long_file(
        tmp_path, "A,2024-01-02,x,1", ",,,", "", "A,2024-01-03,x,0", "B,2024-01-02,x,2"
    )
    panel = load_panel([path], ONLY)
    assert [each.ticker for each in panel.prices] == ["B"]
    assert panel.left_out[0].startswith(f"{path}:5: A: column 'close': 0 is not above 0")


def test_a_mark_of_an_encoding_that_the_text_is_not_in_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_bytes(b"\xff\xfeDate,Symbol,Close\n2024-01-01,A,1\n2024-01-01,B,2\n")
    with pytest.raises(DataError, match=r"all.csv:1: the file begins with a mark of UTF-16"):
        load_panel([str(path)])


def test_a_byte_of_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = Path(long_file(tmp_path, "A,2024-01-02,x,1", "B,2024-01-02,?,2"))
    path.write_bytes(path.read_bytes().replace(b"?", b"\xff"))
    with pytest.raises(DataError, match=r"all.csv:3: not UTF-8 text after the first 53 bytes"):
        load_panel([str(path)], ONLY)


def test_quotes_around_symbols_swallow_no_row(tmp_path: Path) -> None:
    swallowed = ('"A,2024-01-02,x,1', "A,2024-01-03,x,1", 'A",2024-01-04,x,1')
    path = long_file(tmp_path, *swallowed, "B,2024-01-02,x,2", "C,2024-01-02,x,2")
    with pytest.raises(DataError, match="a quote that opens here goes on over a row"):
        load_panel([path], ONLY)


def test_a_row_that_quotes_swallow_is_not_lost(tmp_path: Path) -> None:
    path = long_file(tmp_path, 'A,2024-01-02,"x,1', 'A,2024-01-03,y",2', "B,2024-01-02,x,3")
    with pytest.raises(DataError, match=r"all.csv:2: a quote that opens here goes on over a row"):
        load_panel([path], ONLY)


@pytest.mark.parametrize(
    ("row", "fields"), [('"A","2024-01-03","2"', 3), ('"A","2024-01-03","x, y","2","3"', 5)]
)
def test_quotes_hide_no_field_that_is_lost_or_too_many(
    row: str, fields: int, tmp_path: Path
) -> None:
    over = 'A,2024-01-02,"over\nthree, or\nmore lines",1'
    path = long_file(tmp_path, over, row, "B,2024-01-02,x,2")
    with pytest.raises(DataError, match=f"all.csv:5: {fields} fields, header has 4"):
        load_panel([path], ONLY)


def test_a_row_with_too_many_fields_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,2024-01-02,x,1", "B,2024-01-02,x,2,3")
    with pytest.raises(DataError, match=r"all.csv:3: 5 fields, header has 4. Fix: join or quote"):
        load_panel([path], ONLY)


def test_rows_of_parquet_are_counted_as_rows(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    long, path = long_table("A", "B", "C"), tmp_path / "all.parquet"
    long.loc[[41, 42], "close"] = [np.nan, np.inf]
    long.loc[80, "close"] = long.loc[81, "close"] * 9
    long.to_parquet(path)
    panel = load_panel([str(path)], ONLY)
    assert [each.ticker for each in panel.prices] == ["A", "C"]
    assert panel.left_out == [
        f"{path}, row 42: B: column 'close': no number; row 43: column 'close': 'inf' is not"
        " finite. Fix: remove the row or pass --na drop or --na ffill."
    ]
    assert any(note.startswith("Row 82: close fell to") for note in panel.prices[1].receipt.notes)
    long.drop(columns="close").to_parquet(path)
    with pytest.raises(DataError, match=r"all.parquet: no column for the close; the columns are"):
        load_panel([str(path)], ONLY)


def test_a_file_of_one_symbol_is_read_as_ever(tmp_path: Path) -> None:
    long_table("A").to_csv(tmp_path / "one.csv", index=False)
    [only] = load_panel(
        [
            str(tmp_path / "one.csv"),
        ],
        ONLY,
    ).prices
    assert only.ticker == "one"


def test_a_footer_below_one_symbol_makes_no_second_one(tmp_path: Path) -> None:
    rows = "A,2024-01-02,x,1", "A,2024-01-03,x,1.1", "Data provided by ACME"
    path = long_file(tmp_path, *rows)
    assert ":4: 'Data provided by ACME' looks like a footer" in why(Path(path))
    [prices] = load_panel([path], ONLY, Csv(skip_footer=True)).prices
    assert len(prices.table) == 2


def test_a_nul_is_refused_with_its_line(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,2024-01-02,x,1", "B,2024-01-02,\0,1")
    assert why(Path(path)).startswith(f"{path}:3: a NUL character.")

"""The dates of long tables: read as those of any file are."""

import re
from pathlib import Path

import pandas as pd
import pytest

from forecast.data.panel import load_panel
from forecast.errors import DataError
from forecast.source_settings import Csv
from tests.data.sheets import ONLY, long_file, long_table


def test_numbers_of_sessions_stand_on_weekdays(tmp_path: Path) -> None:
    long = pd.DataFrame({"unique_id": ["a"] * 3 + ["b"] * 3, "ds": [0, 1, 2] * 2, "y": range(1, 7)})
    long.to_csv(tmp_path / "all.csv", index=False)
    panel = load_panel([str(tmp_path / "all.csv")])
    assert [each.table["close"].tolist() for each in panel.prices] == [[1, 2, 3], [4, 5, 6]]
    note = "Rows have no dates; they stand on weekdays from 1900-01-01 on."
    assert panel.prices[0].receipt.notes[0] == note


def test_dates_that_could_be_read_in_two_ways_are_refused_with_the_option(tmp_path: Path) -> None:
    long = long_table("A", "B", rows=8)
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


def test_bars_within_a_day_keep_their_times(tmp_path: Path) -> None:
    times = [f"2024-01-02 {hour}:00" for hour in (10, 11, 12)]
    path = long_file(tmp_path, *(f"{each},{time},x,1.5" for each in "AB" for time in times))
    first, _ = load_panel([path], ONLY).prices
    assert [f"{time:%Y-%m-%d %H:%M}" for time in first.table.index] == times
    assert first.receipt.notes[0] == "Rows are bars within a day; a horizon counts bars."
    parted = tmp_path / "parted.csv"
    parted.write_text(Path(path).read_text().replace("date,note", "date,time").replace(",x", ""))
    parted.write_text(re.sub(r"(?<=02) (?=1)", ",", parted.read_text()))
    assert load_panel([str(parted)], ONLY).prices[0].table.equals(first.table)


def test_years_are_no_numbers_of_sessions(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,2021,x,1", "A,2022,x,2", "B,2021,x,3")
    with pytest.raises(DataError, match=r"all.csv:2: A: '2021' is not a date"):
        load_panel([path], ONLY)


def test_months_are_not_read_as_days(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,201111,x,1", "A,201112,x,2", "B,201111,x,3")
    with pytest.raises(DataError, match=r"all.csv:2: A: '201111' is not a date"):
        load_panel([path], ONLY)


def test_what_dates_were_read_as_is_said(tmp_path: Path) -> None:
    path = long_file(tmp_path, "A,45293,x,1", "B,45293,x,2")
    assert load_panel([path], ONLY).prices[0].receipt.notes == (
        "Dates were read as Excel's day numbers.",
    )

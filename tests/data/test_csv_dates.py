"""Dates and the order of rows: read right, or refused in one line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data.csv.dates import read_dates
from forecast.source_settings import Csv
from tests.data.sheets import GOOD, HEADER, ROWS, dated, days, read, refusal

FORMAT = "write all dates as 2024-12-31, or pass --date-format, for example %d/%m/%Y"
REFUSED = {
    "5-date-twice": (
        GOOD + "2024-01-04,11,12,10.5,11.6,300\n",
        ":5: date 2024-01-04 is on line 4 too, with other numbers."
        " Fix: remove one of the two rows.",
    ),
    "7-unsorted": (
        HEADER + ROWS[1] + ROWS[0] + ROWS[2],
        ":4: date 2024-01-04 comes after 2024-01-02 on line 3; rows are neither oldest nor newest"
        " first. Fix: sort the file or pass --sort.",
    ),
    "45-unclear": (
        dated("02/01/2024", "03/01/2024"),
        ":2: '02/01/2024' could be day, month, year or month, day, year."
        " Fix: pass --date-format %d/%m/%Y or --date-format %m/%d/%Y.",
    ),
    "45-short-year": (
        dated("02/01/24"),
        ":2: '02/01/24' is not a date."
        " Fix: pass --date-format, for example %d/%m/%y, %m/%d/%y or %y/%m/%d.",
    ),
    "46-two-orders": (
        dated("13/01/2024", "01/14/2024"),
        f":3: date '01/14/2024' has the month first, unlike '13/01/2024' on line 2. Fix: {FORMAT}.",
    ),
    "46-two-signs": (
        dated("2024-01-02", "2024/01/03"),
        f":3: date '2024/01/03' is not written like '2024-01-02' on line 2. Fix: {FORMAT}.",
    ),
    "46-number-among-dates": (
        dated("2024-01-02", "45294"),
        ":3: '45294' is not a date. Fix: correct or remove the row.",
    ),
    "46-date-among-numbers": (
        dated("45293", "2024-01-03"),
        f":3: '2024-01-03' is not a date. Fix: {FORMAT}.",
    ),
    "46-two-magnitudes": (
        dated("1704153600", "1704240000000"),
        f":3: '1704240000000' is not a date. Fix: {FORMAT}.",
    ),
    "47-no-such-day": (
        dated("2024-02-29", "2024-02-30"),
        ":3: '2024-02-30' is not a date. Fix: correct or remove the row.",
    ),
    "47-zeros": (
        dated("0000-00-00"),
        ":2: '0000-00-00' is not a date. Fix: correct or remove the row.",
    ),
    "47-no-such-zone": (
        dated("2024-02-28T16:00:00+25:00"),
        f":2: '2024-02-28T16:00:00+25:00' is not a date. Fix: {FORMAT}.",
    ),
    "44-years-of-two-digits-are-no-excel": (
        dated("020102", "020103"),
        f":2: '020102' is not a date. Fix: {FORMAT}.",
    ),
    "44-days-since-1970-or-of-excel": (
        dated(20100, 20101),
        ":2: '20100' could be day 1955-01-11 as Excel counts, or 2025-01-12 as days since 1970."
        f" Fix: {FORMAT}.",
    ),
    "47-no-such-hour": (
        dated("2024-02-29 25:00"),
        ":2: '2024-02-29 25:00' is not a date. Fix: correct or remove the row.",
    ),
    "47-13-pm": (
        dated("2024-02-29 13:00 PM"),
        ":2: '2024-02-29 13:00 PM' is not a date. Fix: correct or remove the row.",
    ),
    "47-empty": (dated("2024-02-29", ""), ":3: no date. Fix: correct or remove the row."),
    "47-text": (
        dated("today", "2024-02-29"),
        ":2: 'today' is not a date. Fix: correct or remove the row.",
    ),
    "47-nothing-but-text": (dated("now", "then"), f":2: 'now' is not a date. Fix: {FORMAT}."),
    "47-units-below-the-names": (
        dated("yyyy-mm-dd", "2024-01-02", "2024-01-03"),
        ":2: 'yyyy-mm-dd' is not a date. Fix: correct or remove the row.",
    ),
    "47-names-again": (
        dated("2024-01-02", "2024-01-03", "Date"),
        ":4: 'Date' is not a date. Fix: correct or remove the row.",
    ),
    "47-too-wide-for-its-column": (
        dated("2024-01-02", "########"),
        ":3: '########' is not a date. Fix: correct or remove the row.",
    ),
    "45-short-year-with-points": (
        dated("24.01.02"),
        ":2: '24.01.02' is not a date."
        " Fix: pass --date-format, for example %d.%m.%y, %m.%d.%y or %y.%m.%d.",
    ),
    "7-bars-unsorted": (
        dated("2024-01-02 09:30", "2024-01-02 10:30", "2024-01-02 10:00", "2024-01-02 11:00"),
        ":4: date 2024-01-02 10:00:00 comes after 2024-01-02 10:30:00 on line 3; rows are neither"
        " oldest nor newest first. Fix: sort the file or pass --sort.",
    ),
    "49-local-date-twice": (
        dated(
            "2024-03-08 00:00:00-05:00", "2024-03-08 16:00:00-05:00", "2024-03-11 00:00:00-04:00"
        ),
        ":3: date 2024-03-08 is on line 2 too, with other numbers."
        " Fix: remove one of the two rows.",
    ),
    "50-9999": (
        dated("2024-01-02", "9999-12-31"),
        ":3: date '9999-12-31' is outside 1800 to 2100. Fix: correct or remove the row.",
    ),
    "50-1700": (
        dated("1700-01-02", "2024-01-02"),
        ":2: date '1700-01-02' is outside 1800 to 2100. Fix: correct or remove the row.",
    ),
}

ASKED = {
    "45-other-format": (
        dated("2024-01-02"),
        Csv(date_format="%d/%m/%Y"),
        f":2: date '2024-01-02' is not written as %d/%m/%Y. Fix: {FORMAT}.",
    ),
    "6-oldest-first-said": (
        HEADER + "".join(ROWS[::-1]),
        Csv(oldest_first=True),
        ":2: the dates are newest first. Fix: leave the order out; dates say it themselves.",
    ),
    "6-newest-first-said": (
        GOOD,
        Csv(newest_first=True),
        ":2: the dates are oldest first. Fix: leave the order out; dates say it themselves.",
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_malformed_file_gets_one_line(row: str, tmp_path: Path) -> None:
    content, expected = REFUSED[row]
    assert refusal(tmp_path, content) == expected


@pytest.mark.parametrize("row", ASKED)
def test_a_choice_that_does_not_fit_the_file_gets_one_line(row: str, tmp_path: Path) -> None:
    content, how, expected = ASKED[row]
    assert refusal(tmp_path, content, how) == expected


READ = {
    "6-newest-first": ("2024-01-03", "2024-01-02"),
    "43-seconds": (1704153600, 1704240000),
    "43-milliseconds": (1704153600000, 1704240000000),
    "43-microseconds": (1704153600000000, 1704240000000000),
    "43-nanoseconds": (1704153600000000000, 1704240000000000000),
    "44-excel": (45293, 45294),
    "44-excel-noon": ("45293.5", "45294.5"),
    "44-excel-hours": ("45293.6666666667", "45294.6666666667"),
    "45-iso": ("2024-01-02", "2024-01-03"),
    "45-iso-time": ("2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"),
    "45-slashes": ("2024/1/2", "2024/1/3"),
    "45-points": ("2024.01.02", "2024.01.03"),
    "45-korean": ("2024. 1. 2.", "2024. 1. 3."),
    "45-korean-padded": ("2024- 01- 02", "2024- 01- 03"),
    "45-korean-afternoon": ("2024. 1. 2 오후 4:00:00", "2024. 1. 3 오후 4:00:00"),
    "45-korean-words": ("2024년 1월 2일", "2024년 1월 3일"),
    "45-compact": ("20240102", "20240103"),
    "45-compact-hour": ("2024010216", "2024010316"),
    "45-compact-minute": ("202401021600", "202401031600"),
    "45-compact-second": ("20240102160000", "20240103160000"),
    "45-german": ("02.01.2024", "03.01.2024"),
    "45-named": ('"Jan 2, 2024"', '"Jan 3, 2024"'),
    "45-named-long": ('"January 02, 2024"', '"January 03, 2024"'),
    "45-named-after": ("2-Jan-2024", "3-Jan-2024"),
    "45-named-short": ("2-Jan-24", "3-Jan-24"),
    "45-sheets": ("2024-01-02 16:00:00", "2024-01-03 16:00:00"),
    "45-afternoon": ("2024-01-02 4:00 PM", "2024-01-03 4:00 PM"),
    "48-dukascopy": ("02.01.2024 00:00:00.000 GMT+0100", "03.01.2024 00:00:00.000 GMT+0200"),
    "48-offsets": ("2024-01-02 00:00:00-05:00", "2024-01-03 00:00:00-04:00"),
}


@pytest.mark.parametrize("row", READ)
def test_dates_are_read_however_they_are_written(row: str, tmp_path: Path) -> None:
    assert days(read(tmp_path, dated(*READ[row]))) == ["2024-01-02", "2024-01-03"]


@pytest.mark.parametrize(
    ("later", "first"), [("13/01/2024", "2024-01-02"), ("01/13/2024", "2024-02-01")]
)
def test_one_date_that_shows_the_order_settles_it_for_all(
    later: str, first: str, tmp_path: Path
) -> None:
    assert first in days(read(tmp_path, dated("02/01/2024", later)))


@pytest.mark.parametrize(("written", "first"), [("%d/%m/%Y", "01-02"), ("%m/%d/%Y", "02-01")])
def test_the_format_asked_for_is_used(written: str, first: str, tmp_path: Path) -> None:
    prices = read(tmp_path, dated("02/01/2024", "03/01/2024"), Csv(date_format=written))
    assert days(prices)[0] == f"2024-{first}"


def test_what_was_made_of_dates_is_said(tmp_path: Path) -> None:
    assert read(tmp_path, dated(45293, 45294)).receipt.notes == (
        "Dates were read as Excel's day numbers.",
    )
    assert read(tmp_path, dated("2024-01-02 16:00", "2024-01-03 16:00")).receipt.notes == (
        "Times of day were left out; dates are as the file shows them.",
    )
    assert read(tmp_path, dated("2-Jan-24", "3-Jan-24")).receipt.notes == (
        "Years of two digits are 1969 to 2068.",
    )


def test_newest_first_is_turned_round_and_said(tmp_path: Path) -> None:
    prices = read(tmp_path, HEADER + "".join(ROWS[::-1]))
    assert prices.table.equals(read(tmp_path, GOOD).table)
    assert prices.receipt.notes == ("Rows were newest first; turned round.",)


def test_unsorted_rows_are_sorted_when_asked(tmp_path: Path) -> None:
    prices = read(tmp_path, HEADER + ROWS[1] + ROWS[0] + ROWS[2], Csv(sort=True))
    assert prices.table.equals(read(tmp_path, GOOD).table)
    assert prices.receipt.notes == ("Line 4: rows were in no order from here on; sorted by date.",)


@pytest.mark.parametrize("content", [GOOD + ROWS[2], HEADER + "".join(ROWS[::-1]) + ROWS[0]])
def test_a_row_that_comes_twice_is_kept_once(content: str, tmp_path: Path) -> None:
    prices = read(tmp_path, content)
    assert prices.table.equals(read(tmp_path, GOOD).table)
    assert prices.receipt.notes[-1] == (
        "Line 5: 1 row repeated a session and its numbers; kept once."
    )


@given(st.integers(0, 46_000), st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_a_count_since_1970_is_its_day_to_the_last_second(day: int, scale: int) -> None:
    seconds = 86_400 * (day + 1200)
    stamps, _ = read_dates([str(seconds * scale)], [2], "", "prices.csv")
    assert stamps.astype("int64").tolist() == [seconds]


@pytest.mark.parametrize(
    "clock",
    [
        ("12:30 AM", "9:30 AM", "12:30 PM", "1:30 PM"),
        ("오전 12:30", "오전 9:30", "오후 12:30", "오후 1:30"),
    ],
    ids=["english", "korean"],
)
def test_bars_of_the_afternoon_are_after_those_of_the_morning(
    clock: tuple[str, ...], tmp_path: Path
) -> None:
    prices = read(tmp_path, dated(*(f"2024-01-02 {time}" for time in clock)))
    assert [time.hour for time in prices.table.index] == [0, 9, 12, 13]


def test_bars_stay_in_order_when_a_clock_is_put_back(tmp_path: Path) -> None:
    bars = [f"2024-11-03 {at}:00-0{zone}:00" for at, zone in (("00:30", 4), ("01:30", 4))]
    bars += [f"2024-11-03 {at}:00-0{zone}:00" for at, zone in (("01:00", 5), ("01:30", 5))]
    prices = read(tmp_path, dated(*bars))
    assert [f"{time:%H:%M}" for time in prices.table.index] == ["04:30", "05:30", "06:00", "06:30"]
    assert prices.receipt.notes[0] == "Times are in UTC, since a clock was put back."


def test_bars_within_a_day_keep_their_times(tmp_path: Path) -> None:
    bars = [f"2024-01-0{day} {hour}:30" for day in (2, 3) for hour in (10, 11, 12)]
    prices = read(tmp_path, dated(*bars))
    assert [f"{time:%Y-%m-%d %H:%M}" for time in prices.table.index] == bars
    assert prices.receipt.notes == ("Rows are bars within a day; a horizon counts bars.",)


@pytest.mark.parametrize("empty", ["2024-01-05,,,,,\n", "2024-01-05,-,-,-,-,0\n"])
def test_a_last_session_without_prices_is_left_out(empty: str, tmp_path: Path) -> None:
    note = "Line 5: the last session has no prices yet and was left out."
    prices = read(tmp_path, GOOD + empty)
    assert prices.table.equals(read(tmp_path, GOOD).table)
    assert prices.receipt.notes == (note,)


def test_the_last_session_is_the_newest_wherever_it_stands(tmp_path: Path) -> None:
    prices = read(tmp_path, HEADER + "2024-01-05,,,,,\n" + "".join(ROWS[::-1]))
    assert prices.table.equals(read(tmp_path, GOOD).table)

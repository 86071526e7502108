"""The whole way from a file to prices: where it may come from, and what the receipt says."""

import gzip
import io
import os
import sys
from datetime import date
from pathlib import Path

import pytest

from forecast.data import csv
from forecast.data.csv import text
from forecast.errors import DataError
from forecast.source_settings import Csv
from tests.data.sheets import CLOSES, GOOD, read, refusal

ANOTHER = "Fix: name a file of prices, or pass - for standard input."
SHARED = Path(__file__).parents[3] / "shared" / "data" / "goog_seed004.csv.gz"


def message(path: Path | str) -> str:
    with pytest.raises(DataError) as error:
        csv.read(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_receipt_says_whence(tmp_path: Path) -> None:
    receipt = read(tmp_path, GOOD).receipt
    assert (receipt.source, receipt.place) == ("csv", f"{tmp_path}/prices.csv")
    assert (receipt.first, receipt.last, receipt.rows) == ("2024-01-02", "2024-01-04", 3)
    assert receipt.notes == ()
    assert not receipt.adjusted


@pytest.mark.parametrize("name", ["GOOG.csv", "GOOG.csv.gz", "GOOG", "GOOG.txt"])
def test_the_ticker_is_the_name_of_the_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(GOOD)
    assert csv.read(path).ticker == "GOOG"
    assert csv.read(path, ticker="MSFT").ticker == "MSFT"


def test_a_file_name_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31mred\n.csv"
    path.write_text(GOOD)
    assert csv.read(path).ticker == r"\x1b[31mred\n"
    path.write_text("")
    assert message(path).startswith(rf"{tmp_path}/\x1b[31mred\n.csv: is empty.")


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    prices = csv.read("-")
    assert prices.table["close"].tolist() == CLOSES
    assert (prices.ticker, prices.receipt.place) == ("stdin", "-")


def test_standard_input_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MOST_BYTES", 1000)
    with Path("/dev/zero").open() as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        assert message("-").startswith("-: cannot be read: more than 1,000 bytes.")


def test_what_is_no_file_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)  # opening it would wait for ever
    for path in (str(pipe), "/dev/zero"):
        told = "a pipe or a device, not a file"
        assert message(path) == f"{path}: cannot be read: {told}. {ANOTHER}"
    assert message(tmp_path) == f"{tmp_path}: cannot be read: Is a directory. {ANOTHER}"
    assert message("") == f"'': cannot be read: Is a directory. {ANOTHER}"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no files of the system")
def test_a_file_that_says_it_has_no_bytes_is_not_waited_for() -> None:
    assert message("/proc/self/status").startswith("/proc/self/status: is empty.")


def test_what_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(GOOD)
    absent = tmp_path / "b.csv"
    assert message(absent) == f"{absent}: cannot be read: No such file or directory. {ANOTHER}"
    within = tmp_path / "a.csv" / "b.csv"
    assert message(within) == f"{within}: cannot be read: Not a directory. {ANOTHER}"
    assert message("a\0b") == rf"a\x00b: cannot be read: embedded null byte. {ANOTHER}"
    assert "cannot be read" in message("a" * 5000)


@pytest.mark.parametrize(
    "address", ["http://localhost/a.csv", "file:///etc/passwd", "s3://a/b.csv"]
)
def test_an_address_is_never_opened(address: str) -> None:
    advice = "is an address, not a file. Fix: download the file first."
    assert message(address) == f"{address}: {advice}"


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(10**9)
    assert message(path) == (
        f"{path}: cannot be read: has 1,000,000,000, more than 134,217,728 bytes. Fix: keep a part"
        " of it, such as its last lines."
    )


def test_a_small_file_that_unpacks_to_a_large_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "MOST_BYTES", 10_000)
    packed = gzip.compress(GOOD.encode() + b"\n" * 20_000)
    assert refusal(tmp_path, packed).startswith(": more than 10,000 bytes; at most")


def test_too_many_lines_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MOST_LINES", 3)
    assert refusal(tmp_path, GOOD).startswith(": 4 lines; at most")


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        (
            "10.5,11.5,10,11",
            "10.5,9.5,10,11",
            "Line 3: high is below low in 1 session, first on 2024-01-03.",
        ),
        (
            "10.5,11.5,10,11",
            "10.5,11.5,10,12",
            "Line 3: close is outside low to high in 1 session, first on 2024-01-03.",
        ),
        (
            "11,12,10.5,11.5",
            "5,6,5,5.5",
            "Line 4: close fell to 0.500 of the last close on 2024-01-04, as after a 2:1 split;"
            " if it was one, use adjusted prices.",
        ),
        (
            "2024-01-04",
            "2024-02-04",
            "Line 4: 1 gap of more than 10 days between sessions, the first from 2024-01-03 to"
            " 2024-02-04, the longest 32 days.",
        ),
        (
            "2024-01-04",
            "2024-01-09",
            "Line 4: 1 session later than tomorrow, first on 2024-01-09.",
        ),
    ],
)
def test_odd_prices_are_said_with_their_line_and_refused_when_asked(
    before: str, after: str, note: str, tmp_path: Path
) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(GOOD.replace(before, after))
    today = date(2024, 1, 5) if after == "2024-01-09" else date(2024, 3, 1)
    assert csv.read(path, today=today).receipt.notes == (note,)
    with pytest.raises(DataError, match=r"Fix: correct the rows or leave --strict out\.$"):
        csv.read(path, Csv(strict=True), today=today)


def test_undated_rows_are_never_in_the_future(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("Close\n" + "".join(f"{100 + row % 7}\n" for row in range(300)))
    how = Csv(no_dates=True, oldest_first=True)
    prices = csv.read(path, how, today=date(1900, 1, 5))
    assert prices.receipt.last == "1901-02-22"
    assert len(prices.receipt.notes) == 1


def test_the_same_prices_make_the_same_digest_however_they_are_written(tmp_path: Path) -> None:
    points = read(tmp_path, GOOD).receipt.sha256
    tabs = read(tmp_path, GOOD.replace(",", "\t").replace(".", ","), Csv(sep="tab"))
    assert tabs.receipt.sha256 == points


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED.name} is not there")
def test_the_tutorial_s_prices_are_read() -> None:
    prices = csv.read(SHARED)
    assert len(prices.table) == 732
    assert (prices.receipt.first, prices.receipt.last) == ("2014-03-27", "2017-02-21")
    assert list(prices.table.columns) == ["open", "high", "low", "close", "volume"]
    assert prices.receipt.notes == ()


def test_the_tutorial_s_own_layout_is_read_when_its_order_is_said(tmp_path: Path) -> None:
    if not SHARED.exists():
        pytest.skip(f"{SHARED.name} is not there")
    _, *rows = gzip.decompress(SHARED.read_bytes()).decode().splitlines()
    undated = "\n".join(row.partition(",")[2] for row in reversed(rows))
    content = f"# From somewhere\n# Open,High,Low,Volume,Close\n{undated}\n"
    assert refusal(tmp_path, content).startswith(":2: no date column; the columns are 'Open'")
    prices = read(tmp_path, content, Csv(no_dates=True, newest_first=True))
    dated = csv.read(SHARED)
    assert prices.table.to_numpy().tolist() == dated.table.to_numpy().tolist()

"""Columns are found by name alone, symbols by columns or headers, or refused in one line."""

from pathlib import Path

import pytest

from forecast.source_settings import Csv
from tests.data.sheets import CLOSES, GOOD, HEADER, ROWS, read, refusal

TICKERS = "Price,Close,Close\nTicker,AAPL,GOOG\nDate,,\n2024-01-02,1,2\n2024-01-03,1.1,2.2\n"
REFUSED = {
    "28-two-closes": (
        "Date,Price,Close\n2024-01-02,1,2\n",
        ":1: several columns could be the close: 'Close', 'Price'. Fix: pass --close-column Close.",
    ),
    "28-two-volumes": (
        "Date,Close,Vol.,Volume\n2024-01-02,1,2,3\n",
        ":1: several columns could be the volume: 'Volume', 'Vol.'. Fix: rename one of them.",
    ),
    "29-name-twice": (
        "Date,Close, close \n2024-01-02,1,2\n",
        ":1: column 'close' comes twice (fields 2 and 3). Fix: rename one of them.",
    ),
    "31-no-close": (
        "Date,Opne,Clsoe\n2024-01-02,1,2\n",
        ":1: no column for the close; the columns are 'Date', 'Opne', 'Clsoe'; 'Clsoe' is nearest."
        " Fix: pass --close-column Clsoe.",
    ),
    "58-symbol-column": (
        "Symbol,Date,Close\nA,2024-01-02,1\nB,2024-01-02,2\n",
        ":2: the file holds 2 symbols: 'A', 'B'. Fix: pass --symbol A.",
    ),
    "58-tushare": (
        "ts_code,trade_date,close\nA.SZ,20240102,1\nB.SZ,20240103,2\n",
        ":2: the file holds 2 symbols: 'A.SZ', 'B.SZ'. Fix: pass --symbol A.SZ.",
    ),
    "58-refinitiv": (
        "Instrument,Date,Close\nA.O,2024-01-02,1\nB.O,2024-01-03,2\n",
        ":2: the file holds 2 symbols: 'A.O', 'B.O'. Fix: pass --symbol A.O.",
    ),
    "58-symbols-in-header": (
        TICKERS,
        ":1: the file holds 2 symbols: 'AAPL', 'GOOG'. Fix: pass --symbol AAPL.",
    ),
    "31-no-close-of-this-name": (
        "Date,Close (USD)\n2024-01-02,1\n",
        ":1: no column for the close; the columns are 'Date', 'Close (USD)'; 'Close (USD)' is"
        " nearest. Fix: pass --close-column 'Close (USD)'.",
    ),
    "31-command-in-name": (
        "Date,Close;ls\n2024-01-02,1\n",
        ":1: no column for the close; the columns are 'Date', 'Close;ls'; 'Close;ls' is nearest."
        " Fix: pass --close-column 'Close;ls'.",
    ),
    "21-spaces": (
        "Date Close\n2024-01-02 1\n",
        ":1: no column for the close; the columns are 'Date Close'."
        " Fix: pass --sep with the sign between the fields.",
    ),
    "8-two-columns-of-dates": (
        "From,To,Close\n2024-01-02,2024-01-03,1\n",
        ":1: no date column; the columns are 'From', 'To', 'Close'."
        " Fix: pass --no-dates and --newest-first or --oldest-first.",
    ),
    "82-ansi-in-name": (
        "Date,\x1b[31mRed\n2024-01-02,1\n",
        r":1: no column for the close; the columns are 'Date', '\x1b[31mRed'."
        r" Fix: pass --close-column '\x1b[31mRed'.",
    ),
    "34-no-name-for-the-dates": (
        "Open,High,Low,Close,Volume\n2024-01-02,10,11,9,10.5\n2024-01-03,10.5,11.5,10,11\n",
        ":1: field 1 holds dates and is named 'Open'; a name is missing before it."
        " Fix: write Date before the names, as many names as a row has fields.",
    ),
    "34-no-name-for-the-dates-and-trailing-commas": (
        "Close,Volume,Note\n2024-01-02,10,11,\n2024-01-03,10.5,11.5,\n",
        ":1: field 1 holds dates and is named 'Close'; a name is missing before it."
        " Fix: write Date before the names, as many names as a row has fields.",
    ),
    "31-no-close-among-several": (
        "Date,A,B\n2024-01-02,1,2\n",
        ":1: no column for the close; the columns are 'Date', 'A', 'B'."
        " Fix: pass --close-column with the column to forecast.",
    ),
}
ASKED = {
    "31-no-such-target": (
        GOOD,
        Csv(close_column="Clos"),
        ":1: no column 'Clos'; the columns are 'Date', 'Open', 'High', 'Low', 'Close', 'Volume'."
        " Fix: pass --close-column Close.",
    ),
    "31-nothing-like-such-a-target": (
        GOOD,
        Csv(close_column="x;ls"),
        ":1: no column 'x;ls'; the columns are 'Date', 'Open', 'High', 'Low', 'Close', 'Volume'."
        " Fix: pass --close-column Close.",
    ),
    "58-no-such-symbol": (
        TICKERS,
        Csv(symbol="IBM"),
        ":1: no symbol 'IBM'; the file holds 2 symbols: 'AAPL', 'GOOG'. Fix: pass --symbol AAPL.",
    ),
    "58-no-symbols": (
        GOOD,
        Csv(symbol="IBM"),
        ":1: no column of symbols. Fix: leave --symbol out.",
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
    "27-korean": GOOD.replace(HEADER, "날짜,시가,고가,저가,종가,거래량\n"),
    "28-padded": GOOD.replace(HEADER, " DATE , open,HIGH, Low,close_ ,Vol.\n"),
    "28-metastock": GOOD.replace(HEADER, "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n"),
    "28-alpha-vantage": GOOD.replace(HEADER, "date,1. open,2. high,3. low,4. close,5. volume\n"),
    "28-german": GOOD.replace(HEADER, "Datum,Eröffn.,Hoch,Tief,Schlußkurs,Volumen\n"),
    "28-french": GOOD.replace(HEADER, "Date,Ouv.,Plus Haut,Plus Bas,Dernier,Vol.\n"),
    "28-japanese": GOOD.replace(HEADER, "日付け,始値,高値,安値,終値,出来高\n"),
    "28-russian": GOOD.replace(HEADER, "Дата,Откр.,Макс.,Мин.,Цена,Объём\n"),
    "28-copied-from-yahoo": GOOD.replace("Close", "Close Close price adjusted for splits."),
    "28-chinese": GOOD.replace(HEADER, "日期,开盘,高,低,收盘,交易量\n"),
    "58-symbol-once": "Symbol," + GOOD.replace("2024-01-02", "A,2024-01-02").replace("\n2", "\n,2"),
    "58-one-symbol": "Symbol," + GOOD.replace("2024", "A,2024"),
    "58-three-row-header": "Price,Open,High,Low,Close,Volume\nTicker,A,A,A,A,A\nDate,,,,,\n"
    + "".join(ROWS),
    "58-ticker-above": "Ticker,A,A,A,A,A\nPrice,Open,High,Low,Close,Volume\nDate,,,,,\n"
    + "".join(ROWS),
}


@pytest.mark.parametrize("row", READ)
def test_columns_are_found_whatever_they_are_called(row: str, tmp_path: Path) -> None:
    prices = read(tmp_path, READ[row])
    assert list(prices.table.columns) == ["open", "high", "low", "close", "volume"]
    assert prices.table["close"].tolist() == CLOSES


def test_two_candidates_for_the_close_are_settled_by_target(tmp_path: Path) -> None:
    content = "Date,Price,Close\n2024-01-02,1,2\n2024-01-03,1.1,2.2\n"
    assert read(tmp_path, content, Csv(close_column="price")).table["close"].tolist() == [1, 1.1]
    assert read(tmp_path, content, Csv(close_column="Close")).table["close"].tolist() == [2, 2.2]


@pytest.mark.parametrize("content", [TICKERS, TICKERS.replace("Price,", ",")])
def test_one_symbol_of_a_header_with_several_is_read(content: str, tmp_path: Path) -> None:
    prices = read(tmp_path, content, Csv(symbol="goog"))
    assert prices.table["close"].tolist() == [2, 2.2]
    assert prices.ticker == "goog"


def test_one_symbol_of_a_column_with_several_is_read(tmp_path: Path) -> None:
    content = "Symbol,Date,Close\nA,2024-01-02,1\nB,2024-01-02,2\nA,2024-01-03,1.1\n"
    assert read(tmp_path, content, Csv(symbol="A")).table["close"].tolist() == [1, 1.1]


def test_further_columns_of_numbers_are_kept_and_others_are_said_to_be_left_out(
    tmp_path: Path,
) -> None:
    content = (
        "Unnamed: 0,Date,Close,Dividend Amount,Note,Always,Sparse,Nothing,CLOSE*\n"
        "0,2024-01-02,1,0,a,7,,,1\n1,2024-01-03,1.1,0.5,b,7,5,,2\n"
    )
    prices = read(tmp_path, content, Csv(close_column="Close"))
    assert list(prices.table.columns) == ["close", "dividend_amount", "close*"]
    assert prices.receipt.notes == (
        "Field 1 has no name and was left out.",
        "Column 'Note' was left out: line 2 has no number in it.",
        "Column 'Sparse' was left out: line 2 has no number in it.",
        "Column 'Nothing' is empty.",
        "Column 'Always' was left out: it never changes.",
    )


def test_a_second_column_of_dates_is_left_out(tmp_path: Path) -> None:
    prices = read(tmp_path, "unix,Date,Close\n1,2024-01-02,1\n2,2024-01-03,2\n")
    assert list(prices.table.columns) == ["close"]
    assert "Column 'unix' was left out: another is read instead." in prices.receipt.notes


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index", "Exchange Date", "snapped_at"])
def test_dates_are_known_by_their_looks_where_no_name_says_it(name: str, tmp_path: Path) -> None:
    prices = read(tmp_path, GOOD.replace("Date", name))
    assert prices.table["close"].tolist() == CLOSES
    assert prices.receipt.notes == (f"Field 1, {name!r}, was read as the dates.",)


def test_names_may_be_numbers_beside_known_ones(tmp_path: Path) -> None:
    prices = read(tmp_path, "Date,Close,20,50,200\n2024-01-02,1,1,1,1\n2024-01-03,1.1,2,2,2\n")
    assert list(prices.table.columns) == ["close", "20", "50", "200"]


def test_names_are_inert_on_a_terminal(tmp_path: Path) -> None:
    prices = read(tmp_path, GOOD.replace("Volume", "\x1b[31mRed"))
    assert list(prices.table.columns)[-1] == "\\x1b[31mred"


def test_time_in_a_column_of_its_own_joins_the_date(tmp_path: Path) -> None:
    rows = "".join(f"20240102,{hour:02d}3000,{hour}\n" for hour in range(9, 13))
    table = read(tmp_path, "<DATE>,<TIME>,<CLOSE>\n" + rows).table
    assert [f"{time:%H:%M}" for time in table.index] == ["09:30", "10:30", "11:30", "12:30"]


def test_a_time_that_joined_the_date_is_not_said_to_be_left_out(tmp_path: Path) -> None:
    rows = "".join(f"20240102,{hour:02d}3000,{hour}\n" for hour in range(9, 13))
    notes = read(tmp_path, "<DATE>,<TIME>,<CLOSE>\n" + rows).receipt.notes
    assert notes[0] == "Rows are bars within a day; a horizon counts bars."

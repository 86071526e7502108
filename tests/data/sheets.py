"""Small files of prices that the tests of the readers spoil in one way each."""

from pathlib import Path

import pandas as pd
import pytest

from forecast.data import csv
from forecast.data.panel import load_panel
from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.source_settings import Csv, Source
from tests.made import table

ONLY = Source(source="csv")
HEADER = "Date,Open,High,Low,Close,Volume\n"
ROWS = (
    "2024-01-02,10,11,9,10.5,100\n",
    "2024-01-03,10.5,11.5,10,11,200\n",
    "2024-01-04,11,12,10.5,11.5,300\n",
)
GOOD = HEADER + "".join(ROWS)
CLOSES = [10.5, 11.0, 11.5]


def with_close(cell: str) -> str:
    """The good file with another second close, on line 3."""
    return GOOD.replace("10,11,200", f"10,{cell},200")


def dated(*dates: object) -> str:
    """A file of dates and closes from 10 on."""
    return "Date,Close\n" + "".join(f"{each},{10 + i}\n" for i, each in enumerate(dates))


def read(folder: Path, content: str | bytes, how: Csv = Csv()) -> Prices:
    """Prices of `content` as `prices.csv`."""
    path = folder / "prices.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return csv.read(path, how)


def refusal(folder: Path, content: str | bytes, how: Csv = Csv()) -> str:
    """What the error says of `content` as `prices.csv`, after the file's name."""
    with pytest.raises(DataError) as error:
        read(folder, content, how)
    message = str(error.value)
    assert message.startswith(f"{folder}/prices.csv:")
    assert "\n" not in message
    return message.removeprefix(f"{folder}/prices.csv")


def days(prices: Prices) -> list[str]:
    """The sessions, as text."""
    return [f"{day:%Y-%m-%d}" for day in prices.table.index]


def long_table(*tickers: str, rows: int = 40) -> pd.DataFrame:
    """The rows of several tickers below each other."""
    parts = [
        table(rows, seed).reset_index().assign(symbol=ticker) for seed, ticker in enumerate(tickers)
    ]
    return pd.concat(parts, ignore_index=True)


def long_file(folder: Path, *rows: str) -> str:
    """The path of rows of symbol, date, note and close."""
    text = "symbol,date,note,close\n" + "".join(f"{row}\n" for row in rows)
    (folder / "all.csv").write_text(text)
    return str(folder / "all.csv")


def why(path: Path) -> str:
    """Why a ticker of a long table cannot be used, or none can."""
    try:
        [left_out] = load_panel([str(path)], ONLY).left_out
    except DataError as error:
        return str(error)
    return left_out

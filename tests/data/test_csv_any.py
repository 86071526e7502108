"""Whatever the bytes: prices or one line; whatever the dialect: the same prices."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forecast.data import csv
from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.source_settings import Csv
from tests.data.sheets import GOOD

NAMES = ("Date", "Close", "Open", "날짜", "종가", "Symbol", "Adj Close", "Time", "Volume", "Price")
SIGNS = (",", ",", ",", ";", "\t", "|", "\n", "\n", "\n", "\r", '"', "#", " ", "\0", "\ufeff")
DATES = ("2024-01-02", "2024-01-03", "02/01/2024", "20240102", "45293", "1704153600", "0000-00-00")
NUMBERS = ("1", "10.5", "1,5", "1.234", "$1", "-3", "inf", "nan", "1e999", "1.1M", "3%", "9" * 20)
ODD = ("abc", "\u0661", "\u2028", "\x85", "\x1b[31m", "=1+1", "Jan 2, 2024", "Data provided by")
PIECES = st.sampled_from([*NAMES, *SIGNS, *DATES, *NUMBERS, *ODD])
HOWS = st.sampled_from(
    [
        Csv(),
        Csv(na="drop", sort=True, skip_footer=True),
        Csv(na="ffill", si=True, strip_currency=True),
        Csv(columns="Date,Close"),
        Csv(no_dates=True, newest_first=True),
        Csv(sep=";", decimal=","),
        Csv(date_format="%d/%m/%Y"),
        Csv(close_column="Open", strict=True),
        Csv(symbol="abc", encoding="latin-1"),
        Csv(thousands="."),
    ]
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "prices.csv"


def read_or_refuse(path: Path, content: bytes, how: Csv) -> None:
    path.write_bytes(content)
    try:
        prices = csv.read(path, how)
    except DataError as error:
        text = str(error)
        assert text.startswith(str(path))
        assert text.isprintable()
        assert len(text) < 2000
    else:
        assert np.isfinite(prices.table.to_numpy()).all()
        assert all(note.isprintable() for note in prices.receipt.notes)


@settings(max_examples=150, deadline=None)
@given(content=st.binary(max_size=200), how=HOWS)
@example(content=b"\xff\xfe\x00", how=Csv())
@example(content=b"\x1f\x8b\x08", how=Csv())
@example(content=b"#", how=Csv())
def test_any_bytes_make_prices_or_one_line(path: Path, content: bytes, how: Csv) -> None:
    read_or_refuse(path, content, how)


@settings(max_examples=300, deadline=None)
@given(pieces=st.lists(PIECES, max_size=40), how=HOWS)
@example(pieces=["#"], how=Csv(columns="Date,Close"))
@example(pieces=[";", "\n", "Date", "\n", "Date", "\n", "Date"], how=Csv())
def test_any_mix_of_what_files_hold_makes_prices_or_one_line(
    path: Path, pieces: list[str], how: Csv
) -> None:
    read_or_refuse(path, "".join(pieces).encode(), how)


@settings(max_examples=200, deadline=None)
@given(
    at=st.integers(0, len(GOOD)),
    width=st.integers(0, 30),
    piece=st.lists(PIECES, max_size=3),
    how=HOWS,
)
def test_any_damage_to_a_good_file_makes_prices_or_one_line(
    path: Path, at: int, width: int, piece: list[str], how: Csv
) -> None:
    read_or_refuse(path, (GOOD[:at] + "".join(piece) + GOOD[at + width :]).encode(), how)


def prices_of(closes: list[float], gaps: list[int]) -> pd.DataFrame:
    days = np.datetime64("2020-01-13") + np.cumsum(gaps).astype("timedelta64[D]")
    close = np.array(closes)
    columns = {"open": close * 1.5, "high": close * 2, "low": close / 2, "close": close}
    columns["volume"] = np.arange(1.0, len(close) + 1)
    return pd.DataFrame(columns, index=pd.DatetimeIndex(days))


def written(table: pd.DataFrame, sep: str, decimal: str, dates: str, *, newest_first: bool) -> str:
    rows = table[::-1] if newest_first else table
    lines = [sep.join(["Date", *(name.title() for name in table.columns)])]
    for day, values in zip(rows.index, rows.to_numpy(), strict=True):
        cells = [f"{value!r}".replace(".", decimal) for value in values.tolist()]
        lines.append(sep.join([day.strftime(dates), *cells]))
    return "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.floats(1e-3, 1e6).map(lambda x: float(np.float32(x))), st.integers(1, 40)),
        min_size=2,
        max_size=30,
    ),
    dialect=st.sampled_from([(",", "."), (";", ","), (";", "."), ("\t", ","), ("|", ".")]),
    dates=st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d-%b-%Y", "%Y/%m/%d %H:%M:%S"]),
    newest_first=st.booleans(),
)
def test_prices_written_in_any_dialect_are_read_back_to_the_last_bit(
    path: Path,
    rows: list[tuple[float, int]],
    dialect: tuple[str, str],
    dates: str,
    newest_first: bool,
) -> None:
    closes, gaps = zip(*rows, strict=True)
    table = prices_of(list(closes), list(gaps))
    path.write_text(written(table, *dialect, dates, newest_first=newest_first))
    read = csv.read(path, Csv(decimal=dialect[1]), today=date(2100, 1, 1))
    again = Prices.of("prices", table)
    assert read.receipt.sha256 == again.receipt.sha256

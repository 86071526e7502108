"""The bundled samples are there, adjusted, and say what they are."""

from pathlib import Path

import numpy as np
import pytest

from forecast.data import known, samples
from forecast.errors import SourceError


def test_five_tickers_are_bundled() -> None:
    assert known.bundled() == ("AAPL", "FB", "GOOG", "IBM", "MSFT")


@pytest.mark.parametrize("ticker", known.bundled())
def test_a_sample_is_adjusted_and_says_what_it_is(ticker: str) -> None:
    prices = samples.load(ticker)
    assert prices.ticker == ticker
    assert list(prices.table.columns) == ["open", "high", "low", "close", "volume"]
    assert (prices.receipt.source, prices.receipt.place) == ("sample", f"datasets/{ticker}.csv")
    assert prices.receipt.adjusted
    assert prices.receipt.last == "2013-03-01"


def test_a_split_is_no_fall_of_an_adjusted_price() -> None:
    close = samples.load("AAPL").table["close"]
    session = close.index.get_loc("2005-02-28")
    assert abs(np.log(close.iloc[session] / close.iloc[session - 1])) < 0.02


def test_the_close_is_the_adjusted_close_of_the_file() -> None:
    last = samples.load("GOOG").table.iloc[0]
    assert last["close"] == 50.322842
    assert last["open"] == pytest.approx(100.01 * 50.322842 / 100.335, rel=1e-14)
    assert last["volume"] == 44659000


@pytest.mark.parametrize(
    "ticker", ["", "goog", "../GOOG", "GOOG.csv", "NOPE", "README", "\x1b[31m"]
)
def test_an_unknown_ticker_is_refused_with_the_known_ones(ticker: str) -> None:
    with pytest.raises(SourceError) as error:
        samples.load(ticker)
    assert str(error.value) == (
        f"no bundled sample of {ticker!a}; there are AAPL, FB, GOOG, IBM, MSFT"
    )


def test_the_samples_of_an_installed_package_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "XYZ.csv").write_text("Date,Adj Close\n2024-01-02,1\n2024-01-03,2\n")
    monkeypatch.setattr(known, "_PACKAGE", tmp_path)
    assert known.bundled() == ("XYZ",)
    assert samples.load("XYZ").table["close"].tolist() == [1, 2]

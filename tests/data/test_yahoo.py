import json
import os
import re
import stat
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.data import yahoo
from forecast.data.patience import Patience
from forecast.data.quotes import Quotes
from forecast.errors import SettingError, SourceError
from tests.data.yahoo_server import (
    BROKEN,
    EMPTY,
    LIMITED,
    Reply,
    Stock,
    YahooServer,
    failure,
    noon,
    point,
    series,
)

PRICES = ["open", "high", "low", "close"]
AFTER = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[YahooServer]:
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))
    with YahooServer() as server:
        point(server.url, monkeypatch)
        yield server


def patience(slept: list[float] | None = None, **changes) -> Patience:
    sleep = (lambda _: None) if slept is None else slept.append
    return Patience(**{"sleep": sleep, "clock": lambda: AFTER, **changes})


def fetch(ticker: str, now: datetime = AFTER, since: date | None = None) -> Quotes:
    return yahoo.fetch(ticker, since, patience(clock=lambda: now))


def test_prices_are_what_yahoo_told_adjusted_for_splits_and_dividends(server: YahooServer) -> None:
    told = series(30)
    server.stocks["X"] = Stock(
        told,
        dividends={told.index[10].date(): 0.5},
        splits={told.index[20].date(): (2.0, 1.0)},
    )
    quotes = fetch("x")
    raw = [*PRICES, "volume"]
    assert quotes.table[raw].to_numpy().tolist() == told[raw].to_numpy().tolist()
    assert quotes.table.index.tolist() == told.index.tolist()
    prices = quotes.prices("yahoo")
    expected = told[PRICES].mul(told["adjusted"] / told["close"], axis="index")
    np.testing.assert_allclose(prices.table[PRICES], expected, rtol=1e-14)
    np.testing.assert_allclose(prices.table["close"], told["adjusted"], rtol=1e-14)
    assert prices.table["volume"].tolist() == told["volume"].tolist()
    assert (prices.ticker, prices.receipt.source, prices.receipt.adjusted) == ("X", "yahoo", True)
    assert prices.receipt.fetched == "2025-01-02T00:00:00Z"
    assert prices.receipt.notes == ()


@pytest.mark.parametrize(
    ("zone", "opens", "closes"),
    [
        ("Australia/Sydney", time(10), time(16)),
        ("Asia/Seoul", time(9), time(15, 30)),
        ("America/Sao_Paulo", time(10), time(17)),
        ("Europe/London", time(0), time(23, 59)),
    ],
)
def test_dates_are_the_exchanges_even_where_utc_has_another(
    server: YahooServer, zone: str, opens: time, closes: time
) -> None:
    told = series(130)
    server.stocks["X"] = Stock(told, zone=zone, opens=opens, closes=closes)
    quotes = fetch("X")
    assert quotes.table.index.tolist() == told.index.tolist()
    assert quotes.table.index.tz is None
    assert (quotes.zone, quotes.closes) == (zone, closes)


def test_first_session_asked_for_reaches_yahoo(server: YahooServer) -> None:
    told = series(30)
    server.stocks["X"] = Stock(told)
    quotes = fetch("X", since=told.index[20].date())
    assert len(quotes.table) <= 12
    assert told.index[20] in quotes.table.index


@pytest.mark.parametrize(
    ("now", "kept"),
    [
        ("2024-02-12T12:00:00+00:00", 29),
        ("2024-02-12T20:59:00+00:00", 29),
        ("2024-02-12T21:29:00+00:00", 29),
        ("2024-02-12T21:31:00+00:00", 30),
        ("2024-02-13T12:00:00+00:00", 30),
    ],
)
def test_a_session_counts_half_an_hour_after_its_close(
    server: YahooServer, now: str, kept: int
) -> None:
    told = series(30)
    assert told.index[-1] == pd.Timestamp("2024-02-12")
    live = datetime.fromisoformat(now) if kept == 29 else None
    server.stocks["X"] = Stock(told, last_trade=live)
    quotes = fetch("X", datetime.fromisoformat(now))
    assert len(quotes.table) == kept
    said = "2024-02-12 is left out: its session was not finished."
    assert quotes.notes == ((said,) if kept == 29 else ())


def test_yesterdays_session_is_finished_before_todays_begins(server: YahooServer) -> None:
    told = series(30)
    server.stocks["X"] = Stock(told, today=date(2024, 2, 13))
    assert len(fetch("X", noon("2024-02-13")).table) == 30


def test_a_coins_day_lasts_until_midnight(server: YahooServer) -> None:
    told = series(60, freq="D")
    server.stocks["BTC-USD"] = Stock(told, "UTC", time(0), time(23, 59))
    assert len(fetch("BTC-USD", noon(f"{told.index[-1]:%Y-%m-%d}")).table) == 59


def test_without_trading_hours_todays_row_is_unfinished(server: YahooServer) -> None:
    told = series(30)
    server.stocks["X"] = Stock(told, trading_period=False)
    assert len(fetch("X", noon("2024-02-12")).table) == 29
    assert len(fetch("X", noon("2024-02-13")).table) == 30


def test_sessions_without_prices_are_left_out_and_named(server: YahooServer) -> None:
    told = series(40)
    told.iloc[[7, 8, 39], :] = np.nan
    told.iloc[9, 0] = 0.0
    server.stocks["X"] = Stock(told)
    quotes = fetch("X")
    assert quotes.table.index.tolist() == told.index.delete([7, 8, 9, 39]).tolist()
    first, last = f"{told.index[7]:%Y-%m-%d}", f"{told.index[39]:%Y-%m-%d}"
    said = f"Sessions left out because they lack prices: 4 between {first} and {last}."
    assert quotes.notes == (said,)


def test_a_last_row_without_prices_is_left_out(server: YahooServer) -> None:
    told = series(30)
    told.iloc[-1, :] = np.nan
    server.stocks["X"] = Stock(told)
    quotes = fetch("X")
    assert len(quotes.table) == 29
    assert quotes.notes == ("Sessions left out because they lack prices: 2024-02-12.",)


def test_prices_begin_after_a_long_hole(server: YahooServer) -> None:
    told = series(60)
    told.iloc[5:25, 0] = 0.0
    server.stocks["^GSPC"] = Stock(told)
    quotes = fetch("^GSPC")
    assert quotes.table.index.tolist() == told.index[25:].tolist()
    assert "Prices begin on 2024-02-06" in quotes.notes[0]


def test_a_volume_that_is_always_zero_is_no_column(server: YahooServer) -> None:
    told = series(30).assign(volume=0.0)
    server.stocks["EURUSD=X"] = Stock(told)
    assert list(fetch("EURUSD=X").prices("yahoo").table.columns) == PRICES


@pytest.mark.parametrize("bad", [LIMITED, BROKEN, EMPTY])
def test_asks_again_after_a_pause_when_refused_once(server: YahooServer, bad: Reply) -> None:
    server.stocks["X"] = Stock(series(30))
    server.replies["X"] = [bad] * (2 if bad.status >= 400 else 1)
    slept: list[float] = []
    quotes = yahoo.fetch("X", None, patience(slept))
    assert len(quotes.table) == 30
    assert len(slept) == 1
    assert 1.0 <= slept[0] <= 2.0


def limited(wait: str) -> Reply:
    return Reply(429, b"Too Many Requests", {"Retry-After": wait})


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [("7", 7.0), ("Thu, 02 Jan 2025 00:00:09 GMT", 9.0), ("soon", 0.0), ("-1", 0.0), ("", 0.0)],
)
def test_yahoo_is_asked_again_as_late_as_it_wants(
    server: YahooServer, wait: str, seconds: float
) -> None:
    server.stocks["X"] = Stock(series(30))
    server.replies["X"] = [limited(wait)] * 2
    slept: list[float] = []
    assert len(yahoo.fetch("X", None, patience(slept)).table) == 30
    assert slept == [pytest.approx(seconds, abs=1e-6)] if seconds else slept[0] <= 2.0


def test_a_wait_beyond_the_time_given_is_said_and_not_begun(server: YahooServer) -> None:
    server.always["X"] = limited("3600")
    slept: list[float] = []
    with pytest.raises(SourceError, match=r"HTTP 429\) and asks to wait 3600 s; try again later"):
        yahoo.fetch("X", None, patience(slept))
    assert slept == []
    assert server.tries("X") == 2  # one of ours, asked twice by yfinance


FAULTS = {
    "limited": (LIMITED, "limits the rate of requests (HTTP 429); try again later"),
    "page_500": (BROKEN, "is an error page, or was cut off"),
    "said_500": (Reply(500, failure("Internal Server Error", "Oops")), "no prices ('Oops')"),
    "page_200": (Reply(200, b"<!doctype html><p>Consent"), "is an error page, or was cut off"),
    "cut_json": (Reply(200, b'{"chart": {"result": [{"meta": {'), "error page, or was cut off"),
    "empty_body": (Reply(200, b""), "is an error page, or was cut off"),
    "no_result": (EMPTY, "holds no prices; try again"),
    "null": (Reply(200, b"null"), "holds no prices; try again"),
    "list": (Reply(200, b"[1, 2]"), "holds no prices; try again"),
    "cut_transfer": (Reply(200, b"x" * 5000, cut=100), "the connection to Yahoo broke"),
    "dropped": (Reply(drop=True), "the connection to Yahoo broke"),
    "reset": (Reply(reset=True), "the connection to Yahoo broke"),
    "no_zone": (
        Reply(
            200,
            json.dumps(
                {
                    "chart": {
                        "result": [{"meta": {}, "indicators": {"quote": [{"close": [1.0]}]}}],
                        "error": None,
                    }
                }
            ).encode(),
        ),
        "cannot be read (KeyError)",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_three_tries_then_one_clear_sentence(server: YahooServer, fault: str) -> None:
    server.always["X"], said = FAULTS[fault]
    slept: list[float] = []
    with pytest.raises(SourceError) as caught:
        yahoo.fetch("X", None, patience(slept))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(slept) == 2
    assert slept[1] > slept[0]


@pytest.mark.parametrize("fault", ["no TLS", "nobody listens"])
def test_a_connection_that_cannot_be_made_is_said(
    server: YahooServer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.port if fault == "no TLS" else 1
    point(f"https://127.0.0.1:{port}", monkeypatch)
    with pytest.raises(SourceError, match=r"the connection to Yahoo broke .*; try again later"):
        yahoo.fetch("X", None, patience())
    assert server.asked == []


@pytest.mark.parametrize(
    "stuck",
    [Reply(200, b"{" * 500, pause=0.05), Reply(200, b"{}", pause=60.0)],
    ids=["trickles", "hangs"],
)
def test_total_time_bounds_every_kind_of_silence(server: YahooServer, stuck: Reply) -> None:
    server.always["X"] = stuck
    with pytest.raises(SourceError):
        yahoo.fetch("X", None, patience(request=0.2, total=0.5, pause=0.01))


def test_time_limit_of_a_request_is_said(server: YahooServer) -> None:
    server.always["X"] = Reply(200, b"{}", pause=60.0)
    with pytest.raises(SourceError, match="did not answer in time; try again later"):
        yahoo.fetch("X", None, patience(request=0.1, tries=1))


@pytest.mark.parametrize(
    ("ticker", "said"),
    [("NOPE", "check its spelling"), ("BRK.B", "did you mean BRK-B?")],
)
def test_an_unknown_ticker_is_asked_for_once(server: YahooServer, ticker: str, said: str) -> None:
    slept: list[float] = []
    with pytest.raises(SourceError, match=f"Yahoo knows no ticker {ticker}") as caught:
        yahoo.fetch(ticker, None, patience(slept))
    assert said in str(caught.value)
    assert slept == []
    assert {name for name, _ in server.asked} == {ticker}


def test_a_malformed_ticker_reaches_nobody(server: YahooServer) -> None:
    with pytest.raises(SettingError):
        yahoo.fetch("../x", None, patience())
    assert server.asked == []


def test_a_fetch_is_silent(
    server: YahooServer, capfd: pytest.CaptureFixture, caplog: pytest.LogCaptureFixture
) -> None:
    server.stocks["X"] = Stock(series(30))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fetch("X")
        with pytest.raises(SourceError):
            fetch("NOPE")
    assert caught == []
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_yfinance_is_given_back_as_it_was(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    before = list(warnings.filters)
    fetch("X")
    yfinance = sys.modules["yfinance"]
    assert yfinance.config.debug.hide_exceptions is True
    assert list(warnings.filters) == before


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_cookies_lie_where_only_we_can_read(server: YahooServer, tmp_path: Path) -> None:
    server.stocks["X"] = Stock(series(30))
    (tmp_path / "cache").mkdir(mode=0o700)
    (tmp_path / "cache" / "yfinance").mkdir(mode=0o755)
    fetch("X")
    for folder in (tmp_path / "cache", tmp_path / "cache" / "yfinance"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_fetch_needs_no_folder(
    server: YahooServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "file"))
    server.stocks["X"] = Stock(series(30))
    assert len(fetch("X").table) == 30


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
def test_many_fetches_leave_nothing_open(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))

    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    for _ in range(3):
        fetch("X")
    before = held()
    for _ in range(25):
        fetch("X")
    after = held()
    assert after[0] <= before[0] + 3
    assert after[1] <= before[1] + 1


def test_no_network_is_known_without_yfinance(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with YahooServer() as server:
        monkeypatch.setattr(yahoo, "HOST", "127.0.0.1")
        monkeypatch.setattr(yahoo, "PORT", server.port)
        assert yahoo.pulse() == ""
    said = "Yahoo cannot be reached (127.0.0.1: Connection refused); check the network"
    assert yahoo.pulse() == said
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    assert yahoo.pulse() == ""


def test_loading_imports_no_yfinance_before_a_fetch() -> None:
    code = "import sys, forecast.data.load; print('yfinance' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_nobody_else_imports_yfinance() -> None:
    package = Path(yahoo.__file__).parent.parent
    imports = re.compile(r'^ *(import|from) yfinance|import_module\("yfinance', re.MULTILINE)
    found = [path for path in package.rglob("*.py") if imports.search(path.read_text("utf-8"))]
    assert [path.name for path in found] == ["yahoo.py"]

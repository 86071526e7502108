import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from forecast.data import cache, samples, yahoo
from forecast.data.load import load, load_many
from forecast.data.panel import load_panel
from forecast.data.patience import Patience
from forecast.data.prices import Prices
from forecast.errors import DataError, SettingError, SourceError
from forecast.source_settings import Source, SourceName
from tests.data.yahoo_server import (
    BROKEN,
    LIMITED,
    Reply,
    Stock,
    YahooServer,
    command,
    point,
    series,
)

SAME_EVENING = "2024-02-12T22:00:00+00:00"
LATER = "2024-03-01T22:00:00+00:00"


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cache"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    with YahooServer() as server:
        point(server.url, monkeypatch)
        yield server


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with YahooServer() as gone:
        pass
    monkeypatch.setattr(yahoo, "HOST", "127.0.0.1")
    monkeypatch.setattr(yahoo, "PORT", gone.port)


def at(now: str) -> Patience:
    return Patience(sleep=lambda _: None, clock=lambda: datetime.fromisoformat(now))


def get(name: str, source: SourceName = "auto", now: str = SAME_EVENING, **span: str) -> Prices:
    return load(name, Source(source=source, **span), patience=at(now))


def test_yahoo_is_asked_when_nothing_is_kept(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    prices = get("x")
    assert (prices.receipt.source, len(prices.table)) == ("yahoo", 30)
    said = "Prices of X are from Yahoo; their last session is 2024-02-12."
    assert prices.receipt.notes == (said,)


def test_a_fresh_copy_asks_nobody(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    first = get("X")
    asked = len(server.asked)
    again = get("X", now="2024-02-13T15:00:00+00:00")
    assert len(server.asked) == asked
    assert again.receipt.source == "cache"
    assert again.receipt.sha256 == first.receipt.sha256
    assert again.receipt.notes == (
        "The copy of X cached on 2024-02-12 is used, since it is fresh; its last session is"
        " 2024-02-12.",
    )


def test_an_old_copy_is_extended_by_the_sessions_since(server: YahooServer) -> None:
    told = series(44)
    server.stocks["X"] = Stock(told.iloc[:30])
    get("X")
    server.stocks["X"] = Stock(told)
    prices = get("X", now=LATER)
    assert (prices.receipt.source, prices.receipt.last) == ("yahoo", "2024-03-01")
    np.testing.assert_allclose(prices.table["close"], told["adjusted"], rtol=1e-14)
    asked_from = datetime.fromtimestamp(server.asked[-1][1], UTC)
    assert asked_from.date() > told.index[20].date()
    assert server.tries("X") == 2
    kept = cache.read("X")
    assert kept is not None
    assert len(kept.table) == 44


@pytest.mark.parametrize("column", ["adjusted", "close"], ids=["dividend", "split"])
def test_a_changed_past_is_fetched_again_whole(server: YahooServer, column: str) -> None:
    told = series(44)
    server.stocks["X"] = Stock(told.iloc[:30])
    get("X")
    changed = told.copy()
    changed.loc[: told.index[35], column] *= 0.5
    server.stocks["X"] = Stock(changed)
    prices = get("X", now=LATER)
    np.testing.assert_allclose(prices.table["close"], changed["adjusted"], rtol=1e-14)
    assert "all of it was fetched again" in prices.receipt.notes[1]
    kept = cache.read("X")
    assert kept is not None
    np.testing.assert_allclose(kept.table["close"], changed["close"], rtol=1e-14)


def test_two_requests_share_the_time_of_one_ticker(server: YahooServer) -> None:
    told = series(44)
    server.stocks["X"] = Stock(told.iloc[:30])
    get("X")
    told["close"] *= 0.5
    body = json.dumps(Stock(told).chart(0, 2**40)).encode()
    server.always["X"] = Reply(200, body, pause=2.0 / len(body))
    prices = load("X", Source(), patience=replace(at(LATER), total=3.0))
    assert "because Yahoo did not answer in time" in prices.receipt.notes[0]
    assert server.tries("X") >= 2


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"volume": -5.0}, "column 'volume' on 2024-02-06 is -5.0"),
        ({"adjusted": 1e300}, "column 'open' on 2024-02-06 is 9.9"),
    ],
)
def test_an_answer_that_can_be_no_prices_leaves_the_copy_alone(
    server: YahooServer, broken: dict[str, float], said: str
) -> None:
    told = series(40)
    server.stocks["X"] = Stock(told.iloc[:30])
    first = get("X")
    told.loc[told.index[25:], list(broken)] = list(broken.values())
    server.stocks["X"] = Stock(told)
    prices = get("X", now=LATER)
    assert (prices.receipt.source, prices.receipt.sha256) == ("cache", first.receipt.sha256)
    assert f"because Yahoo's answer for X: {said}" in prices.receipt.notes[0]
    with pytest.raises(SourceError, match="Yahoo's answer for X: column"):
        get("X", "yahoo", LATER)


def test_an_answer_with_fewer_sessions_leaves_the_copy_alone(server: YahooServer) -> None:
    told = series(44)
    server.stocks["X"] = Stock(told.iloc[:30])
    get("X")
    server.stocks["X"] = Stock(told.drop(told.index[[3, 26, 27]]))
    prices = get("X", now=LATER)
    assert (prices.receipt.source, prices.receipt.rows) == ("cache", 30)
    assert "because Yahoo's answer for X lacks 3 sessions" in prices.receipt.notes[0]
    with pytest.raises(SourceError, match=r"lacks 3 sessions .* 'forecast data clear X'"):
        get("X", "yahoo", LATER)
    kept = cache.read("X")
    assert kept is not None
    assert len(kept.table) == 30


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(LIMITED, "Yahoo limits the rate of requests (HTTP 429)"), (BROKEN, "is an error page")],
)
def test_an_old_copy_is_used_when_yahoo_fails(server: YahooServer, reply, reason: str) -> None:
    server.stocks["X"] = Stock(series(30))
    get("X")
    server.always["X"] = reply
    prices = get("X", now=LATER)
    assert prices.receipt.source == "cache"
    (note,) = prices.receipt.notes
    assert note.startswith("The copy of X cached on 2024-02-12 is used, because ")
    assert reason in note
    assert note.endswith("; its last session is 2024-02-12.")
    with pytest.raises(SourceError):
        get("X", "yahoo", LATER)


@pytest.mark.usefixtures("offline")
def test_without_a_network_the_bundled_sample_is_used_and_said() -> None:
    prices = get("goog")
    assert (prices.receipt.source, prices.ticker) == ("sample", "GOOG")
    note = prices.receipt.notes[0]
    assert note.startswith("The bundled sample of GOOG is used, because Yahoo cannot be reached")
    assert note.endswith(f"; its last session is {samples.load('GOOG').receipt.last}.")


@pytest.mark.usefixtures("offline")
def test_without_a_network_yfinance_is_not_imported(own_cache: Path) -> None:
    code = (
        "import sys; from forecast.data import load, yahoo; yahoo.HOST = '127.0.0.1';"
        f" yahoo.PORT = {yahoo.PORT}; prices = load.load('GOOG');"
        " sys.exit(prices.receipt.source != 'sample' or 'yfinance' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert not own_cache.exists()


@pytest.mark.usefixtures("offline")
def test_a_ticker_that_nobody_has_names_those_that_are_bundled() -> None:
    with pytest.raises(SourceError) as caught:
        get("GOGO")
    message = str(caught.value)
    assert "no prices for GOGO: Yahoo cannot be reached" in message
    assert "bundled samples are AAPL, FB, GOOG, IBM, MSFT; did you mean GOOG?" in message


def test_an_unknown_ticker_falls_back_to_the_sample_of_its_name(server: YahooServer) -> None:
    prices = get("FB")
    assert prices.receipt.source == "sample"
    assert "because Yahoo knows no ticker FB; its last session" in prices.receipt.notes[0]
    with pytest.raises(SourceError, match="did you mean BRK-B"):
        get("BRK.B")
    assert [name for name, _ in server.asked].count("FB") > 0


def test_a_chosen_source_is_the_only_one(server: YahooServer) -> None:
    server.stocks["GOOG"] = Stock(series(30))
    with pytest.raises(SourceError, match="no cached copy"):
        get("GOOG", "cache")
    assert get("GOOG", "sample").receipt.source == "sample"
    assert server.asked == []
    assert get("GOOG", "yahoo").receipt.source == "yahoo"
    assert get("GOOG", "cache", "2030-01-01T00:00:00+00:00").receipt.source == "cache"
    asked = len(server.asked)
    assert get("GOOG", "yahoo").receipt.source == "yahoo"
    assert len(server.asked) > asked
    with pytest.raises(SourceError, match="no bundled sample of it; bundled samples are AAPL"):
        get("NOPE", "sample")


def test_every_source_is_cut_to_the_span(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    for _ in ("from yahoo", "from the cache"):
        prices = get("X", start="2024-01-10", end="2024-01-12")
        assert (prices.receipt.first, prices.receipt.last) == ("2024-01-10", "2024-01-12")
        assert (prices.receipt.rows, len(prices.table)) == (3, 3)
    assert prices.receipt.source == "cache"
    assert len(get("X", "cache").table) == 30
    sample = get("GOOG", "sample", period="1y")
    assert sample.table.index[0].year == sample.table.index[-1].year - 1
    with pytest.raises(DataError, match="prices cover"):
        get("GOOG", "sample", start="2090-01-01")


def test_a_copy_that_reaches_the_end_asked_for_is_fresh_for_ever(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    get("X")
    asked = len(server.asked)
    assert get("X", now=LATER, end="2024-02-12").receipt.source == "cache"
    assert len(server.asked) == asked
    assert get("X", now=LATER, end="2024-02-13").receipt.source == "yahoo"


def test_a_clock_put_back_makes_no_copy_eternal(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    get("X", now="2031-01-01T00:00:00+00:00")
    assert get("X", now=SAME_EVENING).receipt.source == "yahoo"
    assert get("X", now=SAME_EVENING).receipt.source == "cache"


def test_several_tickers_come_in_order(server: YahooServer) -> None:
    for seed, ticker in enumerate(("A", "B", "C")):
        server.stocks[ticker] = Stock(series(30, seed=seed))
    many = load_many(["C", "A", "B"], patience=at(SAME_EVENING))
    assert [prices.ticker for prices in many] == ["C", "A", "B"]
    for prices in many:
        told = server.stocks[prices.ticker].table["adjusted"]
        np.testing.assert_allclose(prices.table["close"], told, rtol=1e-14)


def test_every_name_is_checked_before_any_is_fetched(server: YahooServer, own_cache: Path) -> None:
    server.stocks["A"] = Stock(series(30))
    with pytest.raises(SettingError):
        load_many(["A", "../x"], patience=at(SAME_EVENING))
    with pytest.raises(SettingError):
        load_many(["A"], Source(start="soon"), patience=at(SAME_EVENING))
    assert server.asked == []
    assert not own_cache.exists()


def test_a_damaged_cache_is_said_and_made_anew(server: YahooServer, own_cache: Path) -> None:
    server.stocks["X"] = Stock(series(30))
    own_cache.mkdir()
    (own_cache / "prices.sqlite").write_bytes(b"not a database at all" * 100)
    prices = get("X")
    assert prices.receipt.source == "yahoo"
    assert prices.receipt.notes[1].startswith("The price cache was damaged")
    assert get("X").receipt.source == "cache"


def test_without_a_place_for_the_cache_prices_still_come(
    server: YahooServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FORECAST_CACHE", str(tmp_path / "file"))
    server.stocks["X"] = Stock(series(30))
    prices = get("X")
    assert prices.receipt.source == "yahoo"
    assert prices.receipt.notes[1].startswith("The price cache")


CSV = "Date,Open,High,Low,Close,Volume\n" + "".join(
    f"2024-01-{day:02},1{day},1{day}.9,1{day}.1,1{day}.5,100\n" for day in range(10, 20)
)


@pytest.mark.parametrize("name", ["prices.csv", "PRICES.CSV", "a b.txt", "sub/prices", "A.CSV"])
def test_a_file_is_read_as_one(tmp_path: Path, name: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / name).write_text(CSV)
    prices = get(name)
    assert (prices.receipt.source, prices.receipt.rows) == ("csv", 10)
    assert get(name, end="2024-01-12").receipt.rows == 3
    path = tmp_path / name
    assert load(path).receipt == load_panel([path]).prices[0].receipt == get(str(path)).receipt


def test_a_name_that_is_both_is_refused_with_both_ways_out(tmp_path: Path) -> None:
    (tmp_path / "GOOG").write_text(CSV)
    with pytest.raises(SettingError, match=r"pass ./GOOG for the file, or --source"):
        get("GOOG")
    assert get("./GOOG").receipt.source == "csv"
    assert get("GOOG", "csv").receipt.source == "csv"
    assert get("GOOG", "sample").receipt.source == "sample"


def test_a_folder_of_a_tickers_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "GOOG").mkdir()
    assert get("GOOG", "sample").receipt.source == "sample"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "http://x/y.csv",
            "https://x",
            "file:///etc/passwd",
            "FILE:/x",
            "\\\\host\\x",
            "s3://b/k",
        ),
        *("ftp://h/a.gz", "//host/x.csv", "", " ", "..\\x", "a/b", "../x", "A" * 10_000, "a\0.csv"),
        *("GOOG MSFT", "GOOG,MSFT", "$(id)", "\u202eGOOG"),
    ],
    ids=lambda name: ascii(name[:20]),
)
def test_what_is_neither_file_nor_ticker_is_refused(name: str) -> None:
    with pytest.raises(SettingError) as caught:
        get(name)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("source", ["yahoo", "cache", "sample"])
def test_a_file_goes_with_no_source_of_tickers(tmp_path: Path, source: SourceName) -> None:
    (tmp_path / "prices.csv").write_text(CSV)
    with pytest.raises(SettingError, match="needs a ticker; got the file"):
        get("prices.csv", source)


def test_a_missing_file_is_a_matter_of_the_reader() -> None:
    with pytest.raises(DataError):
        get("missing.csv")


def test_a_command_in_a_process_of_its_own_fetches_and_keeps(server: YahooServer) -> None:
    server.stocks["X"] = Stock(series(30))
    for ticker, code, said in [("X", 0, "X: 30 sessions until 2024-02-12"), ("NOPE", 4, "")]:
        line = command(server.url, "data", "refresh", ticker)
        result = subprocess.run(line, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout.strip()) == (code, said)
    said = "forecast: Yahoo knows no ticker NOPE; check its spelling"
    assert result.stderr.strip() == said
    assert [entry.ticker for entry in cache.entries()] == ["X"]

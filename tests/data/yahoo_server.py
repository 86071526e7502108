"""A server on this machine that speaks Yahoo's chart format, well or badly, to the real yfinance.

In a test: `with YahooServer() as server: point(server.url, monkeypatch)`. For a command in a
process of its own: `subprocess.run(command(server.url, "fit", "X"), env=environment(server.url))`.
"""

import contextlib
import importlib
import json
import os
import socket
import struct
import sys
import threading
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

MODULES = ("const", "base", "scrapers.history", "scrapers.quote")
PRICES = ["open", "high", "low", "close"]


@dataclass
class Stock:
    """What Yahoo knows of one ticker: raw quotes by session date, and `adjusted` closes."""

    table: pd.DataFrame
    zone: str = "America/New_York"
    opens: time = time(9, 30)
    closes: time = time(16)
    today: date | None = None
    last_trade: datetime | None = None
    dividends: dict[date, float] = field(default_factory=dict)
    splits: dict[date, tuple[float, float]] = field(default_factory=dict)
    trading_period: bool = True

    def chart(self, first: int, last: int) -> dict:
        stamps = [self._stamp(day, self.opens) for day in self.table.index]
        if self.last_trade:
            stamps[-1] = int(self.last_trade.timestamp())
        kept = [row for row, stamp in enumerate(stamps) if first <= stamp <= last]
        rows = self.table.iloc[kept]
        quote = {name: _json(rows[name]) for name in [*PRICES, "volume"]}
        result = {"meta": self._meta(stamps), "indicators": {"quote": [quote if kept else {}]}}
        if kept:
            result["timestamp"] = [stamps[row] for row in kept]
            result["indicators"]["adjclose"] = [{"adjclose": _json(rows["adjusted"])}]
            result["events"] = self._events()
        return {"chart": {"result": [result], "error": None}}

    def _stamp(self, day: date, at: time) -> int:
        return int(datetime.combine(day, at, ZoneInfo(self.zone)).timestamp())

    def _meta(self, stamps: list[int]) -> dict:
        day = self.today or self.table.index[-1].date()
        hours = {"start": self._stamp(day, self.opens), "end": self._stamp(day, self.closes)}
        meta = {
            "currency": "USD",
            "symbol": "X",
            "exchangeName": "NMS",
            "instrumentType": "EQUITY",
            "firstTradeDate": stamps[0],
            "regularMarketTime": stamps[-1],
            "gmtoffset": 0,
            "timezone": "EST",
            "exchangeTimezoneName": self.zone,
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "1y", "5y", "max"],
        }
        if self.trading_period:
            meta["currentTradingPeriod"] = {
                name: {**hours, "timezone": "EST", "gmtoffset": 0}
                for name in ("pre", "regular", "post")
            }
        return meta

    def _events(self) -> dict:
        paid = {self._stamp(day, self.opens): amount for day, amount in self.dividends.items()}
        split = {self._stamp(day, self.opens): ratio for day, ratio in self.splits.items()}
        return {
            "dividends": {str(at): {"amount": amount, "date": at} for at, amount in paid.items()},
            "splits": {
                str(at): {"date": at, "numerator": n, "denominator": d, "splitRatio": f"{n}:{d}"}
                for at, (n, d) in split.items()
            },
        }


@dataclass
class Reply:
    """An answer: `pause` seconds before each byte, cut after `cut` bytes, dropped, or reset."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    cut: int | None = None
    drop: bool = False
    reset: bool = False


def failure(code: str, description: str) -> bytes:
    """The body with which Yahoo says why it has no prices."""
    error = {"code": code, "description": description}
    return json.dumps({"chart": {"result": None, "error": error}}).encode()


UNKNOWN = Reply(404, failure("Not Found", "No data found, symbol may be delisted"))
LIMITED = Reply(429, b"Too Many Requests\r\n")
BROKEN = Reply(500, b"<html><body>Internal Server Error</body></html>")
EMPTY = Reply(200, b'{"chart": {"result": [], "error": null}}')


class YahooServer:
    """Serves `stocks`; the replies listed under a ticker go first, one a request."""

    def __init__(self) -> None:
        self.stocks: dict[str, Stock] = {}
        self.replies: defaultdict[str, list[Reply]] = defaultdict(list)
        self.always: dict[str, Reply] = {}
        self.asked: list[tuple[str, int]] = []
        self.closing = threading.Event()

    def __enter__(self) -> "YahooServer":
        handler = type("Handler", (_Handler,), {"owner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def tries(self, ticker: str) -> int:
        return sum(name == ticker for name, _ in self.asked)

    def reply(self, ticker: str, first: int, last: int) -> Reply:
        self.asked.append((ticker, first))
        if self.replies[ticker]:
            return self.replies[ticker].pop(0)
        if ticker in self.always:
            return self.always[ticker]
        if ticker not in self.stocks:
            return UNKNOWN
        return Reply(200, json.dumps(self.stocks[ticker].chart(first, last)).encode())


class _Handler(BaseHTTPRequestHandler):
    owner: YahooServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        first = int(query.get("period1", ["0"])[0])
        last = int(query.get("period2", ["9999999999"])[0])
        reply = self.owner.reply(unquote(parts.path.rsplit("/", 1)[-1]), first, last)
        if reply.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        elif not reply.drop:
            with contextlib.suppress(OSError):
                self._send(reply)

    def do_CONNECT(self) -> None:
        """Refuse what yfinance asks of hosts other than the one it was pointed at."""
        self.send_response(502)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        body = reply.body[: reply.cut]
        if not reply.pause:
            self.wfile.write(body)
            return
        for byte in body:
            if self.owner.closing.wait(reply.pause):
                return
            self.wfile.write(bytes([byte]))

    def log_message(self, *_: object) -> None:
        pass


def _json(column: pd.Series) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in column]


def series(rows: int, first: str = "2024-01-02", seed: int = 0, freq: str = "B") -> pd.DataFrame:
    """A random walk as Yahoo would tell it: raw prices, volume, and adjusted closes."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, rows)))
    open_ = close * np.exp(random.normal(0, 0.003, rows))
    return pd.DataFrame(
        {
            "open": open_,
            "high": np.maximum(open_, close) * 1.004,
            "low": np.minimum(open_, close) * 0.996,
            "close": close,
            "volume": random.integers(1_000, 9_000, rows).astype(float),
            "adjusted": close * 0.98,
        },
        pd.date_range(first, periods=rows, freq=freq),
    )


def noon(day: str) -> datetime:
    """Noon UTC of a day, long before New York closes."""
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


def point(url: str, monkeypatch) -> None:
    """Let yfinance ask `url` for charts, and nobody else for anything."""
    for name, value in environment(url).items():
        monkeypatch.setenv(name, value)
    for module in _modules():
        monkeypatch.setattr(module, "_BASE_URL_", url)
    cookies = importlib.import_module("yfinance.cache")._CookieCacheManager
    monkeypatch.setattr(cookies, "_Cookie_cache", None)


def environment(url: str) -> dict[str, str]:
    """Variables that send every other request of yfinance to the server, which refuses it."""
    return {"https_proxy": url, "HTTPS_PROXY": url, "no_proxy": "127.0.0.1", "http_proxy": ""}


def command(url: str, *arguments: str) -> list[str]:
    """The command line `forecast ARGUMENTS` with its yfinance pointed at `url`."""
    return [sys.executable, __file__, url, *arguments]


def _modules() -> list[object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [importlib.import_module(f"yfinance.{name}") for name in MODULES]


def main() -> None:
    url, *arguments = sys.argv[1:]
    os.environ.update(environment(url))
    for module in _modules():
        module._BASE_URL_ = url
    sys.argv = ["forecast", *arguments]
    importlib.import_module("forecast.cli").main()


if __name__ == "__main__":
    main()

"""Yahoo Finance, asked through yfinance: quotes or one clear sentence, in bounded time.

yfinance is imported when a fetch really happens. Left to itself it logs errors and returns empty
tables; here its errors are raised, its log is silent, and its cookie lies in our cache folder,
which nobody else may read or write.
"""

import importlib
import logging
import os
import socket
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.data import known
from forecast.data.chart import quotes_of
from forecast.data.patience import PATIENCE, THREAD, Patience, patiently, within
from forecast.data.quotes import Quotes
from forecast.data.tickers import check, hint

HOST, PORT = "query2.finance.yahoo.com", 443
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_log = logging.getLogger(__name__)
_LATER = "try again later, or pass --source cache or --source sample"


def pulse(patience: Patience = PATIENCE) -> str:
    """Why Yahoo cannot be reached, or nothing; without a network it is known at once.

    Behind a proxy nothing is said, since only the proxy knows.
    """
    if any(os.environ.get(name) for name in _PROXIES):
        return ""
    try:
        within(
            patience.connect,
            lambda: socket.create_connection((HOST, PORT), patience.connect).close(),
        )
    except OSError as error:
        reason = error.strerror or f"no answer within {patience.connect:g} s"
        return f"Yahoo cannot be reached ({HOST}: {reason}); check the network"
    return ""


def fetch(ticker: str, since: date | None = None, patience: Patience = PATIENCE) -> Quotes:
    """Finished daily sessions of a ticker, from about `since` on or from the first.

    Asks again, after growing pauses, when the rate is limited or an answer is broken, but not when
    Yahoo knows no such ticker.

    Raises:
        SettingError: it is not a ticker.
        SourceError: Yahoo does not answer in time, limits the rate, does not know the ticker, or
            answers with something that holds no prices.
    """
    ticker = check(ticker)
    _log.info("asking Yahoo about %s", ticker)
    with _borrowed() as yfinance:
        frame, facts = patiently(
            lambda: _ask(yfinance, ticker, since, patience.request),
            lambda error: _explain(yfinance.exceptions, ticker, error),
            patience,
        )
    return quotes_of(ticker, frame, facts, patience.clock())


def _ask(
    yfinance: Any, ticker: str, since: date | None, seconds: float
) -> tuple[pd.DataFrame, Mapping[str, Any]]:
    try:
        stock = yfinance.Ticker(ticker)
        stock._tz = "UTC"  # the zone comes with the prices; this spares a request for it alone
        frame = stock.history(
            period=None if since else "max",
            start=since - timedelta(days=1) if since else None,
            auto_adjust=False,
            actions=False,
            keepna=True,
            timeout=seconds,
        )
        return frame, stock.history_metadata
    finally:
        cookies = yfinance.cache.get_cookie_cache().get_db()
        if cookies is not None:
            cookies.close()  # it would otherwise be left open in a thread that ends


def _explain(known: Any, ticker: str, error: Exception) -> tuple[str, bool]:
    """What went wrong, by yfinance's `known` exceptions, and whether asking again may help."""
    if isinstance(error, known.YFTickerMissingError):
        return _explain_absence(ticker, getattr(error, "yahoo_reason", None) or "")
    name = type(error).__name__
    if isinstance(error, known.YFRateLimitError):
        what = "Yahoo limits the rate of requests (HTTP 429)"
    elif isinstance(error, TimeoutError) or "Timeout" in name:
        what = "Yahoo did not answer in time"
    elif isinstance(error, ValueError):
        what = f"Yahoo's answer for {ticker} is an error page, or was cut off"
    elif isinstance(error, OSError):
        what = f"the connection to Yahoo broke ({name})"
    else:
        what = f"Yahoo's answer for {ticker} cannot be read ({name})"
    return f"{what}; {_LATER}", True


def _explain_absence(ticker: str, reason: str) -> tuple[str, bool]:
    if "delisted" in reason or "Not Found" in reason:
        meant = f"did you mean {hint(ticker)}?" if hint(ticker) else "check its spelling"
        return f"Yahoo knows no ticker {ticker}; {meant}", False
    said = f" ({reason[:100]!a})" if reason else ""
    return f"Yahoo's answer for {ticker} holds no prices{said}; {_LATER}", True


@contextmanager
def _borrowed() -> Generator[Any, None, None]:
    """yfinance, raising what it would hide and keeping quiet; it stays pointed at our folder."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yfinance: Any = importlib.import_module("yfinance")
        logging.getLogger("yfinance").addFilter(_from_others)
        yfinance.set_tz_cache_location(str(_own_folder()))
        hidden = yfinance.config.debug.hide_exceptions
        yfinance.config.debug.hide_exceptions = False
        try:
            yield yfinance
        finally:
            yfinance.config.debug.hide_exceptions = hidden


def _from_others(record: logging.LogRecord) -> bool:
    return record.threadName != THREAD


def _own_folder() -> Path:
    """Where yfinance may keep its cookie, which it unpickles: ours alone, or nowhere."""
    folder = known.cache() / "yfinance"
    try:
        for each in (folder.parent, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError:
        return Path(os.devnull) / "nowhere"
    return folder

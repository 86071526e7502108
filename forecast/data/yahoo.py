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
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.data import known
from forecast.data.chart import quotes_of
from forecast.data.patience import PATIENCE, THREAD, Patience, Refusal, patiently, within
from forecast.data.quotes import Quotes
from forecast.data.tickers import check, hint

HOST, PORT = "query2.finance.yahoo.com", 443
_PROXIES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_log = logging.getLogger(__name__)
_LATER = "try again later, or pass --source cache or --source sample"


def pulse(patience: Patience = PATIENCE) -> str:
    """Why Yahoo cannot be reached, or nothing; without a network it is known at once.

    Behind a proxy it is always nothing, since only the proxy can know.
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

    Asks again when the rate is limited or an answer is broken, after growing pauses, or as late as
    Yahoo wants it if that is in time, but not when it knows no such ticker.

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
            lambda error: _explain(yfinance.exceptions, ticker, error, patience.clock()),
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


def _explain(known: Any, ticker: str, error: Exception, now: datetime) -> Refusal:
    """What went wrong, by yfinance's `known` exceptions."""
    if isinstance(error, known.YFTickerMissingError):
        return _explain_absence(ticker, getattr(error, "yahoo_reason", None) or "")
    name, wait = type(error).__name__, 0.0
    if isinstance(error, known.YFRateLimitError):
        wait = _wait(error, now)
        asked = f" and asks to wait {wait:.0f} s" if wait else ""
        what = f"Yahoo limits the rate of requests (HTTP 429){asked}"
    elif isinstance(error, TimeoutError) or "Timeout" in name:
        what = "Yahoo did not answer in time"
    elif isinstance(error, ValueError):
        what = f"Yahoo's answer for {ticker} is an error page, or was cut off"
    elif isinstance(error, OSError):
        what = f"the connection to Yahoo broke ({name})"
    else:
        what = f"Yahoo's answer for {ticker} cannot be read ({name})"
    return Refusal(f"{what}; {_LATER}", hopeful=True, wait=wait)


def _wait(error: Exception, now: datetime) -> float:
    """The seconds that an answer of 429 asks to wait (`Retry-After`), or 0.

    yfinance raises without the answer, which is still in the frame that raised.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    answer = trace.tb_frame.f_locals.get("response") if trace else None
    asked = str(getattr(answer, "headers", {}).get("Retry-After", ""))
    if asked.isdecimal():
        return float(asked[:9])
    try:
        until = parsedate_to_datetime(asked)
    except (ValueError, OverflowError):
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def _explain_absence(ticker: str, reason: str) -> Refusal:
    if "delisted" in reason or "Not Found" in reason:
        meant = f"did you mean {hint(ticker)}?" if hint(ticker) else "check its spelling"
        return Refusal(f"Yahoo knows no ticker {ticker}; {meant}", hopeful=False)
    said = f" ({reason[:100]!a})" if reason else ""
    return Refusal(f"Yahoo's answer for {ticker} holds no prices{said}; {_LATER}", hopeful=True)


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

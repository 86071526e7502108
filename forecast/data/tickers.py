"""Tickers: which strings are one, and the folder that each may be stored in.

Every ticker is checked before anything is fetched or written, so that none reaches an address or a
path unchecked.
"""

import hashlib
import re
from urllib.parse import quote

from forecast.errors import SettingError

_FORM = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.^=\-]{0,19}", re.ASCII)
_SHARE_CLASS = re.compile(r"([A-Z]{1,5})\.([A-D])", re.ASCII)
# What Windows takes for devices, and what the folder of all results holds besides tickers.
_TAKEN = re.compile(
    r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?|text|translate|index\.html",
    re.ASCII | re.IGNORECASE,
)
_LONGEST = 150


def is_ticker(text: str) -> bool:
    """Whether `text` has the form of a ticker, listed or not.

    >>> is_ticker("^GSPC"), is_ticker("0700.HK"), is_ticker("../x")
    (True, True, False)
    """
    return _FORM.fullmatch(text) is not None


def check(ticker: str) -> str:
    """The ticker in capitals.

    >>> check("brk-b")
    'BRK-B'

    Raises:
        SettingError: it does not have the form of a ticker.
    """
    if is_ticker(ticker):
        return ticker.upper()
    shown = ascii(ticker if len(ticker) <= 40 else f"{ticker[:40]}...")
    several = re.split(r"[\s,;]+", ticker.strip())
    if 1 < len(several) <= 20 and all(map(is_ticker, several)):
        raise SettingError(f"{shown} holds {len(several)} tickers; pass one ticker per argument")
    raise SettingError(
        f"{shown} is not a ticker; needs 1 to 20 letters, digits or . ^ = - and a letter, digit"
        " or ^ first, such as GOOG, BRK-B, ^GSPC or 005930.KS"
    )


def hint(ticker: str) -> str:
    """A guess at what an unknown ticker was meant to be; empty when there is none.

    >>> hint("BRK.B")
    'BRK-B'
    """
    match = _SHARE_CLASS.fullmatch(ticker)
    return f"{match[1]}-{match[2]}" if match else ""


def folder_name(name: str) -> str:
    """A folder's name for a ticker or any other name, the same and allowed on every system.

    A name too long for that is cut, and told apart from others by its digest.

    >>> folder_name("^GSPC"), folder_name("CON"), folder_name("..")
    ('%5EGSPC', '_CON', '%2E%2E')
    """
    quoted = quote(name, safe="", errors="surrogatepass")
    if len(quoted) > _LONGEST:
        rest = hashlib.sha256(quoted.encode()).hexdigest()[:8]
        quoted = f"{quoted[: _LONGEST - 9]}-{rest}"
    if quoted.startswith((".", "-", "~")):  # hidden, an option, a home for what a shell is given
        quoted = f"%{ord(quoted[0]):02X}{quoted[1:]}"
    if quoted.endswith("."):
        quoted = f"{quoted[:-1]}%2E"
    return f"_{quoted}" if not quoted or _TAKEN.fullmatch(quoted) else quoted

"""Whether a name that a user gave means a file or a ticker, decided before anything is opened."""

import re
from pathlib import Path

from forecast.data.tickers import check, is_ticker
from forecast.errors import SettingError
from forecast.source_settings import SourceName

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]+:[/\\]|\\\\|//")
_SUFFIXES = {
    *(".csv", ".tsv", ".txt", ".gz", ".zip", ".bz2", ".xz"),
    *(".xls", ".xlsx", ".json", ".html", ".parquet"),
}


def means_file(name: str, source: SourceName = "auto") -> bool:
    """True for a file (or `-`, standard input), False for a ticker.

    A file has a suffix of tables, or exists under a name that no ticker could have.

    >>> means_file("GOOG"), means_file("prices.csv"), means_file("0700.HK")
    (False, True, False)

    Raises:
        SettingError: the name is an address, neither, or could be both; or a source was chosen
            that does not go with it.
    """
    if _ADDRESS.match(name):
        raise SettingError(
            f"{name[:40]!a} is an address; download the file and pass its path, or pass a ticker"
        )
    if source == "csv" or name == "-":
        return True
    if _like_file(name):
        if source != "auto":
            raise SettingError(f"source {source} needs a ticker; got the file {name[:80]!a}")
        return True
    if {"/", "\\"} & {*name}:
        raise SettingError(
            f"{name[:80]!a} is no file or folder, and is not a ticker; check the path"
        )
    check(name)
    if source == "auto" and _exists(name) and Path(name).is_file():
        raise SettingError(
            f"{name!r} is a ticker and a file here; pass ./{name} for the file, or --source yahoo,"
            " cache or sample for the ticker"
        )
    return False


def is_folder(name: str) -> bool:
    """Whether the name is that of a folder; an empty one names none.

    >>> is_folder("."), is_folder(""), is_folder("A" * 10_000)
    (True, False, False)
    """
    return _exists(name) and Path(name).is_dir()


def _like_file(name: str) -> bool:
    if Path(name).suffix.lower() in _SUFFIXES and "\0" not in name:
        return True
    return not is_ticker(name) and _exists(name)


def _exists(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):
        return False  # too long, or with a character that no path has

"""One SQLite file that any number of processes share, or a clear refusal.

Readers never wait for writers (write-ahead log); a writer waits for another. A file that is
damaged or of another version is set aside and made anew, since all it holds can be fetched again.
"""

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from forecast.errors import OutputError, printable

FILE = "prices.sqlite"
VERSION = 1
BUSY_SECONDS = 20.0
_OUTSIDE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
_TABLES = (
    "CREATE TABLE entry (ticker TEXT PRIMARY KEY, zone TEXT NOT NULL, closes TEXT NOT NULL,"
    " fetched TEXT NOT NULL, sha256 TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE quote (ticker TEXT, date TEXT, open REAL NOT NULL, high REAL NOT NULL,"
    " low REAL NOT NULL, close REAL NOT NULL, volume REAL NOT NULL, factor REAL NOT NULL,"
    " fetched TEXT NOT NULL, PRIMARY KEY (ticker, date)) WITHOUT ROWID",
)


def exists(folder: Path) -> bool:
    """Whether a file has been made in `folder`; asking makes none."""
    try:
        return (folder / FILE).exists()
    except OSError:
        return True  # opening it will say what is wrong


@contextmanager
def opened(folder: Path) -> Generator[sqlite3.Connection, None, None]:
    """A connection to the file in `folder`, made where there is none, closed afterwards.

    A transaction that was begun and not committed is undone.

    Raises:
        OutputError: it cannot be opened, read or written; or it was damaged and is set aside.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with closing(
            sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        ) as connection:
            _prepare(connection)
            yield connection
    except OSError as error:
        raise _refusal(path, error) from error
    except sqlite3.IntegrityError:
        raise
    except (sqlite3.DatabaseError, UnicodeError) as error:  # SQLite quotes what it cannot read
        # What is no state of the machine is one of the file.
        outside = getattr(error, "sqlite_errorcode", 0) & 0xFF in _OUTSIDE
        raise (_refusal if outside else _set_aside)(path, error) from error


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
    if _version(connection) == VERSION:
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if _version(connection) == 0 and tables == 0:
        for table in _TABLES:
            connection.execute(table)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
    if _version(connection) != VERSION:
        raise sqlite3.DatabaseError(f"it is not a cache of version {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return connection.execute("PRAGMA user_version").fetchone()[0]


def _refusal(path: Path, error: Exception) -> OutputError:
    return OutputError(
        f"the price cache {str(path)!r} cannot be used: {_plain(error)}; free space or rights"
        " there, or set FORECAST_CACHE to another folder"
    )


def _plain(error: Exception) -> str:
    """What SQLite says, which may quote what is in the file."""
    return printable(" ".join(str(error).split()))[:160]


def _set_aside(path: Path, error: Exception) -> OutputError:
    """Rename the damaged file; its log goes first, or it would be replayed into the next cache."""
    aside = path.with_name(f"{FILE}.damaged")
    try:
        for log in ("-wal", "-shm"):
            path.with_name(FILE + log).unlink(missing_ok=True)
        path.replace(aside)
    except OSError as refused:
        return _refusal(path, refused)
    return OutputError(
        f"the price cache was damaged ({_plain(error)}) and is now {str(aside)!r}; prices will be"
        " fetched again"
    )

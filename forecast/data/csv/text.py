"""From a file, or standard input, to its text: nothing foreign, nothing endless."""

import gzip
import io
import os
import re
import stat
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

from forecast.data.csv.faults import Fault, refusal
from forecast.data.csv.names import known
from forecast.data.foreign import GZIP, MARKS, foreign
from forecast.errors import DataError, printable

MOST_BYTES = 128 * 2**20
MOST_LINES = 2_000_000

SAMPLE = 64 * 1024
ENCODINGS = (
    *("utf-16-le", "utf-16-be"),
    *("cp1252", "cp1250", "cp1251", "shift_jis", "gb18030", "big5", "cp949"),
)
_FIELDS = re.compile(r"[,;|\t]")

MARKUP = {
    "<!doctype": "HTML",
    "<html": "HTML",
    "<head": "HTML",
    "<body": "HTML",
    "<table": "HTML",
    "<script": "HTML",
    "<!--": "HTML",
    "<?xml": "XML",
    "<svg": "XML",
    "{": "JSON",
    "[": "JSON",
}


def read_text(path: Path | str, encoding: str) -> tuple[str, tuple[str, ...]]:
    """The text of a file, or of standard input for `-`, and what had to be guessed about it.

    Raises:
        DataError: there is no such file, it is too large, empty, not text, or of another encoding.
    """
    place = printable(str(path)) or "''"
    data = _limited(sys.stdin.buffer.read, place) if str(path) == "-" else _file(path, place)
    if data.startswith(GZIP):
        data = _unzipped(data, place)
    if kind := "gzip within gzip" if data.startswith(GZIP) else foreign(data):
        raise _not_csv(place, kind)
    text, notes = _decoded(data, encoding, place)
    if kind := _markup(text[:1024]):
        raise _not_csv(place, kind)
    if not text.strip():
        raise DataError(f"{place}: is empty. Fix: export the prices again.")
    if (at := text.find("\0")) >= 0:
        order = "be" if text.startswith("\0") else "le"
        fix = f"remove it, or pass --encoding utf-16-{order} if the file is UTF-16"
        raise refusal(place, [Fault(_line(text[:at]), "a NUL character", fix)])
    if (lines := text.count("\n") or text.count("\r")) > MOST_LINES:
        raise _too_large(place, f"{lines} lines")
    return text, notes


def _file(path: Path | str, place: str) -> bytes:
    if "://" in str(path):
        raise DataError(f"{place}: is an address, not a file. Fix: download the file first.")
    path = Path(path)
    try:
        found = path.stat()
        _refuse_kind(found, place)
        with path.open("rb") as file:
            # A file of the system that says it has no bytes may have no end, or wait for its first.
            return _limited(file.read, place) if found.st_size else b""
    except DataError:
        raise
    except FileNotFoundError as error:
        raise DataError(f"{place}: no such file. Fix: check the name and the folder.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{place}: cannot be read: {reason}. Fix: check the file.") from error


def _refuse_kind(found: os.stat_result, place: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise DataError(f"{place}: is a folder. Fix: name a file in it.")
    if not stat.S_ISREG(found.st_mode):
        fix = "pass - and send the prices to standard input"
        raise DataError(f"{place}: is a pipe or a device, not a file. Fix: {fix}.")
    if found.st_size > MOST_BYTES:
        raise _too_large(place, f"{found.st_size / 1e6:.0f} MB")


def _limited(read: Callable[[int], bytes], place: str) -> bytes:
    data = read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _too_large(place, f"more than {MOST_BYTES / 1e6:.0f} MB")
    return data


def _too_large(place: str, size: str) -> DataError:
    most = f"{MOST_BYTES / 1e6:.0f} MB and {MOST_LINES} lines"
    return DataError(f"{place}: {size}; at most {most} are read. Fix: keep the last rows only.")


def _unzipped(data: bytes, place: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            return _limited(file.read, place)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{place}: gzip is damaged: {error}. Fix: download it again.") from error


def _markup(text: str) -> str | None:
    start = text.lstrip().lower()
    # Any element that is closed again, as in a piece of a page that says what went wrong.
    piece = "HTML" if start.startswith("<") and "</" in start else None
    return next((MARKUP[magic] for magic in MARKUP if start.startswith(magic)), piece)


def _not_csv(place: str, kind: str) -> DataError:
    return DataError(f"{place}: is {kind}, not CSV. Fix: export the prices as CSV.")


def _decoded(data: bytes, encoding: str, place: str) -> tuple[str, tuple[str, ...]]:
    marked = next(((mark, name) for mark, name in MARKS.items() if data.startswith(mark)), None)
    if marked and not encoding:
        data, encoding = data.removeprefix(marked[0]), marked[1]
    try:
        return data.decode(encoding or "utf-8").removeprefix("\ufeff"), ()
    except UnicodeError as error:
        if not encoding and (korean := _korean(data)):
            return korean, ("read as cp949 (Korean): the file is not UTF-8",)
        at = data[: getattr(error, "start", 0)]
        line = _line(at.decode("latin-1"))
        sentence = f"not {encoding or 'UTF-8'} text after the first {len(at)} bytes of the file"
        fix = f"pass --encoding{_likely(data)}"
        raise refusal(place, [Fault(line, sentence, fix)]) from error


def _korean(data: bytes) -> str | None:
    try:
        text = data.decode("cp949")
    except UnicodeError:
        return None
    # Other encodings, too, decode as Korean; then no line holds names that we know.
    return text if _named(text) and any("가" <= each <= "힣" for each in text) else None


def _likely(data: bytes) -> str:
    """The encoding in which most names are known, or examples where names do not tell."""
    sample = data[:SAMPLE]
    named = {each: _named(sample.decode(each, "ignore")) for each in ("ascii", *ENCODINGS)}
    best = max(named, key=lambda each: named[each])
    return f" {best}" if best != "ascii" else ", for example cp1252, shift_jis, gb18030 or big5"


def _named(text: str) -> int:
    """The most names that we know in a line of the text's beginning."""
    return max((known(_FIELDS.split(line)) for line in text[:SAMPLE].splitlines()), default=0)


def _line(before: str) -> int:
    """The number of the physical line that follows `before`, whatever ends its lines."""
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")

"""From a file, or standard input, to its text: nothing foreign, nothing endless."""

import gzip
import io
import re
import zlib
from pathlib import Path

from forecast.data.csv.names import known
from forecast.data.foreign import EXAMPLES, GZIP, PART, decoded, foreign, read_bytes
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
    if "://" in str(path):
        raise DataError(f"{place}: is an address, not a file. Fix: download the file first.")
    data = read_bytes(path, MOST_BYTES, "name a file of prices, or pass - for standard input")
    if data.startswith(GZIP):
        data = _unzipped(data, place)
    if kind := "gzip within gzip" if data.startswith(GZIP) else foreign(data):
        raise _not_csv(place, kind)
    text, notes = _decoded(data, encoding, place)
    if kind := _markup(text[:1024]):
        raise _not_csv(place, kind)
    if not text.strip():
        raise DataError(f"{place}: is empty. Fix: export the prices again.")
    if (lines := text.count("\n") or text.count("\r")) > MOST_LINES:
        raise _too_large(place, f"{lines} lines")
    return text, notes


def _unzipped(data: bytes, place: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            unzipped = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{place}: gzip is damaged: {error}. Fix: download it again.") from error
    if len(unzipped) > MOST_BYTES:
        raise _too_large(place, f"more than {MOST_BYTES:,} bytes")
    return unzipped


def _too_large(place: str, size: str) -> DataError:
    most = f"{MOST_BYTES:,} bytes and {MOST_LINES:,} lines"
    return DataError(f"{place}: {size}; at most {most} are read. Fix: {PART}.")


def _markup(text: str) -> str | None:
    start = text.lstrip().lower()
    # Any element that is closed again, as in a piece of a page that says what went wrong.
    piece = "HTML" if start.startswith("<") and "</" in start else None
    return next((MARKUP[magic] for magic in MARKUP if start.startswith(magic)), piece)


def _not_csv(place: str, kind: str) -> DataError:
    return DataError(f"{place}: is {kind}, not CSV. Fix: export the prices as CSV.")


def _decoded(data: bytes, encoding: str, place: str) -> tuple[str, tuple[str, ...]]:
    try:
        return decoded(data, encoding, place, _likely), ()
    except DataError:
        if not encoding and (korean := _korean(data)):
            return korean, ("read as cp949 (Korean): the file is not UTF-8",)
        raise


def _korean(data: bytes) -> str | None:
    try:
        text = decoded(data, "cp949", "")
    except DataError:
        return None
    # Other encodings, too, decode as Korean; then no line holds names that we know.
    return text if _named(text) and any("가" <= each <= "힣" for each in text) else None


def _likely(data: bytes) -> str:
    """The encoding in which most names are known, or examples where names do not tell."""
    sample = data[:SAMPLE]
    named = {each: _named(sample.decode(each, "ignore")) for each in ("ascii", *ENCODINGS)}
    best = max(named, key=lambda each: named[each])
    return f" {best}" if best != "ascii" else EXAMPLES


def _named(text: str) -> int:
    """The most names that we know in a line of the text's beginning."""
    return max((known(_FIELDS.split(line)) for line in text[:SAMPLE].splitlines()), default=0)

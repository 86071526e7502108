"""A corpus: the text of one file, whatever its script, and nothing that is not text."""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

from forecast.data import known
from forecast.data.files import read_whole
from forecast.data.foreign import MARKS, foreign
from forecast.errors import DataError, SettingError

MOST_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class Corpus:
    """A text, the name it goes by, and the SHA-256 of its UTF-8 form."""

    name: str
    text: str
    sha256: str

    @classmethod
    def of(cls, text: str, name: str = "text") -> "Corpus":
        """A text that is in memory already."""
        return cls(name, text, hashlib.sha256(text.encode()).hexdigest())


def read(path: Path | str, encoding: str = "") -> Corpus:
    """The text of a file, of standard input for `-`, or of a bundled corpus for its name.

    Lines end with a line feed, however they did. The text is UTF-8 if no encoding is named and no
    mark at its start says otherwise.

    Raises:
        DataError: there is no such file, it is empty, too large, not text, or of another encoding.
        SettingError: no encoding has this name.
    """
    if str(path) in bundled() and not Path(path).exists():
        path = known.samples() / "text" / f"{path}.txt"
    place, data = repr(str(path)), _bytes(path)
    if kind := foreign(data):
        raise DataError(f"{place}: is {kind}, not text; export it as plain text")
    mark = next((mark for mark in MARKS if data.startswith(mark)), b"")
    encoding = encoding or MARKS.get(mark, "utf-8")
    try:
        text = data.removeprefix(mark).decode(encoding)
    except UnicodeError as error:
        at = getattr(error, "start", 0)
        raise DataError(
            f"{place}: is not {encoding} text after its first {at:,} bytes; name its encoding, for"
            " example --encoding cp949"
        ) from error
    except (LookupError, ValueError) as error:
        raise SettingError(f"encoding is one that Python knows; got {encoding[:40]!r}") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{place}: is empty; a corpus holds text")
    if (at := text.find("\0")) >= 0:
        raise DataError(f"{place}: is no text: a NUL character follows the first {at:,} characters")
    return Corpus.of(text, "standard input" if str(path) == "-" else Path(path).stem)


def bundled() -> tuple[str, ...]:
    """Names of the corpora that come with the program.

    >>> bundled()
    ('avengers', 'hihello', 'ship', 'want')
    """
    return tuple(sorted(path.stem for path in (known.samples() / "text").glob("*.txt")))


def _bytes(path: Path | str) -> bytes:
    if str(path) == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise DataError(f"'-': more than {MOST_BYTES:,} bytes; pass a part of it")
        return data
    try:
        return read_whole(Path(path), MOST_BYTES)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(
            f"{str(path)!r}: cannot be read: {reason}; name a text file, or one that is bundled:"
            f" {', '.join(bundled())}"
        ) from error

"""A corpus: the text of one file, whatever its script, and nothing that is not text."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from forecast.data import known
from forecast.data.foreign import decoded, foreign, read_bytes
from forecast.errors import DataError, printable

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
    place = printable(str(path))
    fix = f"name a text file, or one that is bundled: {', '.join(bundled())}"
    data = read_bytes(path, MOST_BYTES, fix)
    if kind := foreign(data):
        raise DataError(f"{place}: is {kind}, not text; export it as plain text")
    text = decoded(data, encoding, place)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError(f"{place}: is empty; a corpus holds text")
    return Corpus.of(text, "standard input" if str(path) == "-" else Path(path).stem)


def bundled() -> tuple[str, ...]:
    """Names of the corpora that come with the program.

    >>> bundled()
    ('avengers', 'hihello', 'ship', 'want')
    """
    return tuple(sorted(path.stem for path in (known.samples() / "text").glob("*.txt")))

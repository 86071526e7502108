"""Sentences and their translations, from one file with a tab between them or from two files.

Every line is a pair, or the error names the one that is not.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from forecast.data import known
from forecast.data.foreign import decoded, foreign, read_bytes
from forecast.errors import DataError, printable

MOST_BYTES = 512 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """Sentences in one language, each with its translation, and where they come from.

    >>> Pairs(sources=("gracias", "hola"), targets=("thanks", "hello")).swapped().sources
    ('thanks', 'hello')

    Raises:
        DataError: there are none, or more on one side.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    name: str = "pairs"
    place: str = ""

    def __post_init__(self) -> None:
        if not self.sources or len(self.sources) != len(self.targets):
            raise DataError(
                f"{self.place or self.name}: needs one translation for each sentence, and at least"
                f" one pair; got {len(self.sources)} sentences, {len(self.targets)} translations"
            )

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def sha256(self) -> str:
        """Of all pairs, in hexadecimal."""
        lines = map("\t".join, zip(self.sources, self.targets, strict=True))
        return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()

    def swapped(self) -> "Pairs":
        """The same pairs the other way round."""
        return replace(self, sources=self.targets, targets=self.sources)


def bundled() -> tuple[str, ...]:
    """Names of the pairs that come with the program.

    >>> bundled()
    ('korean',)
    """
    return tuple(sorted(path.stem for path in (known.samples() / "text").glob("*.tsv")))


def read(path: Path | str, target_file: Path | str | None = None, *, encoding: str = "") -> Pairs:
    """The pairs of a file: sentence, tab, translation; what follows a second tab is left out.

    The name of bundled pairs is as good as a file.
    With a target file, each of its lines translates the line of the same number. Lines that are
    empty, there on both sides, are left out. Text is normalised (Unicode NFC); a mark at the start
    of a file says its encoding, whichever is named, and UTF-8 is meant where none is.

    Raises:
        DataError: a file is missing, empty, of another encoding, or a line of it is no pair.
        SettingError: there is no such encoding.
    """
    if str(path) in bundled() and not Path(path).exists():
        path = known.samples() / "text" / f"{path}.tsv"
    lines, name = _lines(path, encoding), Path(path).name.split(".")[0] or "pairs"
    if target_file is None:
        numbered = [(at, line) for at, line in enumerate(lines, 1) if line.strip()]
        both = [_pair(path, at, line) for at, line in numbered]
        place = str(path)
    else:
        both = _parallel(path, lines, target_file, _lines(target_file, encoding))
        place = f"{path}, {target_file}"
    if not both:
        raise DataError(f"{str(path)!r} is empty; needs lines of a sentence, a tab, a translation")
    sources, targets = zip(*both, strict=True)
    return Pairs(sources=sources, targets=targets, name=name, place=place)


def _pair(path: Path | str, at: int, line: str) -> tuple[str, str]:
    source, tab, rest = line.partition("\t")
    target = rest.partition("\t")[0].strip()
    if not tab:
        raise DataError(
            f"{str(path)!r}, line {at}: no tab in {line[:40]!r}; needs a sentence, a tab and its"
            " translation, or the translations in a file of their own (--target-file)"
        )
    if not source.strip() or not target:
        lacking = "translation" if source.strip() else "sentence"
        raise DataError(
            f"{str(path)!r}, line {at}: no {lacking} beside the tab; fill it in or remove the line"
        )
    return source.strip(), target


def _parallel(
    path: Path | str, lines: list[str], target_file: Path | str, targets: list[str]
) -> list[tuple[str, str]]:
    if len(lines) != len(targets):
        raise DataError(
            f"{str(path)!r} has {len(lines):,} lines and {str(target_file)!r} {len(targets):,};"
            " line by line, one must translate the other"
        )
    both = [(source.strip(), target.strip()) for source, target in zip(lines, targets, strict=True)]
    for at, (source, target) in enumerate(both, 1):
        if bool(source) != bool(target):
            lacking = path if target else target_file
            raise DataError(
                f"{str(lacking)!r}, line {at} is empty, and the line that it goes with is not;"
                " fill it in or remove both"
            )
    return [pair for pair in both if pair[0]]


def _lines(path: Path | str, encoding: str) -> list[str]:
    place, named = printable(str(path)), ", ".join(bundled())
    data = read_bytes(path, MOST_BYTES, f"name a file, or pairs that are bundled: {named}")
    if kind := foreign(data):
        raise DataError(f"{place}: is {kind}, not text; export it as plain text")
    text = decoded(data, encoding, place)
    # Not splitlines: a sentence may hold what Unicode counts as the end of a line.
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    text = text if "\n" in text else text.replace("\r", "\n")
    return text.removesuffix("\n").split("\n")

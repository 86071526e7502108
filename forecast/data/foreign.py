"""Bytes from outside: read to an end, known by the first of them, or text of some encoding."""

import codecs
import errno
import sys
from collections.abc import Callable
from pathlib import Path

from forecast.data.faults import Fault, refusal
from forecast.data.files import read_whole
from forecast.errors import DataError, SettingError, printable

GZIP = b"\x1f\x8b"
MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark is the start of this one
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
FOREIGN = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "PDF",
    b"\xd0\xcf\x11\xe0": "Excel",
    b"PK\x05\x06": "a zip archive",
    GZIP: "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf": "a 7z archive",
    b"PAR1": "Parquet",
    b"ARROW1": "Feather",
    b"\x89HDF": "HDF5",
    b"\x93NUMPY": "a NumPy array",
    b"Rar!": "a rar archive",
    b"\x7fELF": "a program",
    b"SQLite format 3": "an SQLite database",
    b"version https://git-lfs": "a pointer of Git LFS",
    b"{\\rtf": "RTF",
    b"\x80\x02": "a pickle",
    b"\x80\x03": "a pickle",
    b"\x80\x04\x95": "a pickle",
    b"\x80\x05\x95": "a pickle",
}


EXAMPLES = ", for example cp949, cp1252, shift_jis, gb18030 or big5"
PART = "keep a part of it, such as its last lines"


def read_bytes(path: Path | str, most: int, fix: str) -> bytes:
    """What a file holds, or standard input for `-`; `fix` says which else could be named.

    Raises:
        DataError: it cannot be read, or is longer than `most` bytes.
    """
    place = printable(str(path)) or "''"
    try:
        if str(path) != "-":
            return read_whole(Path(path), most)
        data = sys.stdin.buffer.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        fix = PART if getattr(error, "errno", None) == errno.EFBIG else fix
        raise DataError(f"{place}: cannot be read: {reason}. Fix: {fix}.") from error
    if len(data) > most:
        raise DataError(f"{place}: cannot be read: more than {most:,} bytes. Fix: {PART}.")
    return data


def foreign(data: bytes) -> str | None:
    """What a file that is no text is, by its first bytes."""
    if data.startswith(b"PK\x03\x04"):
        return "Excel" if b"xl/" in data else "a zip archive"
    if data[257:262] == b"ustar":
        return "a tar archive"
    return next((FOREIGN[magic] for magic in FOREIGN if data.startswith(magic)), None)


def decoded(
    data: bytes, encoding: str, place: str, likely: Callable[[bytes], str] = lambda _: EXAMPLES
) -> str:
    """The text that bytes are: by a mark at their start, else by the encoding named, else UTF-8.

    `likely` ends the sentence about the option that helps.

    Raises:
        DataError: they are no such text.
        SettingError: no encoding has this name.
    """
    marked = next((name for mark, name in MARKS.items() if data.startswith(mark)), "")
    encoding = marked or encoding or "UTF-8"
    try:
        text = data.decode(encoding)
    except UnicodeError as error:
        before = data[: getattr(error, "start", 0)]
        sentence = f"not {encoding} text after the first {len(before)} bytes of the file"
        fix = "export it again" if marked else f"pass --encoding{likely(data)}"
        raise refusal(place, [Fault(_line(before.decode("latin-1")), sentence, fix)]) from error
    except (LookupError, ValueError) as error:
        raise SettingError(f"encoding is one that Python knows; got {encoding[:40]!r}") from error
    if (at := text.find("\0")) >= 0:
        order = "be" if text.startswith("\0") else "le"
        fix = f"remove it, or pass --encoding utf-16-{order} if the file is UTF-16"
        raise refusal(place, [Fault(_line(text[:at]), "a NUL character", fix)])
    return text.removeprefix("\ufeff")


def _line(before: str) -> int:
    """The number of the physical line that follows `before`, whatever ends its lines."""
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")

"""What a file is by its first bytes: text of an encoding that they name, or no text at all."""

import codecs

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


def foreign(data: bytes) -> str | None:
    """What a file that is no text is, by its first bytes."""
    if data.startswith(b"PK\x03\x04"):
        return "Excel" if b"xl/" in data else "a zip archive"
    if data[257:262] == b"ustar":
        return "a tar archive"
    return next((FOREIGN[magic] for magic in FOREIGN if data.startswith(magic)), None)

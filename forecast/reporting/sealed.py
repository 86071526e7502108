"""Files that belong together: `scores.json` names the SHA-256 of all that were written with it.

What is read back was written together; otherwise there is an error that names the file.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from forecast.data.files import alone, read_whole
from forecast.errors import OutputError
from forecast.reporting.formats import UNREADABLE, from_json, to_json
from forecast.reporting.history import MOST_BYTES, SCORES


def sealed(told: Mapping[str, Any], contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """These files and `scores.json`, which holds `told` and the SHA-256 of every file."""
    every = {**contents, SCORES: _said(told)}
    digests = {name: digest(content) for name, content in every.items()}
    return {**contents, SCORES: to_json({**told, "sha256": digests})}


def unsealed(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The content of `scores.json`, and the files that were sealed with it.

    Raises:
        OutputError: a file is missing, damaged, or of another run.
    """
    try:
        with alone(folder):  # of one run, also while another is being written
            told = head(folder)
            contents = {name: _content(folder, name) for name in told["sha256"] if name != SCORES}
        for name, content in (contents | {SCORES: _said(told)}).items():
            if digest(content) != told["sha256"].get(name):
                raise OutputError(
                    f"{str(folder / name)!r} is not as it was written, or of another run; run"
                    " forecast fit again"
                )
    except UNREADABLE as error:
        raise unreadable(folder, error) from error
    return told, contents


def unreadable(folder: Path, error: Exception) -> OutputError:
    """The error of a result that cannot be parsed."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
    return OutputError(
        f"{str(folder)!r} holds no result that can be read: {reason}; run forecast fit again"
    )


def head(folder: Path) -> dict[str, Any]:
    """The content of `scores.json`.

    Raises:
        OutputError: there is none, or it is damaged.
    """
    try:
        told = from_json(_content(folder, SCORES))
    except ValueError as error:
        raise OutputError(
            f"{str(folder / SCORES)!r} is not JSON ({error}); run forecast fit again"
        ) from error
    if not isinstance(told, dict):
        raise OutputError(f"{str(folder / SCORES)!r} holds no result; run forecast fit again")
    return cast(dict[str, Any], told)


def digest(content: bytes) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _said(told: Mapping[str, Any]) -> bytes:
    """`scores.json` without its checksums: what its own checksum is of."""
    return to_json({name: value for name, value in told.items() if name != "sha256"})


def _content(folder: Path, name: str) -> bytes:
    if Path(name).name != name:
        raise OutputError(f"{str(folder / SCORES)!r} names {name!r}, which is no file beside it")
    try:
        return read_whole(folder / name, MOST_BYTES)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OutputError(
            f"{str(folder / name)!r} cannot be read: {reason}; run forecast fit first"
        ) from error

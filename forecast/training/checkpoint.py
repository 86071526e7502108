"""Saved models: safetensors and JSON, never pickle; loading one runs no code.

The file is plain safetensors, so `safetensors` reads the weights as they are; their first axis is
the seed, and the slice of one seed loads into `torch.nn`. What else belongs to the model lies in
the header's metadata under `forecast`, as JSON, with a SHA-256 of all of it.
"""

import hashlib
import json
import logging
import math
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from io import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from forecast.data.files import opened, write_whole
from forecast.errors import (
    CheckpointError,
    ForecastError,
    OutputError,
    SettingError,
    printable,
)

MODEL, RESUME = "model.safetensors", "resume.safetensors"  # as they are called in result folders
FORMAT = 1
LARGEST, LARGEST_HEADER = 256 * 2**20, 16 * 2**20
# Where learning goes on lie the newest weights, the best, what Adam knows of them, and many models.
LARGEST_KEPT = 8 * LARGEST
MOST_ARRAYS = 2_000
# Values and bytes that any description may have, and those for each row of the arrays' longest
# axes: what is long in a description is a vocabulary, whose every token has such a row.
VALUES, VALUES_A_ROW = 1_000, 5
BYTES, BYTES_A_ROW = 2**16, 2**10
# What a description raises that is not one of ours, when a model is made of it.
FOREIGN = (
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RuntimeError),
    ForecastError,
)
# A header of ours, up to its description and after it; the arrays follow.
_BEGIN, _END = b'{"__metadata__":{"forecast":"', b'}"}'
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Weights by name, everything else about the model as JSON values, and where it was read."""

    weights: Mapping[str, np.ndarray]
    about: Mapping[str, Any]
    place: str = "the saved model"

    def refusal(self, error: Exception) -> CheckpointError:
        """The error that says why no model can be made of this."""
        reason = printable(" ".join(str(error).split()))[:200] or type(error).__name__
        return CheckpointError(
            f"{self.place} is not one that this version can make ({reason}); fit it again"
        )

    def require(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        """Let weights pass that have these shapes, before a network is made that needs them.

        Axes that come before those of a shape are free.

        Raises:
            CheckpointError: a weight is missing, or has another shape, or is no 32-bit float.
        """
        for name, weight in self.weights.items():
            if weight.dtype != np.float32:
                raise CheckpointError(f"{name} is of {weight.dtype}; a weight is of float32")
        for name, shape in shapes.items():
            found = self.weights[name].shape if name in self.weights else ()
            if found[max(0, len(found) - len(shape)) :] != shape:
                raise CheckpointError(f"{name} has shape {found}; the description needs {shape}")


def save(path: Path, checkpoint: Checkpoint) -> None:
    """Write a model, whole or not at all; the same model gives the same bytes.

    Raises:
        OutputError: the place cannot be written.
    """
    write_whole(path, content(checkpoint))


def content(checkpoint: Checkpoint) -> bytes:
    """What the file of a saved model holds."""
    weights = {name: np.ascontiguousarray(each) for name, each in checkpoint.weights.items()}
    about = {**checkpoint.about, "format": FORMAT}
    text = _text({**about, "sha256": _digest(weights, about)})
    return save_arrays(weights, metadata={"forecast": text})


def load(path: Path, arrays: int = MOST_ARRAYS, *, kept: bool = False) -> Checkpoint:
    """A model that was saved by `save`, checked before anything is made of it.

    Its header is read, and has to fit to the file and to hold so many arrays at most, before the
    rest is; its description has to be no longer than these arrays can need, before it is read.
    What was `kept` for learning to go on may be larger than a model.

    Raises:
        CheckpointError: the file is missing, too large, damaged, foreign or of a newer format.
    """
    try:
        with _opened(path, LARGEST_KEPT if kept else LARGEST) as file:
            about = _parse(_description(file, arrays))
            file.seek(0)
            weights = load_arrays(file.read())
    except (SafetensorError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{str(path)!r} is not a saved forecast model ({_first_line(error)}); fit it again"
        ) from error
    if about.get("format") != FORMAT:
        raise CheckpointError(
            f"{str(path)!r} has format {about.get('format')!r}; this version reads format {FORMAT};"
            " fit it again"
        )
    if about.pop("sha256", None) != _digest(weights, about):
        raise CheckpointError(f"{str(path)!r} is damaged: its checksum is another; fit it again")
    if not all(np.isfinite(weight).all() for weight in weights.values()):
        raise CheckpointError(f"{str(path)!r}: a weight is no finite number; fit it again")
    _log.info("the model in %s was read", path)
    return Checkpoint(weights, about, repr(str(path)))


def refuse_unreadable(shapes: Iterable[Sequence[int]]) -> None:
    """Let a network with weights of these shapes be made, because it could be read back.

    Raises:
        SettingError: it has too many weights.
    """
    count = sum(map(math.prod, shapes))
    if 4 * count > LARGEST - LARGEST_HEADER:
        raise SettingError(
            f"a saved model has at most {(LARGEST - LARGEST_HEADER) // 4:,} weights, and this would"
            f" have {count:,}; take fewer hidden units, layers, tokens or seeds"
        )


def located(named: Path | str | None, room: Path, make: str) -> Path:
    """The file of a model: in the folder named, there or in `room`; else in the room's newest.

    `make` is the command that makes one.

    Raises:
        OutputError: none is named, and there is none.
        CheckpointError: there is nothing of that name.
    """
    if named is None:
        there = list(room.glob(f"*/{MODEL}"))
        if not there:
            raise OutputError(f"{str(room)!r} holds no model; run {make} first")
        return max(there, key=lambda path: path.stat().st_mtime)
    place = Path(named)
    if not place.exists() and (room / place).is_dir():
        place = room / place
    if place.is_dir():
        place /= MODEL
    if not place.exists():
        near = get_close_matches(str(named), [path.parent.name for path in room.glob(f"*/{MODEL}")])
        hint = f"did you mean {near[0]!r}?" if near else f"make one with: {make}"
        raise CheckpointError(f"no model at {str(place)!r}; {hint}")
    return place


@contextmanager
def _opened(path: Path, most: int) -> Generator[BinaryIO]:
    try:
        with opened(path, most) as file:
            yield file
    except OSError as error:
        raise CheckpointError(
            f"no model at {str(path)!r} ({error.strerror}); make one with: forecast fit"
        ) from error


def _digest(weights: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> str:
    return hashlib.sha256(_text(about).encode() + save_arrays(dict(weights))).hexdigest()


def _text(about: Mapping[str, Any]) -> str:
    return json.dumps(about, sort_keys=True, allow_nan=False)


def _description(file: BinaryIO, arrays: int) -> str:
    size = int.from_bytes(file.read(8), "little")
    if size > LARGEST_HEADER:
        raise ValueError(f"its header would have {size:,} bytes")
    text = file.read(size)
    end = text.find(_END)  # the first quote of a text within a text that has no backslash before it
    if not text.startswith(_BEGIN) or end < 0:
        raise ValueError("it begins with no description of ours")
    about, listed = text[len(_BEGIN) : end + 1], text[end + len(_END) :]
    if listed.count(b'"data_offsets"') > arrays:
        raise ValueError(f"it holds more than {arrays:,} arrays")
    if listed.count(b",") > 10 * arrays:
        raise ValueError("its arrays have more axes than ours")
    found = [*_parse(b"{" + listed.removeprefix(b",")).values()]
    ends = [end for each in found for _, end in [each["data_offsets"]]]
    there, told = file.seek(0, SEEK_END), 8 + size + max(ends, default=0)
    if there != told:
        raise ValueError(f"it has {there:,} bytes; its header tells of {told:,}")
    _refuse_long(about, sum(max(each["shape"], default=1) for each in found))
    return json.loads(b'"' + about + b'"')


def _refuse_long(about: bytes, rows: int) -> None:
    values = about.count(b",")
    if values > VALUES + VALUES_A_ROW * rows or len(about) > BYTES + BYTES_A_ROW * rows:
        raise ValueError(
            f"its description tells {values:,} things in {len(about):,} bytes; its arrays have"
            f" {rows:,} rows"
        )


def _parse(text: str | bytes) -> dict[str, Any]:
    told = json.loads(
        text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
    )
    if not isinstance(told, dict):
        raise TypeError("its description is no JSON object")
    return cast(dict[str, Any], told)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)


def _finite(text: str) -> float:
    return float(text) if math.isfinite(float(text)) else _no_constant(text)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:80]

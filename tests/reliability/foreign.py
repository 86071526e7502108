"""Model files that are not ours: refused with one line, nothing run, quickly."""

import pickle
import random
import resource
import struct
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
from safetensors.numpy import save as save_arrays

from forecast.errors import CheckpointError
from forecast.forecasters.recurrent import Recurrent, restore
from forecast.settings import Training
from forecast.training.checkpoint import Checkpoint, load, save
from forecast.training.checkpoint import content as bytes_of
from tests.made import prices
from tests.reliability.trial import Finding

# Seconds, and MiB.
SLOWEST, LARGEST = 0.05, 50


class Payload:
    """What a pickle would run; nothing may."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, (Path("/tmp/forecast-was-here"),))


def foreign(place: Path, times: int) -> Finding:
    """Offer damaged and foreign files, and every kind of bit flip."""
    (fitted,) = Recurrent(training=Training(epochs=2)).fit_many([prices(60).table], 1)
    good = place / "model.safetensors"
    save(good, fitted.checkpoint())
    mark = Path("/tmp/forecast-was-here")
    mark.unlink(missing_ok=True)
    restore(load(good))
    slowest, path, taken = 0.0, place / "offered.safetensors", list[str]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    offered = [*_files(good), *_flips(good.read_bytes(), times)]
    for content in offered:
        path.write_bytes(content)
        started = time.process_time()
        try:
            found = load(path)
            restore(found)
            # 1e-05 and 1E-05 are the same model, to the last bit.
            if bytes_of(found) == good.read_bytes():
                continue
            taken.append(repr(content[:60]))
        except CheckpointError as error:
            taken += [repr(error)] if "\n" in str(error) else []
        slowest = max(slowest, time.process_time() - started)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    lost = len(taken) + mark.exists() + (slowest > SLOWEST) + (grown > LARGEST)
    told = f"refused in one line, none run, the slowest after {1000 * slowest:.0f} ms,"
    told += f" {grown:.0f} MiB more at most"
    if lost:
        told += f"; taken: {taken}"
    return Finding("G10 foreign and damaged model files", len(offered), lost, told)


def _flips(good: bytes, times: int) -> Iterator[bytes]:
    chance = random.Random(0)
    for _ in range(times):
        at = chance.randrange(len(good))
        yield good[:at] + bytes([good[at] ^ (1 << chance.randrange(8))]) + good[at + 1 :]


def _files(good: Path) -> list[bytes]:
    data = good.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header, body = data[8 : 8 + size], data[8 + size :]
    zipped = BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.pkl", bytes(10_000_000))
    numpy = BytesIO()
    np.savez(numpy, weights=np.array([Payload()], dtype=object), allow_pickle=True)
    changed = [_described(good, **change) for change in _CHANGES]
    return [
        b"", b"{}", b"GOOG", data[:-1], data[: len(data) // 2], data + b"\0", data[:8], data[:20],
        struct.pack("<Q", 2**63) + header + body, struct.pack("<Q", 200 * 2**20) + header + body,
        struct.pack("<Q", 0) + header + body, pickle.dumps(Payload()), zipped.getvalue(),
        numpy.getvalue(), save_arrays({"weight": np.zeros(3, "float32")}),
        _reheaded(data, lambda told: told.replace('"__metadata__"', '"__metadata__":{},"x"', 1)),
        _reheaded(data, lambda _: "[" * 20_000 + "]" * 20_000),
        _reheaded(data, lambda told: told.replace('"F32"', '"F99"', 1)),
        _reheaded(data, lambda told: told.replace('"shape":[1,', '"shape":[9007199254740993,', 1)),
        *changed,
    ]  # fmt: skip


_CHANGES = (
    {"format": 99}, {"cell": "gru"}, {"cell": "__import__('os')"}, {"share": [float("1e308")] * 3},
    {"network": {"hidden": 4096, "layers": 16}}, {"network": {"hidden": -1}}, {"inputs": {}},
    {"inputs": None}, {"network": {"hidden": 4096}},
    {"training": {"epochs": 0}}, {"training": {"unknown": 1}},
    {"names": [f"{at}" for at in range(300_000)]},
    {"names": {f"{at}": at for at in range(300_000)}},
)  # fmt: skip


# As JSON within JSON writes it.
_NEWER = ('format\\": 1', 'format\\": 9')


def _described(good: Path, **change: object) -> bytes:
    """A file of ours, checksum and all, whose description says something else."""
    saved = load(good)
    other = good.with_name("other.safetensors")
    save(other, Checkpoint(saved.weights, {**saved.about, **change}))
    if "format" in change:
        return _reheaded(other.read_bytes(), lambda told: told.replace(*_NEWER))
    return other.read_bytes()


def _reheaded(data: bytes, change: Callable[[str], str]) -> bytes:
    (size,) = struct.unpack("<Q", data[:8])
    header = change(data[8 : 8 + size].decode()).encode()
    return struct.pack("<Q", len(header)) + header + data[8 + size :]

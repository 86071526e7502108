"""What portions of a stack have learned, kept so that learning which was cut short can go on.

Each portion is a file, named after everything that its lessons depend on; what is read back equals
what was learned bit for bit, and a damaged file is learned again.
"""

import hashlib
import shutil
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.files import prepare
from forecast.errors import OutputError
from forecast.forecasters.base import Curve
from forecast.forecasters.learning import Lesson
from forecast.training.checkpoint import FOREIGN, Checkpoint, load, save

# Additions and multiplications of one portion at most: a minute or two of one core.
WORK = 2e12
ARRAYS = 10**6  # of one portion at most


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder of finished portions."""

    folder: Path

    def find(self, key: str) -> list[Lesson] | None:
        """The lessons kept under this key, if they are there and whole."""
        with suppress(*FOREIGN):
            return _lessons(load(self._path(key), arrays=ARRAYS, kept=True))
        return None

    def keep(self, key: str, lessons: Sequence[Lesson]) -> None:
        """Keep what a portion has learned, unless such work on the ticker ends meanwhile.

        Raises:
            OutputError: the folder cannot be written.
        """
        try:
            prepare(self.folder)
            save(self._path(key), _checkpoint(lessons))
        except OutputError:
            if self.folder.exists():  # else whoever ended has cleared it
                raise

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.safetensors"


@contextmanager
def resumable(place: Path, work: str, *, resume: bool) -> Generator[Path]:
    """A folder, within a result folder, that portions of some work are kept in until it is done.

    What the same work has left there before is found only where it is to `resume`; other work on
    the ticker has folders of its own, and may go on beside it.
    """
    folder = place / f".resume-{work}"
    if not resume:
        shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def key_of(
    facts: object,
    histories: Sequence[pd.DataFrame],
    weights: Sequence[Mapping[str, np.ndarray]] = (),
) -> str:
    """A name that no two learnings share: of these settings, histories and weights at the start.

    >>> key_of("lstm", []) == key_of("lstm", []) != key_of("gru", [])
    True
    """
    found = hashlib.sha256(repr((version("forecast"), version("torch"), facts)).encode())
    for history in histories:
        found.update(repr([*history.columns]).encode())
        found.update(np.ascontiguousarray(history.index.to_numpy()).tobytes())
        found.update(np.ascontiguousarray(history.to_numpy("float64")).tobytes())
    for own in weights:
        for name in sorted(own):
            found.update(np.ascontiguousarray(own[name]).tobytes())
    return found.hexdigest()[:32]


def _checkpoint(lessons: Sequence[Lesson]) -> Checkpoint:
    """The lessons as bits, since curves end in numbers that are none."""
    arrays = dict[str, np.ndarray]()
    for at, (weights, share, curve) in enumerate(lessons):
        own = {f"weights.{name}": each for name, each in weights.items()}
        own |= {"share": share, "training": curve.training, "validation": curve.validation}
        for name, each in own.items():
            arrays[f"{at}.{name}"] = np.ascontiguousarray(each).view(f"i{each.itemsize}")
    ends = [[curve.best, bool(curve.diverged)] for _, _, curve in lessons]
    return Checkpoint(arrays, {"ends": ends})


def _lessons(saved: Checkpoint) -> list[Lesson]:
    found = list[Lesson]()
    for at, (best, diverged) in enumerate(saved.about["ends"]):
        own = {
            name.removeprefix(f"{at}."): bits.view(f"f{bits.itemsize}")
            for name, bits in saved.weights.items()
            if name.startswith(f"{at}.")
        }
        curve = Curve(
            training=own.pop("training"),
            validation=own.pop("validation"),
            best=best,
            diverged=diverged,
        )
        share = own.pop("share")
        weights = {name.removeprefix("weights."): each for name, each in own.items()}
        found.append(Lesson(weights, share, curve))
    return found

"""The runs of a ticker or a text, each in a folder of its own that is named by its date.

`reports/GOOG/` itself holds the newest, at paths that stay; `reports/GOOG/runs/` holds every run
there was. The files of the newest are the same files under two names, where the disk allows that.
"""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forecast.data.files import prepare, read_whole, share_all, sweep, write_all
from forecast.errors import OutputError
from forecast.reporting.formats import UNREADABLE, from_json

RUNS, SCORES, REPORT = "runs", "scores.json", "report.html"
MOST_BYTES = 2**30  # of one file that is read
STAMP = "%Y-%m-%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class Kept:
    """A run on the disk: its folder, named by its date (UTC), what it was of, and its verdict."""

    folder: Path
    name: str
    verdict: str

    @property
    def stamp(self) -> str:
        return self.folder.name


def keep(
    folder: Path, contents: Mapping[str, bytes], when: datetime, names: Iterable[str] = ()
) -> Path:
    """Write a run into a dated folder of its own, and show it in `folder` as the newest.

    Returns the dated folder. `names` are files that an earlier run may have left in `folder`; those
    that this run did not write are removed.

    Raises:
        OutputError: it cannot be written; what was in `folder` is as it was.
    """
    for earlier in folder.glob(f"{RUNS}/*"):
        sweep(earlier)
    dated = _free(folder / RUNS / when.strftime(STAMP))
    try:
        prepare(dated)
        write_all(dated, contents)
        share_all(dated, folder, list(contents))
    except OutputError:
        _discard(dated, contents)
        raise
    for name in names:
        if name not in contents:
            (folder / name).unlink(missing_ok=True)
    return dated


def kept(folder: Path) -> list[Kept]:
    """The runs kept in a result folder, newest first, without incomplete ones."""
    found, place = list[Kept](), "/".join(folder.parts[-2:])
    for path in sorted(folder.glob(f"{RUNS}/*/{SCORES}"), reverse=True):
        with contextlib.suppress(*UNREADABLE):
            told = from_json(read_whole(path, MOST_BYTES))
            name = str(told.get("ticker", place))
            found.append(Kept(path.parent, name, str(told["verdict"])))
    return found


def find(folder: Path, name: str) -> Path:
    """The folder of another run, by its path, its date or the first characters of that.

    The run that `folder` itself shows is none.

    Raises:
        OutputError: no run matches, or several do.
    """
    runs = kept(folder)
    shown = _shown(folder, runs)
    if (Path(name) / SCORES).is_file():
        if Path(name).resolve() not in {folder.resolve(), shown and shown.resolve()}:
            return Path(name)
        raise OutputError(f"{name!r} is the run that {str(folder)!r} shows; name another")
    runs = [run for run in runs if run.folder != shown]
    found = [run.folder for run in runs if name and run.stamp.startswith(name)]
    if len(found) == 1:
        return found[0]
    if not runs:
        raise OutputError(f"{str(folder)!r} holds no run besides the one it shows; fit it again")
    what = f"{len(found)} runs" if found else "no other run"
    told = ", ".join(run.stamp for run in runs[:5])
    raise OutputError(
        f"{str(folder)!r} has {what} whose date begins with {name!r}; there are: {told}"
    )


def _shown(folder: Path, runs: list[Kept]) -> Path | None:
    """The dated folder of the run that `folder` shows: the newest with the same scores."""
    with contextlib.suppress(OSError):
        mine = read_whole(folder / SCORES, MOST_BYTES)
        for run in runs:
            if read_whole(run.folder / SCORES, MOST_BYTES) == mine:
                return run.folder
    return None


def _free(folder: Path) -> Path:
    """The folder, or one with a number appended where a run of the same second has that name."""
    names = (folder, *(folder.with_name(f"{folder.name}-{at}") for at in range(2, 1000)))
    return next((each for each in names if not each.exists()), folder)


def _discard(folder: Path, contents: Mapping[str, bytes]) -> None:
    with contextlib.suppress(OSError):
        for name in contents:
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()
        folder.parent.rmdir()

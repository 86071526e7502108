"""A full or forbidding disk: one clear line, exit code 6, and the old result as it was."""

import hashlib
from pathlib import Path

from tests.reliability.trial import QUICK, Finding, limited, run

FIT = ("fit", "GOOG", *QUICK)
SIZES = (0, 1, 100, 1_000, 10_000, 30_000, 60_000)
OUTPUT = 6


def campaign(place: Path, times: int) -> list[Finding]:
    """Let the disk fill at many sizes, and put things where folders should be."""
    sizes = (SIZES * times)[:times]
    return [_full(place / "full", sizes), _places(place / "places")]


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _full(folder: Path, sizes: tuple[int, ...]) -> Finding:
    folder.mkdir()
    assert run(folder, *FIT).code == 0
    before, lost = _digests(folder / "reports"), 0
    for size in sizes:
        # The words go to a file as well, and would be cut off with the rest.
        end = run(folder, *FIT, "--seed", "1", before=limited(size))
        lost += end.code != OUTPUT or _digests(folder / "reports") != before
    told = f"files limited to {min(sizes):,} to {max(sizes):,} bytes; every old file as it was"
    return Finding("a full disk", len(sizes), lost, told)


def _places(folder: Path) -> Finding:
    folder.mkdir()
    (folder / "file").write_text("in the way")
    (folder / "gone").symlink_to(folder / "nowhere" / "deeper")
    wrong = ("file", "file/deeper", "/proc/forecast", "/dev/null/x", "\0")
    lost, tried = 0, 0
    for place in wrong[:-1]:
        end = run(folder, *FIT, "--out", place)
        tried, lost = tried + 1, lost + (end.code != OUTPUT or end.said.count("\n") != 1)
    lost += (folder / "file").read_text() != "in the way"
    return Finding("a place that cannot be written", tried, lost, "one line and exit code 6 each")

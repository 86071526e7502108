"""A full or forbidding disk: one clear line, exit code 6, and the old result as it was."""

import hashlib
from pathlib import Path

from tests.reliability.trial import QUICK, Finding, limited, run

FIT = ("fit", "GOOG", *QUICK)
SIZES = (0, 1, 100, 1_000, 10_000, 30_000, 60_000)
OUTPUT = 6


def _digests(folder: Path) -> dict[str, str]:
    # What was tried stays counted, also where its result found no room.
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "trials.json"]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def full(folder: Path, times: int) -> Finding:
    """Let the disk fill at many sizes."""
    assert run(folder, *FIT).code == 0
    before, lost, sizes = _digests(folder / "reports"), 0, (SIZES * times)[:times]
    for size in sizes:
        # The words go to a pipe, which no limit cuts off.
        end = run(folder, *FIT, "--seed", "1", before=limited(size))
        lost += end.code != OUTPUT or not before.items() <= _digests(folder / "reports").items()
    told = f"files limited to {min(sizes):,} to {max(sizes):,} bytes; every old file as it was"
    return Finding("a full disk", len(sizes), lost, told)


def places(folder: Path, _: int) -> Finding:
    """Put things where folders should be, and links where files should be."""
    (folder / "file").write_text("in the way")
    wrong = ("file", "file/deeper", "/proc/forecast", "/dev/null/x", "/dev/full")
    ends = [run(folder, *FIT, "--out", place) for place in wrong]
    lost = sum(end.code != OUTPUT or end.said.count("\n") != 1 for end in ends)
    lost += (folder / "file").read_text() != "in the way"
    # A linked folder is followed; a linked file is replaced, and what it led to stays.
    (folder / "real" / "GOOG").mkdir(parents=True)
    (folder / "link").symlink_to(folder / "real")
    (folder / "real" / "GOOG" / "answers.csv").symlink_to(folder / "file")
    lost += run(folder, *FIT, "--out", "link").code != 0
    lost += (folder / "real" / "GOOG" / "answers.csv").is_symlink()
    lost += (folder / "file").read_text() != "in the way"
    told = "one line and exit code 6 each; links to folders followed, to files replaced"
    return Finding("a place that cannot be written, or is a link", len(wrong) + 1, lost, told)

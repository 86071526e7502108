"""The same process again and again: nothing grows; the same command twice: nothing differs."""

import gc
import os
import threading
from pathlib import Path

from forecast import Settings, Source, Training, WalkForward, fit, load
from tests.reliability.trial import Finding, run

SETTINGS = Settings(
    models=("lstm",), training=Training(epochs=3), walk_forward=WalkForward(first=0.9, refit=0)
)
# The scores name the command that repeats them, and so its threads.
SAME = {
    "again": ("answers.csv", "scores.json", "model.safetensors"),
    "two": ("answers.csv", "model.safetensors"),
}
# Allocators keep pages that they have freed; what leaks grows with every turn.
PER_TURN = 20_000


def soak(_: Path, times: int) -> Finding:
    """Fit and predict many times in one process."""
    prices = load("FB", Source(source="sample"))
    for _ in range(10):
        fit(prices, SETTINGS)
    before = _held()
    for _ in range(times):
        fit(prices, SETTINGS).model.forecast([prices.table])
    after = _held()
    grown = after[0] - before[0]
    lost = (grown > PER_TURN * times) + (after[1] > before[1]) + (after[2] > before[2])
    told = (
        f"memory {before[0] / 2**20:,.0f} to {after[0] / 2**20:,.0f} MiB,"
        f" open files {before[1]} to {after[1]}, threads {before[2]} to {after[2]}"
    )
    return Finding("fit and predict in one process", times, int(lost), told)


def _held() -> tuple[int, int, int]:
    """Bytes in memory, open files, threads."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    files = len(list(Path("/proc/self/fd").iterdir()))
    return pages * os.sysconf("SC_PAGE_SIZE"), files, threading.active_count()


def twice(folder: Path, _: int) -> Finding:
    """Run one command in two processes, and by two threads."""
    command = ("fit", "GOOG", "--source", "sample", "--epochs", "20", "--quiet")
    for name, threads in (("one", "1"), ("again", "1"), ("two", "2")):
        end = run(folder, *command, "--threads", threads, "--out", name)
        assert end.code == 0, end.said
    differing = [
        f"{name} ({other})"
        for other, names in SAME.items()
        for name in names
        if (folder / "one" / "GOOG" / name).read_bytes()
        != (folder / other / "GOOG" / name).read_bytes()
    ]
    told = ", ".join(differing) or "answers, scores and weights equal, byte for byte"
    return Finding("G11 the same command again, and on two threads", 2, len(differing), told)

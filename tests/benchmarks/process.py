"""Where does each millisecond of `forecast fit GOOG` go, the whole process counted?"""

import os
import statistics
import subprocess
import sys
import time
from tempfile import TemporaryDirectory

import pandas as pd

from tests.benchmarks.record import Gate, Result

ROUNDS = 7
PARTS = {  # what is asked for at the end includes what came before it
    "Python alone": "pass",
    "the commands": "import forecast.cli",
    "NumPy and pandas": "import forecast.cli, pandas",
    "torch": "import forecast.cli, pandas, torch",
    "the whole pipeline": "import forecast.cli, pandas, torch, forecast.pipeline",
}
# What `--verbose` says, in this order, when a part of the work is done.
SAID = {
    "sessions from source": "prices loaded, torch imported beside",
    "walking forward": "what is asked, settled",
    "networks learned": "networks learned",
    "scoring": "every session answered",
    "drawing": "scored and tested",
}
GOAL = 5.0  # seconds


def seconds(words: list[str]) -> float:
    found = list[float]()
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        found.append(time.perf_counter() - start)
    return statistics.median(found[1:])


def told(words: list[str], begun: float) -> dict[str, float]:
    """Seconds of the whole process up to each part, as it tells them from `begun` on; medians."""
    rounds = list[dict[str, float]]()
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        whole = time.perf_counter() - started
        lines = [line.split(" s  ", 1) for line in done.stderr.splitlines() if " s  " in line]
        spent = {
            name: begun + next(float(second) for second, what in lines if sign in what)
            for sign, name in SAID.items()
        }
        rounds.append({"the commands": begun} | spent | {"drawn and written": whole})
    return {name: statistics.median(each[name] for each in rounds[1:]) for name in rounds[0]}


def run() -> Result:
    """Whole processes, one after another; the bundled prices, so that no network takes part."""
    imports = {name: seconds([sys.executable, "-c", code]) for name, code in PARTS.items()}
    with TemporaryDirectory() as folder:
        words = ["fit", "GOOG", "--source", "sample", "--out", folder, "--verbose"]
        work = told([sys.executable, "-m", "forecast", *words], imports["the commands"])
    whole = work["drawn and written"]
    rows = [
        {"part": part, "up to": name, "milliseconds": 1e3 * now, "of it new": 1e3 * (now - before)}
        for part, found in (("imports alone", imports), ("forecast fit GOOG", work))
        for name, before, now in zip(found, [0.0, *found.values()], found.values(), strict=False)
    ]
    return Result(
        question="Where does each millisecond of `forecast fit GOOG` go?",
        settings={"rounds": ROUNDS},
        table=pd.DataFrame(rows),
        formats={"milliseconds": ",.0f", "of it new": ",.0f"},
        gates=[
            Gate(
                f"`forecast fit GOOG` takes less than {GOAL:.0f} s",
                f"{whole:.1f} s on {os.cpu_count()} cores",
                whole < GOAL,
            )
        ],
        notes=["`forecast fit GOOG` imports while it works; its parts are as `--verbose` tells."],
    )

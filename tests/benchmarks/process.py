"""Where does each millisecond of `forecast fit GOOG` go, the whole process counted?"""

import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise
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
GOAL = 5.0  # seconds


def seconds(words: list[str]) -> float:
    found = list[float]()
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        found.append(time.perf_counter() - start)
    return statistics.median(found[1:])


def run() -> Result:
    """Whole processes, one after another; the bundled prices, so that no network takes part."""
    found = {name: seconds([sys.executable, "-c", code]) for name, code in PARTS.items()}
    with TemporaryDirectory() as folder:
        words = ["fit", "GOOG", "--source", "sample", "--out", folder, "--quiet"]
        short = [sys.executable, "-m", "forecast", *words]
        found["the same, learning one epoch"] = seconds([*short, "--epochs", "1"])
        found["forecast fit GOOG"] = whole = seconds(short)
    reached = [0.0, *found.values()]
    return Result(
        question="Where does each millisecond of `forecast fit GOOG` go?",
        settings={"rounds": ROUNDS},
        table=pd.DataFrame(
            {
                "up to": list(found),
                "milliseconds": [1e3 * each for each in found.values()],
                "of it new": [1e3 * (now - before) for before, now in pairwise(reached)],
            }
        ),
        formats={"milliseconds": ",.0f", "of it new": ",.0f"},
        gates=[
            Gate(
                f"`forecast fit GOOG` takes less than {GOAL:.0f} s",
                f"{whole:.1f} s on {os.cpu_count()} cores",
                whole < GOAL,
            )
        ],
    )

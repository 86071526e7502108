"""What every peer's script does: read prices.csv, do the job asked for, write answer.json.

It runs in the peer's environment, which holds pandas and NumPy but not this project.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

Job = Callable[..., np.ndarray]


def answer(package: str, jobs: Mapping[str, Job]) -> None:
    """Forecasts of the next close, one for each cutoff, and the seconds that they took.

    So many sessions as `warm_up` says are walked before the clock runs: what is made only once.
    """
    job, given = sys.argv[1], json.loads(sys.argv[2])
    table = pd.read_csv("prices.csv", index_col=0, parse_dates=[0])
    warm_up = given.pop("warm_up", 0)
    if warm_up:
        jobs[job](table, **given | {"first": given["stop"] - warm_up})
    started = time.perf_counter()
    forecasts = jobs[job](table, **given)
    seconds = time.perf_counter() - started
    told = {
        "forecasts": np.asarray(forecasts, dtype="float64").ravel().tolist(),
        "seconds": seconds,
        "version": version(package),
    }
    Path("answer.json").write_text(json.dumps(told))

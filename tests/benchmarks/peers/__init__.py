"""Scripts that run in the environments of other libraries, and how to ask them.

FORECAST_PEERS names a folder with one environment for each peer that is to take part:

    python -m venv $FORECAST_PEERS/darts
    $FORECAST_PEERS/darts/bin/pip install torch==2.13.0 'darts[torch]'

and likewise `neuralforecast`, `gluonts[torch]`, `skforecast` and `sktime`, each in its own.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from forecast.shapes import Series
from tests.benchmarks.record import AbsentError

SCRIPTS = Path(__file__).parent
PEERS = ("darts", "neuralforecast", "gluonts", "skforecast", "sktime")


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What a peer answered: the next close after each cutoff, and what it took."""

    forecasts: Series
    seconds: float
    version: str


def present() -> dict[str, Path]:
    """The interpreters that are here, by peer.

    Raises:
        AbsentError: FORECAST_PEERS names no folder with any.
    """
    folder = Path(os.environ.get("FORECAST_PEERS", "") or "/nowhere")
    found = {name: folder / name / "bin" / "python" for name in PEERS}
    found = {name: path for name, path in found.items() if path.is_file()}
    if not found:
        raise AbsentError("FORECAST_PEERS names no folder with environments of peers")
    return found


def ask(python: Path, name: str, job: str, table: pd.DataFrame, given: Mapping[str, Any]) -> Told:
    """What a peer makes of these prices, in a process of its own."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        table.to_csv(place / "prices.csv")
        words = [str(python), str(SCRIPTS / f"with_{name}.py"), job, json.dumps(dict(given))]
        done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}, {job}: {done.stderr[-2000:]}")
        told = json.loads((place / "answer.json").read_text())
    return Told(np.array(told["forecasts"]), told["seconds"], told["version"])

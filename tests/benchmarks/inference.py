"""How long does a saved model take to forecast, cold and warm, and for very many windows?"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import torch

from forecast import saved
from forecast.cells import Cell
from forecast.data.load import load
from forecast.models.many_to_one import ManyToOne
from forecast.result import place_of
from forecast.source_settings import Csv, Source
from tests.benchmarks.record import Gate, Result

ROUNDS = 7
WINDOWS = 100_000
COMMAND = [sys.executable, "-m", "forecast"]


def seconds(do: Callable[[], object]) -> float:
    """Median of the rounds, after one that does not count."""
    found = list[float]()
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        do()
        found.append(time.perf_counter() - start)
    return statistics.median(found[1:])


def called(*words: str) -> None:
    subprocess.run([*COMMAND, *words], check=True, capture_output=True)


def windows(backend: str) -> Callable[[], object]:
    network = ManyToOne(Cell(kind="lstm", features=5, hidden=10), 1, [0], backend=backend)
    read = torch.randn(1, 5, WINDOWS + 6).unfold(2, 7, 1).permute(0, 2, 3, 1)

    def answer() -> torch.Tensor:
        with torch.no_grad():
            return network.eval()(read)

    return answer


def run() -> Result:
    """The bundled prices, so that no network and no cache takes part."""
    source = ("--source", "sample")
    with TemporaryDirectory() as folder:
        called("fit", "GOOG", *source, "--out", folder, "--quiet")
        prices = load("GOOG", Source(source="sample"), Csv())
        place = place_of(prices.ticker, Path(folder))
        found = {
            "next session, cold process": seconds(
                lambda: called("predict", "GOOG", *source, "--out", folder)
            ),
            "next session, loaded anew, warm": seconds(lambda: saved.predict(place, prices)),
        }
    found |= {f"{WINDOWS:,} windows, {each}": seconds(windows(each)) for each in ("auto", "fused")}
    ours, theirs = list(found.values())[2:]
    return Result(
        question="How long does a saved LSTM (hidden 10, window 7) take to forecast?",
        settings={"rounds": ROUNDS, "ticker": "GOOG"},
        table=pd.DataFrame(
            {"what": list(found), "milliseconds": [1e3 * s for s in found.values()]}
        ),
        formats={"milliseconds": ",.1f"},
        gates=[
            Gate(
                "many windows are no slower than by torch.nn",
                f"{theirs / ours:.1f} times as fast",
                ours <= theirs,
            )
        ],
    )

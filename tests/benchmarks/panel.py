"""Many tickers: seconds and peak memory, and how both grow with their number.

Each size runs in a process of its own, because a process never gives its peak back. The panel is
simulated: random walks with open, high, low, close and volume, 1,245 sessions each.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from statistics import median

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.forecasters.recurrent import Recurrent
from forecast.panel import fit_panel
from forecast.settings import Settings, Training, WalkForward
from tests.benchmarks.record import Gate, Result

ROUNDS = 7
SESSIONS, SIZES = 1245, (10, 100, 1000, 2763)
# One next-day forecast a week for each ticker, learned once: what a machine of two cores can do.
SETTINGS = Settings(training=Training(epochs=20), walk_forward=WalkForward(refit=0, step=5))
LOCAL, STEPS = 50, 300
FORMATS = {"seconds": ".1f", "seconds a ticker": ".4f", "peak MiB": ".0f"} | {
    "MiB of prices": ".0f", "MiB beyond": ".0f", "forecasts": ".0f"
}  # fmt: skip


def simulated(count: int) -> list[Prices]:
    """Random walks of one market, so that tickers move together, by number."""
    dice = np.random.default_rng(0)
    market = 0.008 * dice.standard_normal(SESSIONS)
    days = pd.bdate_range("2013-01-02", periods=SESSIONS, name="date")
    found = list[Prices]()
    for number in range(count):
        own = np.random.default_rng(number + 1)
        close = 50 * np.exp(np.cumsum(market + 0.015 * own.standard_normal(SESSIONS)))
        before = np.concatenate([[50.0], close[:-1]])
        wide = 1 + 0.005 * own.random((2, SESSIONS))
        table = pd.DataFrame(
            {
                "open": before,
                "high": np.maximum(before, close) * wide[0],
                "low": np.minimum(before, close) / wide[1],
                "close": close,
                "volume": own.integers(1_000, 9_000, SESSIONS).astype(float),
            },
            index=days,
        )
        found.append(Prices.of(f"S{number:04}", table, source="synthetic"))
    return found


def measure(count: int) -> dict[str, float]:
    """Seconds and memory of one size, in this process."""
    given = simulated(count)
    fit_panel(given[:2], SETTINGS)  # what is only made once is made before the clock runs
    started = time.perf_counter()
    found = fit_panel(given, SETTINGS)
    seconds = time.perf_counter() - started
    held = count * SESSIONS * len(given[0].table.columns) * 8 / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "tickers": count,
        "forecasts": float(found.pooled["n"].iloc[0]),
        "seconds": seconds,
        "seconds a ticker": seconds / count,
        "peak MiB": peak,
        "MiB of prices": held,
        "MiB beyond": peak - held,
    }


def local() -> dict[str, float]:
    """One network for each of 50 tickers, 300 steps, no early stop."""
    how = Training(epochs=STEPS, patience=STEPS, validation=0.0)
    histories = [each.table for each in simulated(LOCAL)]
    started = time.perf_counter()
    Recurrent(training=how).fit_many(histories, 1)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak MiB": peak}


def run() -> Result:
    """One row for each size, and one for the local models."""
    sides = [*(f"measure({count})" for count in SIZES), "local()"]
    rounds = [[_apart(each) for each in sides] for _ in range(ROUNDS)]
    *rows, alone = (_median(each) for each in zip(*rounds, strict=True))
    table = pd.DataFrame(
        [
            *({"what": "walk-forward", **row} for row in rows),
            {"what": f"{STEPS} steps each", "tickers": LOCAL, **alone},
        ]
    )
    _, block, middle, largest = rows
    growth = largest["seconds a ticker"] / middle["seconds a ticker"]
    more = (largest["MiB beyond"] - block["MiB beyond"]) / (SIZES[-1] - SIZES[1])
    walk = SETTINGS.walk_forward
    return Result(
        question="Many tickers: how do seconds and peak memory grow with their number?",
        settings={
            "rounds": ROUNDS,
            "sessions": SESSIONS,
            "epochs": SETTINGS.training.epochs,
            "refit": walk.refit,
        }
        | {"step": walk.step, "horizon": walk.horizon, "models": "lstm and the baselines"},
        table=table,
        formats=FORMATS,
        gates=[
            Gate(
                f"linear in time: a ticker of {SIZES[-1]:,} costs at most 1.2 times one of"
                f" {SIZES[-2]:,}",
                f"{growth:.2f} times",
                growth <= 1.2,
            ),
            Gate(
                f"flat in memory beyond a block: from {SIZES[1]} tickers on at most 0.05 MiB more"
                " for each, beyond its prices (0.047 MiB)",
                f"{more:.3f} MiB",
                more <= 0.05,
            ),
        ],
        notes=[
            "Each size in a process of its own, in turn; medians of the rounds. MiB beyond: peak"
            " memory less that of the prices, which are all held; torch and pandas are in it."
        ],
    )


def _apart(what: str) -> dict[str, float]:
    code = f"import json; from tests.benchmarks.panel import *; print(json.dumps({what}))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _median(rounds: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: median(each[name] for each in rounds) for name in rounds[0]}

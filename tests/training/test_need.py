"""What learning takes, as the system sees it, against what was estimated."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.cells import Cell, native
from forecast.training.need import Need

needs_kernel = pytest.mark.skipif(not native.available(), reason="no compiled kernel")


@needs_kernel
def test_what_the_kernel_works_in_is_counted() -> None:
    cell = Cell(kind="gru", features=5, hidden=256)
    need = Need(cell, 7, 1, kernel=True)
    numbers = 4 * 256 * (5 + 1) + 3 * 256 * 256  # of the gradients, of 32 samples a chunk at most
    assert need.bytes(5000) - need.bytes(1000) > 4 * numbers * (4000 // 32 - 1)
    assert need.desk > 4 * 2 * numbers
    assert Need(cell, 7, 1, kernel=False).desk == 0


# Each case learns in a copy of this process, which has learned a little before: what is only made
# once, and code that is only read once, is no need of a model.
TAKEN = """
import json, os, sys
import numpy as np
import pandas as pd
import torch
from forecast.features.readings import reading
from forecast.forecasters.recurrent import Recurrent
from forecast.forecasters.stacks import grouped
from forecast.settings import Compute, Inputs, Network, Training
from forecast.training.need import Need

torch.set_num_threads(1)
SMALL = {"hidden": 3, "window": 3, "rows": 60, "models": 2, "training": {}}

def history(rows, seed):
    close = 50 * np.exp(np.cumsum(0.01 * np.random.default_rng(seed).standard_normal(rows)))
    days = pd.bdate_range("1900-01-01", periods=rows, name="date")
    columns = {"open": close, "high": 1.01 * close, "low": 0.99 * close, "close": close}
    return pd.DataFrame({**columns, "volume": 1000.0 + np.arange(rows) % 97}, index=days)

def asked(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(name))

def ratio(kind, hidden, window, rows, models, training, backend, **network):
    how = Training(epochs=2, **training)
    forecaster = Recurrent(
        cell=kind, inputs=Inputs(window=window), network=Network(hidden=hidden, **network),
        training=how, compute=Compute(backend=backend, threads=2),
    )
    histories = [history(rows, seed) for seed in range(models)]
    before = asked("VmRSS")
    forecaster.fit_many(histories, 1)
    taken = asked("VmHWM") - before
    inputs = [reading(each, forecaster.inputs, forecaster.target, 1) for each in histories]
    groups = grouped(histories, inputs, how.validation, pooled=how.pooled)
    cell, first = forecaster.cell_of(5), groups[0]
    need = Need(cell, window, 1, backend == "native", how.batch, len(first.members))
    return taken / (len(groups) * need.bytes(first.learn, first.judge) + 2 * need.desk)

for case in json.load(sys.stdin):
    child = os.fork()
    if not child:
        ratio(**{**case, **SMALL})
        print(json.dumps([ratio(**case), case]), flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""

DEEP = {"layers": 2, "bidirectional": True, "dropout": 0.3}
FIELDS = ("kind", "hidden", "window", "rows", "models", "training")
NATIVE = [
    (("lstm", 10, 7, 1500, 32, {}), {}),
    (("lstm", 64, 60, 1500, 4, {"validation": 0.5}), {}),
    (("lstm", 128, 7, 1500, 4, {}), {}),
    (("gru", 256, 7, 300, 4, {}), {}),
    # Windows are read where the series lies: written out, these would take twenty times as much.
    (("rnn", 4, 250, 6000, 2, {"validation": 0.5}), {}),
    (("lstm", 10, 7, 1500, 32, {"batch": 32}), {}),
    (("lstm", 10, 60, 1500, 8, {"pooled": True}), {}),
    (("lstm", 10, 7, 1500, 8, {}), {"layers": 3}),
    (("lstm", 10, 7, 1500, 8, {}), DEEP | {"layers": 3}),
    (("rnn", 10, 7, 1500, 8, {}), DEEP),
    (("rnn", 10, 7, 1500, 8, {"batch": 64}), DEEP),
    (("gru", 128, 7, 400, 2, {}), DEEP),
    (("lstm", 32, 20, 1500, 2, {}), {"bidirectional": True}),
]
TORCH = [
    (("lstm", 10, 7, 1500, 8, {}), {}),
    (("gru", 10, 7, 1500, 8, {}), DEEP),
    (("rnn", 32, 20, 700, 2, {}), DEEP),
]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be copied here")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc tells the peak")
@pytest.mark.parametrize(
    "backend", [pytest.param("native", marks=needs_kernel), "fused", "unrolled"]
)
def test_no_more_is_taken_than_was_estimated_and_not_far_less(backend: str) -> None:
    cases = [
        dict(zip(FIELDS, shape, strict=True)) | network | {"backend": backend}
        for shape, network in (NATIVE if backend == "native" else TORCH)
    ]
    ran = subprocess.run(
        [sys.executable, "-c", TAKEN],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) == len(cases)
    assert [each for each in found if not 0.1 < each[0] < 1] == []

"""Threads and forks: a process that has computed on several threads may be forked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Both learn on two threads after two threads have learned; what waits for ever is ended.
BOTH = """
import os, signal
import torch
from forecast.cells.recurrence import choose
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Compute, Network, Training
from tests.made import table

torch.set_num_threads(2)
signal.alarm(120)

def learn():
    found = []
    for backend in ("native", "fused"):
        small = Recurrent(
            network=Network(hidden=8),
            training=Training(epochs=3),
            compute=Compute(backend=backend, threads=2),
        )
        found += small.fit_many([table(2000)], 1)[0].forecast([table(2000)]).tolist()
    return found

first = learn()
child = os.fork()
signal.alarm(120)
again = learn()
if not child:
    os._exit(again != first)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert again == first
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX's")
def test_a_process_and_its_fork_learn_side_by_side() -> None:
    told = subprocess.run(
        [sys.executable, "-c", BOTH], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert told.returncode == 0, told.stderr

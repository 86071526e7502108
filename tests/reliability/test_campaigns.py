"""The campaigns in small; `python -m tests.reliability` runs them at their length."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.reliability.fuzz import DOORS, by_chance

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("door", DOORS)
def test_changed_files_are_read_or_refused_in_one_line(tmp_path: Path, door: str) -> None:
    by_chance(door, 150, tmp_path, seed=1)


def test_campaigns_in_small_lose_nothing() -> None:
    # In a process of its own, since campaigns fork.
    small = ("places", "twice", "kill-cache", "foreign", "scale", "baseline")
    command = [sys.executable, "-m", "tests.reliability", "--quick", *small]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count(" 0 lost") == len(small)

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cells import Cell
from forecast.errors import TrainingError
from forecast.settings import Compute
from forecast.training.memory import GIB, GUESS, Need, budget, free, portions

KIB = 1024


def _say(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_free_memory_is_the_least_of_what_machine_and_group_leave(tmp_path: Path) -> None:
    group = tmp_path / "sys/fs/cgroup"
    _say(tmp_path / "proc/meminfo", f"MemTotal: 9 kB\nMemAvailable: {64 * KIB} kB\n")
    assert free(tmp_path) == 64 * KIB * KIB
    _say(group / "memory.max", "max\n")
    _say(group / "memory.current", "5\n")
    assert free(tmp_path) == 64 * KIB * KIB
    _say(group / "memory.max", "9000\n")
    assert free(tmp_path) == 9000 - 5
    _say(group / "memory.stat", "anon 1\ninactive_file 3\n")
    assert free(tmp_path) == 9000 - 5 + 3


def test_a_system_that_says_nothing_is_guessed(tmp_path: Path) -> None:
    assert free(tmp_path) == GUESS


def test_what_was_chosen_is_what_may_be_taken() -> None:
    assert budget(Compute(memory=1.5)) == 1.5 * GIB
    assert 0 < budget(Compute()) < 2**50


@given(st.lists(st.integers(1, 50), min_size=1, max_size=30), st.integers(50, 200))
def test_portions_hold_everything_once_and_fit(sizes: list[int], allowed: int) -> None:
    needs = sorted(sizes)
    runs = portions(needs, allowed)
    assert [at for run in runs for at in run] == [*range(len(needs))]
    assert all(len(run) * needs[run[-1]] <= allowed for run in runs)


def test_one_that_does_not_fit_alone_is_refused_with_both_numbers() -> None:
    with pytest.raises(TrainingError, match=r"need 3 GiB of memory; 2 GiB may be taken"):
        portions([GIB, 3 * GIB], 2 * GIB)


def test_what_torch_keeps_for_the_way_back_is_counted() -> None:
    cell = Cell(kind="lstm", features=5, hidden=64)
    inside, kept = (Need(cell, 30, 1, kept=kept).bytes(1000) for kept in (False, True))
    assert kept - inside == 4 * 3 * 1000 * 30 * 64 * 4

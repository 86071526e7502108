import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.cells import Cell, native
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


@pytest.mark.parametrize(
    ("tree", "line", "limit", "usage"),
    [
        ("sys/fs/cgroup", "0::/outer/inner", "memory.max", "memory.current"),
        (
            "sys/fs/cgroup/memory",
            "9:cpu,cpuacct:/\n4:memory:/outer/inner\n0::/",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
        ),
    ],
    ids=["version 2", "version 1"],
)
def test_a_nested_group_has_the_least_of_its_own_limit_and_those_around_it(
    tmp_path: Path, tree: str, line: str, limit: str, usage: str
) -> None:
    top = tmp_path / tree

    def group(place: str, most: str) -> None:
        _say(top / place / limit, f"{most}\n")
        _say(top / place / usage, "100\n")

    _say(tmp_path / "proc/self/cgroup", f"{line}\n")
    group("outer/inner/deeper", "200")
    group("outer/beside", "200")
    assert free(tmp_path) == GUESS  # none of these is the process's own
    group("outer/inner", "7000")
    assert free(tmp_path) == 6900
    group("outer", "5000")
    assert free(tmp_path) == 4900
    group("", "4000")
    assert free(tmp_path) == 3900
    group("outer/inner", "max")
    assert free(tmp_path) == 3900


def test_of_a_group_whose_path_is_that_of_the_machine_the_container_s_top_counts(
    tmp_path: Path,
) -> None:
    _say(tmp_path / "proc/self/cgroup", "0::/machine/container-7\n")
    _say(tmp_path / "sys/fs/cgroup/memory.max", "9000\n")
    _say(tmp_path / "sys/fs/cgroup/memory.current", "1000\n")
    assert free(tmp_path) == 8000


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
    few, many = (Need(cell, 30, 1, kept=True).bytes(samples) for samples in (1000, 2000))
    assert many - few == 4 * 1000 * (3 * 30 * 64 * 4 + 2 * (30 * 5 + 2))


def test_threads_have_their_desks_of_what_may_be_taken_up_to_half_of_it() -> None:
    assert budget(Compute(memory=1.0, threads=3), GIB // 8) == GIB - 3 * GIB // 8
    assert budget(Compute(memory=1.0, threads=3), GIB) == GIB // 2


@pytest.mark.skipif(not native.available(), reason="no compiled kernel")
def test_what_the_kernel_works_in_is_counted_where_it_learns_in_one_call() -> None:
    cell = Cell(kind="gru", features=5, hidden=256)
    inside, kept = (Need(cell, 7, 1, kept=kept) for kept in (False, True))
    numbers = 4 * 256 * (5 + 1) + 3 * 256 * 256  # of the gradients, of 32 samples a chunk at most
    shares = inside.bytes(5000) - inside.bytes(1000) - 4 * 2 * 4000 * (7 * 5 + 2)
    assert shares > 4 * numbers * (4000 // 32 - 1)
    assert inside.desk > 4 * 2 * numbers
    assert kept.desk == 0


TAKEN = """
import sys
import torch
from forecast.cells import Cell, native
from forecast.models.many_to_one import ManyToOne
from forecast.settings import Training
from forecast.training.batches import Samples
from forecast.training.loop import attempt
from forecast.training.memory import Need

def samples(models, count, window):
    series = torch.randn(models, 5, count + window - 1)
    windows = series.unfold(2, window, 1).permute(0, 2, 3, 1)
    return Samples(windows, torch.randn(models, count, 1), torch.ones(models, count))

def learn(cell, window, count, models):
    stack = ManyToOne(cell, 1, range(models), backend="native")
    attempt(stack, samples(models, count, window), None, Training(epochs=1))

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

native.TEAM.set(2)
hidden, window, count, models = map(int, sys.argv[2:])
learn(Cell(kind=sys.argv[1], features=5, hidden=4), 5, 50, 1)
before = peak()
cell = Cell(kind=sys.argv[1], features=5, hidden=hidden)
learn(cell, window, count, models)
need = Need(cell, window, 1, kept=False)
print((peak() - before) / (models * need.bytes(count) + 2 * need.desk))
"""


@pytest.mark.skipif(not native.available(), reason="no compiled kernel")
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc tells the peak")
@pytest.mark.parametrize(
    "sizes",
    [("lstm", 10, 7, 1500, 64), ("lstm", 128, 60, 1000, 4), ("gru", 256, 7, 1000, 4)],
    ids=str,
)
def test_no_more_is_taken_than_was_estimated(sizes: tuple[str | int, ...]) -> None:
    command = [sys.executable, "-c", TAKEN, *map(str, sizes)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert 0.1 < float(ran.stdout) < 1.2

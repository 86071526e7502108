from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast import text, translation
from forecast.errors import TrainingError
from forecast.settings import Compute
from forecast.training.followed import Learning
from forecast.training.memory import GIB, GUESS, budget, free, portions

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


def test_a_limit_of_addresses_leaves_what_the_process_has_not_taken(tmp_path: Path) -> None:
    limits, status = tmp_path / "proc/self/limits", tmp_path / "proc/self/status"
    _say(limits, "Limit   Soft   Hard   Units\nMax address space   unlimited  unlimited  bytes\n")
    _say(status, f"VmPeak: 9 kB\nVmSize:\t {4 * KIB} kB\n")
    assert free(tmp_path) == GUESS
    _say(limits, f"Max address space         {9 * KIB * KIB}   unlimited   bytes \n")
    assert free(tmp_path) == 5 * KIB * KIB


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


def test_threads_have_their_desks_of_what_may_be_taken_up_to_half_of_it() -> None:
    assert budget(Compute(memory=1.0, threads=3), GIB // 8) == GIB - 3 * GIB // 8
    assert budget(Compute(memory=1.0, threads=3), GIB) == GIB // 2


@pytest.mark.parametrize(
    "learned",
    [
        lambda how: text.fit(text.Corpus.of("hihello " * 20), how=how),
        lambda how: translation.fit(translation.read("korean"), how=how),
    ],
    ids=["text", "translator"],
)
def test_tokens_that_would_not_fit_are_not_learned_from(
    learned: Callable[[Learning], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("language", "seq2seq"):
        monkeypatch.setattr(f"forecast.models.{kind}.initial", None)
    with pytest.raises(TrainingError, match=r"need [0-9.]+ GiB of memory; 1e-05 GiB may be taken"):
        learned(Learning(compute=Compute(memory=1e-5)))

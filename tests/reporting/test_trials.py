import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.errors import OutputError
from forecast.reporting import folder, history
from forecast.reporting.trials import TRIALS, add, tried
from forecast.settings import Compute, Network, Settings, Training, WalkForward
from tests.reporting import made

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PLAIN = Settings()
WIDE = Settings(network=Network(hidden=20))


def test_the_same_configuration_counts_once_however_often_it_is_run(tmp_path: Path) -> None:
    assert add(tmp_path, [PLAIN]) == 1
    before = (tmp_path / TRIALS).read_bytes()
    assert add(tmp_path, [PLAIN, PLAIN]) == 1
    assert (tmp_path / TRIALS).read_bytes() == before


@pytest.mark.parametrize(
    "other",
    [
        WIDE,
        Settings(training=Training(seed=1)),
        Settings(models=("gru",)),
        Settings(walk_forward=WalkForward(refit=10)),
    ],
)
def test_whatever_moves_forecasts_is_another_configuration(tmp_path: Path, other: Settings) -> None:
    add(tmp_path, [PLAIN])
    assert tried(tmp_path, other).configurations == 2
    assert tried(tmp_path, other).earlier_claims == 1
    assert add(tmp_path, [other]) == 2


def test_how_it_is_computed_and_told_is_no_configuration(tmp_path: Path) -> None:
    add(tmp_path, [PLAIN])
    same = replace(PLAIN, compute=Compute(threads=1))
    assert tried(tmp_path, same).earlier_claims == 0
    assert add(tmp_path, [same]) == 1


def test_each_model_of_a_run_counts_and_each_session_ahead_is_a_claim(tmp_path: Path) -> None:
    far = Settings(models=("lstm", "gru", "drift"), walk_forward=WalkForward(horizon=5))
    assert add(tmp_path, [far]) == 2
    found = tried(tmp_path, PLAIN)
    assert (found.configurations, found.earlier_claims) == (3, 10)
    assert tried(tmp_path, replace(far, models=("gru",))).earlier_claims == 5


def test_a_search_counts_all_its_trials(tmp_path: Path) -> None:
    every = [replace(PLAIN, training=Training(seed=each)) for each in range(7)]
    assert add(tmp_path / "new", every) == 7
    assert tried(tmp_path / "new", every[3]).earlier_claims == 6


def test_a_result_is_written_with_its_count_and_a_killed_one_neither_lost_nor_counted_twice(
    tmp_path: Path,
) -> None:
    folder.write(tmp_path, made.run(settings=PLAIN), WHEN)
    assert tried(tmp_path, WIDE).earlier_claims == 1
    before = (tmp_path / TRIALS).read_bytes()
    dated = folder.write(tmp_path, made.run(settings=WIDE), WHEN)
    # Killed after the dated folder, before the newest was shown: as a kill would leave it.
    (tmp_path / TRIALS).unlink()
    (tmp_path / TRIALS).write_bytes(before)
    assert (dated / TRIALS).is_file()
    other = Settings(models=("gru",))
    assert tried(tmp_path, other).earlier_claims == 2
    for _ in range(2):
        folder.write(tmp_path, made.run(settings=WIDE), WHEN)
    assert tried(tmp_path, other).earlier_claims == 2


def test_a_result_that_cannot_be_written_counts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputError("no space")

    monkeypatch.setattr(history, "write_all", full)
    with pytest.raises(OutputError, match="no space"):
        folder.write(tmp_path, made.run(settings=PLAIN), WHEN)
    assert tried(tmp_path, WIDE).earlier_claims == 0


def test_nothing_tried_is_nothing_to_reckon_with(tmp_path: Path) -> None:
    found = tried(tmp_path / "absent", PLAIN)
    assert (found.configurations, found.earlier_claims) == (1, 0)


def test_the_record_says_what_was_chosen(tmp_path: Path) -> None:
    add(tmp_path, [WIDE])
    [trial] = json.loads((tmp_path / TRIALS).read_text()).values()
    assert trial == {"model": "lstm", "claims": 1, "chosen": {"network.hidden": 20}}


@pytest.mark.skipif(os.name != "posix", reason="only POSIX systems hold others back")
def test_processes_that_count_at_once_lose_no_count(tmp_path: Path) -> None:
    count = "import sys; from pathlib import Path; from forecast.reporting.trials import add\n"
    count += "from forecast.settings import Settings, Training; first = int(sys.argv[2])\n"
    count += "for seed in range(first, first + 25):\n"
    count += "    add(Path(sys.argv[1]), [Settings(training=Training(seed=seed))])"
    four = [
        subprocess.Popen([sys.executable, "-c", count, str(tmp_path), str(25 * each)])
        for each in range(4)
    ]
    assert [each.wait() for each in four] == [0] * 4
    assert tried(tmp_path, Settings(training=Training(seed=1))).configurations == 100


@pytest.mark.parametrize("content", [b"{", b"[1]", b'{"a": 1}', b'{"a": {"claims": "x"}}'])
def test_a_damaged_record_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / TRIALS).write_bytes(content)
    with pytest.raises(OutputError, match="does not tell what was tried"):
        add(tmp_path, [PLAIN])
    assert (tmp_path / TRIALS).read_bytes() == content

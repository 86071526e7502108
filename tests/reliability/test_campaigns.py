"""The campaigns in small; `python -m tests.reliability` runs them at their length."""

from pathlib import Path

import pytest

from tests.reliability import foreign
from tests.reliability.fuzz import DOORS, by_chance


@pytest.mark.parametrize("door", DOORS)
def test_changed_files_are_read_or_refused_in_one_line(tmp_path: Path, door: str) -> None:
    by_chance(door, 150, tmp_path, seed=1)


def test_foreign_models_are_refused_and_nothing_runs(tmp_path: Path) -> None:
    (found,) = foreign.campaign(tmp_path, times=40)
    assert found.lost == 0, found.told

"""The campaigns in small; `python -m tests.reliability` runs them at their length."""

from pathlib import Path

import pytest

from tests.reliability.__main__ import CAMPAIGNS
from tests.reliability.fuzz import DOORS, by_chance


@pytest.mark.parametrize("door", DOORS)
def test_changed_files_are_read_or_refused_in_one_line(tmp_path: Path, door: str) -> None:
    by_chance(door, 150, tmp_path, seed=1)


SMALL = ["places", "twice", "kill-fit", "kill-cache", "foreign"]


@pytest.mark.parametrize("name", SMALL)
def test_a_campaign_in_small_loses_nothing(tmp_path: Path, name: str) -> None:
    campaign, _ = CAMPAIGNS[name]
    found = campaign(tmp_path, 2)
    assert found.lost == 0, found.told

"""Damaged files at every command, and one too large for any."""

import shutil
from pathlib import Path

import pytest

from tests.reliability.damaged import CASES, Case, complaint, made, run

TRIED = [(case, damage) for case in CASES for damage in case.damages]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    made(folder)
    return folder


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="pipes and devices are POSIX's")
@pytest.mark.parametrize(
    ("case", "damage"), TRIED, ids=[f"{case.file}-{damage}" for case, damage in TRIED]
)
def test_a_damaged_file_gets_one_line_and_its_exit_code(
    case: Case, damage: str, whole: Path, tmp_path: Path
) -> None:
    shutil.copytree(whole, tmp_path / "copy", symlinks=True)
    assert complaint(tmp_path / "copy", case, damage) == ""


@pytest.mark.parametrize("start", [b"", b"Date,Close\n2024-01-02,1\n"])
def test_a_file_of_a_gigabyte_is_refused_at_once(start: bytes, tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.write(start)
        file.truncate(10**9)
    told = run(tmp_path, "fit", "large.csv")
    assert told.exit_code == 3
    assert told.stderr == (
        "forecast: large.csv: cannot be read: has 1,000,000,000, more than 134,217,728 bytes."
        " Fix: keep a part of it, such as its last lines.\n"
    )
    assert not (tmp_path / "reports").exists()

"""Everything that the README shows, runs."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli import main
from forecast.settings_file import PARTS, read
from tests import settings_reference

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHELL = [
    line.split("  #")[0].split("&&")[-1].strip()
    for block in re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
    if line.startswith("forecast ") or "&& forecast " in line
]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "datasets/FB.csv", tmp_path / "prices.csv")


def test_every_python_block_runs_in_order(tmp_path: Path) -> None:
    assert PYTHON
    (tmp_path / "blocks.py").write_text("\n".join(PYTHON), encoding="utf-8")
    subprocess.run([sys.executable, "-W", "error", "blocks.py"], check=True)


def test_every_command_line_runs_in_order() -> None:
    assert "forecast fit GOOG" in SHELL
    for line in SHELL:
        result = CliRunner().invoke(main, shlex.split(line)[1:], catch_exceptions=False)
        assert result.exit_code == 0, f"{line}\n{result.output}"


def test_every_file_of_settings_that_it_shows_can_be_read() -> None:
    shown = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert shown
    for number, content in enumerate(shown):
        Path(f"{number}.toml").write_text(content, encoding="utf-8")
        assert {part: read(f"{number}.toml", part) for part in PARTS}


def test_every_picture_and_file_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_room_table_names_every_room() -> None:
    rooms = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "forecast").iterdir()
        if not path.name.startswith(("_", "py.typed", "datasets"))
    }
    missing = [room for room in rooms if f"`{room}" not in README]
    assert missing == []


def test_the_settings_reference_is_what_the_records_say() -> None:
    mended = settings_reference.placed(README)
    assert mended == README, "stale; run python -m tests.settings_reference"

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
AGREED = {"forecast", "pyproject.toml", "datasets", "tests", "reports", "README.md", "LICENSE"}


def test_imports_go_down() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout


def test_the_top_level_holds_what_was_agreed_and_nothing_else() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= AGREED


@pytest.mark.parametrize("room", ["data", "evaluation", "features", "reporting"])
def test_a_room_says_where_each_of_its_modules_belongs(room: str) -> None:
    place = ROOT / "forecast" / room
    told = ast.get_docstring(ast.parse((place / "__init__.py").read_text("utf-8"))) or ""
    rows = [line.split("|")[1] for line in told.splitlines() if line.startswith("|")]
    named = [name for row in rows[2:] for name in row.replace(" ", "").split(",")]
    there = [each.stem for each in place.iterdir() if each.name[:2] != "__"]
    assert sorted(named) == sorted(there)


def test_no_code_runs_what_it_reads() -> None:
    """No pickle, eval, exec or shell anywhere in the package."""
    banned = (
        "import pickle",
        "pickle.load",
        "joblib",
        "yaml.load",
        "shell=True",
        "os.system",
        "torch.load(",
    )
    for path in (ROOT / "forecast").rglob("*.py"):
        found = [word for word in banned if word in path.read_text(encoding="utf-8")]
        assert not found, f"{path}: {found}"

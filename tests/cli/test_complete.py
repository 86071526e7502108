import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from forecast.cli import main
from forecast.data import cache
from tests.data.test_cache import quotes

INSTALLED = "from forecast.cli import main; main(prog_name='forecast')"


def completed(line: str, folder: Path) -> list[str]:
    """What a bash would be offered for the last word of a line."""
    words = line.split(" ")
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", INSTALLED],
        cwd=folder,
        env={
            **os.environ,
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
            "_FORECAST_COMPLETE": "bash_complete",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"torch", "pandas"} & {
        row.split("|")[-1].strip() for row in told.stderr.splitlines()
    }
    return told.stdout.split()


def test_bundled_and_kept_tickers_are_offered(tmp_path: Path) -> None:
    cache.write(quotes("GOLD"))
    assert completed("forecast fit go", tmp_path)[:2] == ["plain,GOLD", "plain,GOOG"]


def test_results_are_offered_to_plot(tmp_path: Path) -> None:
    (tmp_path / "reports" / "MSFT").mkdir(parents=True)
    (tmp_path / "reports" / "MSFT" / "scores.json").write_text("{}")
    assert completed("forecast plot m", tmp_path)[:1] == ["plain,MSFT"]


def test_models_of_text_are_offered_by_name(tmp_path: Path) -> None:
    for name in ("text/ship", "text/shore", "translate/shanty"):
        (tmp_path / "reports" / name).mkdir(parents=True)
        (tmp_path / "reports" / name / "scores.json").write_text("{}")
    both = ["plain,ship", "plain,shore"]
    assert completed("forecast text sample --model sh", tmp_path)[:2] == both
    assert completed("forecast translate run --model sh", tmp_path)[:1] == ["plain,shanty"]
    assert completed("forecast plot text/shi", tmp_path)[:1] == ["plain,text/ship"]


def test_runs_are_offered_to_be_held_against_and_bundled_texts_to_be_learned(
    tmp_path: Path,
) -> None:
    for run in ("GOOG/runs/2026-01-02T030405", "text/ship/runs/2026-02-02T030405"):
        (tmp_path / "reports" / run).mkdir(parents=True)
        (tmp_path / "reports" / run / "scores.json").write_text("{}")
    told = completed("forecast plot goog --against 2", tmp_path)
    assert told == ["plain,2026-01-02T030405"]
    told = completed("forecast plot text/ship --against ", tmp_path)
    assert told == ["plain,2026-02-02T030405"]
    assert completed("forecast text fit sh", tmp_path)[:1] == ["plain,ship"]
    assert completed("forecast translate fit k", tmp_path)[:1] == ["plain,korean"]


def test_commands_and_options_are_offered(tmp_path: Path) -> None:
    assert "plain,doctor" in completed("forecast do", tmp_path)
    assert completed("forecast fit GOOG --hid", tmp_path) == ["plain,--hidden"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_of_its_own(shell: str) -> None:
    script = CliRunner().invoke(main, ["completion", shell]).stdout
    assert f"_FORECAST_COMPLETE={shell}_complete" in script

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from forecast.cli import main
from forecast.cli.group import exit_code
from forecast.data import known, samples
from forecast.errors import TrainingError

LONG = ["fit", "GOOG", "--source", "sample", "--epochs", "1000000", "--patience", "1000000"]
# Whatever runs in the background of a shell has been told to ignore Ctrl-C.
HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from forecast.__main__ import main
main()
"""
# As an import may swallow what a signal raises.
STUBBORN = """
import forecast.cli, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, lambda *_: None)
def stubborn(**_):
    print("begun", flush=True)
    while True:
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            pass
forecast.cli.main = stubborn
from forecast.__main__ import main
main()
"""


def begun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """The program, once it has read its settings and holds its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HEARING, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (folder / "reports" / "GOOG").exists():
        assert process.poll() is None, process.communicate()
    return process


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(
    ("sent", "code", "said"), [("SIGINT", 130, "forecast: interrupted\n"), ("SIGTERM", 143, "")]
)
def test_a_signal_ends_learning_and_leaves_nothing(
    tmp_path: Path, sent: str, code: int, said: str
) -> None:
    process = begun(tmp_path, *LONG)
    process.send_signal(getattr(signal, sent))
    assert process.communicate(timeout=60) == ("", said)
    assert process.returncode == code
    assert [each for each in (tmp_path / "reports").rglob("*") if each.is_file()] == []


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize(
    ("sent", "code", "said"), [("SIGINT", 130, "forecast: interrupted\n"), ("SIGTERM", 143, "")]
)
def test_a_signal_that_is_swallowed_ends_the_program_all_the_same(
    sent: str, code: int, said: str
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(getattr(signal, sent))
    assert process.communicate(timeout=60) == ("", said)
    assert process.returncode == code


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is full")
@pytest.mark.parametrize("arguments", ["settings show", "--help", "data list --json"])
def test_an_output_that_is_full_is_one_line(arguments: str) -> None:
    command = ["bash", "-c", f"{sys.executable} -m forecast {arguments} > /dev/full"]
    told = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 6
    assert told.stderr == (
        "forecast: the output cannot be used: No space left on device; choose another\n"
    )


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is full")
@pytest.mark.parametrize(("arguments", "code"), [("data show missing.csv", 3), ("fit --nope", 2)])
def test_what_cannot_be_said_is_told_by_the_exit_code(arguments: str, code: int) -> None:
    command = ["bash", "-c", f"{sys.executable} -m forecast {arguments} 2> /dev/full"]
    assert subprocess.run(command, check=False).returncode == code


@pytest.mark.parametrize("library", [torch, np])
def test_memory_that_the_system_refuses_is_one_line(
    library: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((RuntimeError, MemoryError)) as caught:
        library.empty(2**58)
    assert exit_code(caught.value) == TrainingError.exit_code
    said = capsys.readouterr().err
    assert said.startswith("forecast: memory is used up (")
    assert said.count("\n") == 1


CLOSED = """
import forecast.cli, os, sys
forecast.cli.main = lambda **_: print(os.open('.', 0) > 2, file=sys.stderr, flush=True)
from forecast.__main__ import main
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="a shell closes it")
def test_a_closed_stream_is_no_place_for_anything_else() -> None:
    command = ["bash", "-c", f'{sys.executable} -c "$0" 0<&- 1>&- 2>&-', CLOSED]
    assert subprocess.run(command, check=False).returncode == 0
    command = ["bash", "-c", f'{sys.executable} -c "$0" 1>&-', CLOSED]
    assert subprocess.run(command, check=False, capture_output=True).stderr == b"True\n"


def test_output_that_nobody_reads_ends_quietly(tmp_path: Path) -> None:
    command = f"{sys.executable} -m forecast settings show | head -1"
    shell = ["bash", "-o", "pipefail", "-c", command]
    told = subprocess.run(shell, check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (told.returncode, told.stderr, told.stdout.count("\n")) == (0, "", 1)


WINDOW = """
import forecast.cli
forecast.cli.main = lambda **_: __import__('matplotlib')
from forecast.__main__ import main
main()
"""


def test_pictures_need_none_of_the_windows_that_the_system_names() -> None:
    system = {**os.environ, "MPLBACKEND": "nosuch"}
    told = subprocess.run(
        [sys.executable, "-c", WINDOW], check=False, capture_output=True, env=system
    )
    assert (told.returncode, told.stderr) == (0, b"")


def test_a_mistake_of_ours_is_one_line_and_its_traceback_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("the\nend")

    monkeypatch.setattr(samples, "load", broken)
    told = CliRunner().invoke(main, ["data", "show", "GOOG", "--source", "sample"])
    assert told.exit_code == 1
    place = known.cache() / "mistake.txt"
    assert told.stderr == (
        "forecast: a mistake in the program: RuntimeError: the end; its traceback is in"
        f" {str(place)!r}; please report it\n"
    )
    assert "in broken" in place.read_text()


def test_an_error_shows_signs_that_steer_a_terminal_as_text(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["data", "show", str(tmp_path / "\x1b[31mred.csv")])
    assert told.exit_code == 3
    assert told.stderr.startswith("forecast: ")
    assert "\\x1b[31mred.csv" in told.stderr
    assert told.stderr.rstrip("\n").isprintable()

"""Words that every command knows, and what it says beside its result."""

import json
import logging
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from forecast.cli import main, progress
from forecast.cli.progress import Bar, Lines
from tests.cli.test_commands import commands

SAMPLE = ["--source", "sample"]
QUICK = [*SAMPLE, "--models", "weekday"]
TEXT = ["text", "fit", "ship", "--epochs", "1", "--hidden", "8", "--window", "10"]
PAIRS = ["translate", "fit", "korean", "--epochs", "1", "--hidden", "8", "--embedding", "8"]
FITS = {"": ["fit", "FB", *QUICK], "text": TEXT, "translate": PAIRS}
OBJECTS = {
    "fit": ["FB", *QUICK],
    "compare": ["FB", *QUICK],
    "tune": ["FB", *SAMPLE, "--trials", "1", "--refits", "1", "--epochs", "2"],
    "plot": ["FB"],
    "audit": ["--models", "weekday", "--futures", "2"],
    "export": ["FB", "--as", "long"],
    "data show": ["FB", *SAMPLE],
    "data list": [],
    "data clear": ["FB"],
    "text fit": TEXT[2:],
    "text sample": ["--length", "5"],
    "text score": ["ship"],
    "text complete": ["if"],
    "translate fit": PAIRS[2:],
    "translate run": ["hello"],
    "settings show": [],
    "doctor": [],
}
# A script for a shell; and what needs learned weights, a server or an extra, tested elsewhere.
APART = {"completion", "predict", "data refresh", "translate score"}


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner(env=variables).invoke(main, arguments, catch_exceptions=False)


def test_every_command_knows_the_same_words() -> None:
    assert set(commands()) == set(OBJECTS) | APART
    for name in commands():
        told = run(*name.split(), "--help").output
        words = {"--quiet", "--verbose", "--debug", "--help"}
        words |= {"--json"} - ({"--json"} if name == "completion" else set())
        assert words <= set(re.findall(r"--\w+", told)), name


@pytest.mark.parametrize("name", OBJECTS)
def test_every_result_is_one_object_without_colours_too(name: str) -> None:
    room = name.split()[0]
    if name in ("plot", "export") or (room in ("text", "translate") and "fit" not in name):
        assert run(*FITS.get(room, FITS[""]), "--quiet").exit_code == 0
    told = run(*name.split(), *OBJECTS[name], "--json")
    assert told.exit_code == 0, told.output
    assert isinstance(json.loads(told.stdout), dict)
    assert told.stdout.count("\n") == 1
    assert "\033" not in told.output


def test_verbose_says_on_stderr_what_is_done_and_when() -> None:
    told = run("fit", "FB", *QUICK, "--verbose")
    lines = told.stderr.splitlines()
    assert all(re.match(r" +\d+\.\d\d s  \w", line) for line in lines)
    for words in ("FB: 196 sessions", "walking forward", "scoring", "drawing reports/FB"):
        assert any(words in line for line in lines), words
    assert run("--verbose", "data", "show", "FB", *SAMPLE).stderr.count("\n") == 1
    assert run("data", "show", "FB", *SAMPLE, FORECAST_VERBOSE="1").stderr.count("\n") == 1
    assert run("data", "show", "FB", *SAMPLE).stderr == ""
    assert logging.getLogger("forecast").handlers == []


def test_debug_may_stand_after_the_command() -> None:
    with pytest.raises(Exception, match="is not a ticker"):
        run("fit", "../x", "--debug")


def test_a_help_tells_settings_by_what_they_are_about() -> None:
    told = run("fit", "--help").output
    heads = [line for line in told.splitlines() if line.endswith(":") and line[0] != " "]
    assert heads[0] == "Options:"
    assert "The shape of a recurrent network:" in heads
    assert told.index("The shape of a recurrent network:") < told.index("--hidden")


@pytest.mark.parametrize("command", ["plot", "export"])
def test_a_misspelt_result_is_answered_with_the_nearest(command: str) -> None:
    run("fit", "FB", *QUICK)
    more = ["--as", "long"] if command == "export" else []
    told = run(command, "FBB", *more)
    assert (told.exit_code, told.stdout) == (6, "")
    assert "holds no result of 'FBB'; did you mean 'FB'?" in told.stderr


def test_plot_draws_lists_and_opens_models_of_text_beside_prices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(*FITS[""], "--quiet")
    run(*TEXT, "--quiet")
    page = Path("reports/text/ship/report.html")
    before = page.read_bytes()
    page.write_text("old")
    opened = list[str]()
    monkeypatch.setattr(click, "launch", opened.append)
    assert run("plot", "text/ship", "--open").stdout.splitlines()[0] == str(page)
    assert page.read_bytes() == before
    assert opened == [str(page)]
    names = [line.split()[0] for line in run("plot", "--list").stdout.splitlines()]
    assert names == ["FB", "text/ship"]
    told = json.loads(run("plot", "text/ship", "--list", "--json").stdout)["runs"]
    assert [each["result"] for each in told] == ["text/ship"]
    assert told[0]["verdict"].startswith("Nothing was held back")


def test_answers_of_a_model_of_text_are_refused() -> None:
    run(*TEXT, "--quiet")
    told = run("export", "text/ship", "--as", "long")
    assert told.exit_code == 6
    assert "is a result of text; one of prices is needed" in told.stderr


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


def followed(monkeypatch: pytest.MonkeyPatch, *words: str, terminal: bool) -> str:
    """What a bar says of four steps, ten seconds each, with a part that starts again."""
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(progress, "_on_terminal", lambda: terminal)

    @main.command("pass")
    def passing() -> None:
        with Bar("learning") as bar:
            for done in (0, 1, 2, 0, 1):
                bar(done, 4)
                clock.now += 10.5

    try:
        return run("pass", *words).stderr
    finally:
        main.commands.pop("pass")


def test_where_nobody_watches_progress_is_plain_lines_with_the_time_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = followed(monkeypatch, terminal=False).splitlines()
    assert lines == [
        "learning: 1 of 4, 32 s left",
        "learning: 2 of 4, 21 s left",
        "learning: 0 of 4",
        "learning: 1 of 4, 32 s left",
    ]


def test_on_a_terminal_progress_is_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    told = followed(monkeypatch, terminal=True)
    assert "\rlearning [#######" in told
    assert "2/4, 21 s left" in told
    assert "\n" not in told


def test_quiet_says_nothing_of_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal in (True, False):
        assert followed(monkeypatch, "--quiet", terminal=terminal) == ""


class Now:
    epoch, share, seconds, losses = 3, 0.25, 30.0, (1.5, float("nan"))


class Told:
    moment, rate = Now(), 1234.0

    def example(self) -> str:
        return "two\nlines"


@pytest.mark.parametrize("terminal", [True, False])
def test_a_lesson_is_lines_with_the_time_left_and_examples_for_whoever_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, terminal: bool
) -> None:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    monkeypatch.setattr(progress, "_on_terminal", lambda: terminal)
    with click.Context(main):
        lines = Lines("turn")
    for _ in range(2):
        clock.now += 6.0
        lines(Told())
    line = " 25%  turn 3  loss 1.500  1,234 tokens/s, 90 s left\n"
    watched = line * 2 + "  | two\n  | lines\n"
    assert capsys.readouterr().err == (watched if terminal else line)

import contextlib
import json
import string
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli import main
from forecast.errors import SettingError
from forecast.settings_file import choices, read, text


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner(env=variables).invoke(main, arguments, catch_exceptions=False)


def shown(*arguments: str, **variables: str) -> dict[str, tuple[object, str]]:
    rows = json.loads(run("settings", "show", "--json", *arguments, **variables).stdout)["settings"]
    return {row["name"]: (row["value"], row["from"]) for row in rows}


def test_an_option_wins_over_the_environment_over_a_file_over_the_default() -> None:
    Path("forecast.toml").write_text("hidden = 2\nepochs = 2\nwindow = 2\n")
    told = shown("--hidden", "4", FORECAST_HIDDEN="3", FORECAST_EPOCHS="3")
    assert told["hidden"] == (4, "command line")
    assert told["epochs"] == (3, "environment")
    assert told["window"] == (2, "forecast.toml")
    assert told["layers"] == (1, "default")


def test_a_named_file_is_read_instead_of_the_folders_own() -> None:
    Path("forecast.toml").write_text("hidden = 2\nlayers = 2\n")
    Path("mine.toml").write_text('hidden = 5\nmodels = ["gru", "ridge"]\n')
    told = shown("--settings", "mine.toml")
    assert told["hidden"] == (5, "mine.toml")
    assert told["layers"] == (1, "default")
    assert told["models"] == ("gru,ridge", "mine.toml")


def test_every_choice_about_prices_is_shown_and_the_others_can_be_in_a_file() -> None:
    assert set(shown()) < set(choices())
    assert {"minutes", "temperature", "teacher-forcing"} <= set(choices()) - set(shown())


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    values = {"hidden": 32, "learning_rate": 0.005, "warm": True, "sep": ';"\\', "models": ("gru",)}
    (tmp_path / "a.toml").write_text(text(values), encoding="utf-8")
    assert read(tmp_path / "a.toml") == {**values, "models": "gru"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("hiden = 3", "nothing is named 'hiden'; did you mean 'hidden'?"),
        ("hidden = 3.5", "hidden is a whole number; got 3.5"),
        ("warm = 1", "warm is true or false; got 1"),
        ('learning-rate = "fast"', "learning-rate is a number; got 'fast'"),
        ("clip = inf", "clip is from 0.0 to 2147483647; got inf"),
        ("patience = 99999999999999999999", "patience is from 1 to 2147483647; got 99999"),
        ("hidden = true", "hidden is a whole number; got True"),
        ("hidden = 0", "hidden is from 1 to 4096; got 0"),
        ("learning-rate = nan", "learning_rate is from 1e-08 to 10.0; got nan"),
        ("hidden = 1\nhidden = 2", "document)); 'hidden' comes twice"),
        ('out = "a\\u0000b"', "out holds a NUL character; got 'a\\x00b'"),
        ("hidden: 3", "not TOML"),
    ],
)
def test_a_wrong_file_is_one_line_and_nothing_runs(content: str, said: str) -> None:
    Path("bad.toml").write_text(content)
    result = run("fit", "GOOG", "--settings", "bad.toml")
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("reports").exists()


def test_a_file_in_another_encoding_or_a_missing_one_is_one_line() -> None:
    Path("bad.toml").write_bytes("models = ['한국']".encode("cp949"))
    for name in ("bad.toml", "missing.toml", "."):
        result = run("settings", "show", "--settings", name)
        assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


@given(st.binary(max_size=60) | st.text(string.printable, max_size=60).map(str.encode))
def test_any_bytes_are_choices_or_one_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(data)
    with contextlib.suppress(SettingError):
        assert isinstance(read(path), dict)


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    assert "did you mean 'fit'?" in run("fitt").stderr
    assert "did you mean 'show'?" in run("data", "shw").stderr

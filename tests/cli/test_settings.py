import contextlib
import json
import re
import string
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from forecast.cli import main
from forecast.errors import SettingError
from forecast.settings import Covariates, Inputs, Settings, WalkForward
from forecast.settings_file import PARTS, choices, read, text
from tests.cli.test_commands import commands


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, **variables: str) -> Result:
    return CliRunner(env=variables).invoke(main, arguments, catch_exceptions=False)


def shown(*arguments: str, part: str = "prices", **variables: str) -> dict[str, tuple[object, str]]:
    rows = json.loads(run("settings", "show", "--json", *arguments, **variables).stdout)["settings"]
    return {row["name"]: (row["value"], row["from"]) for row in rows if row["part"] == part}


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


def test_every_choice_of_every_part_is_shown() -> None:
    for part in PARTS:
        names = set(shown(part=part)) | {"models"}
        assert names == set(choices(part))
    assert shown("text") == {}
    assert shown("text", part="text")["minutes"] == (1.75, "default")


def test_a_table_of_a_file_is_for_its_part_alone() -> None:
    Path("forecast.toml").write_text("hidden = 2\nlayers = 2\n[text]\nhidden = 3\nminutes = 9\n")
    assert shown()["hidden"] == (2, "forecast.toml")
    assert shown(part="text")["hidden"] == (3, "forecast.toml")
    assert shown(part="translate")["hidden"] == (2, "forecast.toml")
    assert shown(part="text")["layers"] == (2, "forecast.toml")
    assert shown("--hidden", "4", part="text", FORECAST_MINUTES="8")["minutes"] == (
        8.0,
        "environment",
    )


FITS = {
    "text": ["text", "fit", "ship", "--hidden", "8", "--validation", "0", "--quiet"],
    "translate": ["translate", "fit", "korean", "--hidden", "8", "--embedding", "8", "--quiet"],
}


@pytest.mark.parametrize("part", FITS)
def test_what_is_shown_of_a_part_is_what_its_fit_does(part: str) -> None:
    Path("forecast.toml").write_text(f"epochs = 3\nbatch = 9\n[{part}]\nepochs = 2\nout = 'mine'\n")
    variables = {"FORECAST_LAYERS": "2"}
    expected = {name: value for name, (value, _) in shown(part=part, **variables).items()}
    assert run(*FITS[part], **variables).exit_code == 0
    (place,) = Path("mine", part).iterdir()
    records = json.loads((place / "settings.json").read_text()).values()
    asked = {name: value for record in records for name, value in record.items()}
    for name in ("epochs", "batch", "layers"):
        assert asked[name] == expected[name], name
    assert (asked["epochs"], asked["batch"], asked["layers"]) == (2, 9, 2)


def test_every_command_that_writes_or_reads_results_has_their_folder_from_a_file() -> None:
    for name, command in commands().items():
        names = {each.name for each in command.params}
        assert "settings" in names or "out" not in names, name
    Path("forecast.toml").write_text("out = 'elsewhere'\n")
    assert "'elsewhere' holds no result" in run("plot").stderr


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
        ("hidden = 0", "bad.toml: hidden is from 1 to 4096; got 0"),
        (f"learning-rate = {'1' * 400}", "bad.toml: learning-rate is from -2147483647 to"),
        ('device = "abacus"', "'cuda', 'mps'. It comes from bad.toml. See"),
        ("learning-rate = nan", "bad.toml: learning_rate is from 1e-08 to 10.0; got nan"),
        ("hidden = 1\nhidden = 2", "document)); 'hidden' comes twice"),
        ('out = "a\\u0000b"', "out holds a NUL character; got 'a\\x00b'"),
        ("hidden: 3", "not TOML"),
        ("[text]\nhiden = 3", "bad.toml [text]: nothing is named 'hiden'; did you mean 'hidden'?"),
        ("[text]\nhorizon = 3", "bad.toml [text]: nothing is named 'horizon'"),
        ("[txt]\nhidden = 3", "nothing is named 'txt'"),
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


def test_a_line_stays_a_line_however_long_or_strange_a_name_is() -> None:
    Path("bad.toml").write_text("a" * 100_000 + " = 1\n")
    told = CliRunner().invoke(main, ["settings", "show", "--settings", "bad.toml"], color=True)
    assert len(told.stderr) < 300
    told = CliRunner().invoke(main, ["fit", "--\x1b[31m" + "b" * 100_000], color=True)
    assert (told.exit_code, "\x1b" in told.stderr, len(told.stderr) < 2100) == (2, False, True)


def test_a_mark_at_the_start_and_dates_of_toml_are_understood() -> None:
    Path("forecast.toml").write_bytes(b"\xef\xbb\xbfstart = 2012-05-18\nhidden = 3\n")
    assert read("forecast.toml") == {"start": "2012-05-18", "hidden": 3}


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
    assert run("--qiet", "data", "list").stderr.count("\n") == 1


def test_a_misspelt_variable_is_told_and_a_stranger_left_alone() -> None:
    told = CliRunner().invoke(
        main, ["settings", "show"], env={"FORECAST_HIDEN": "3", "FORECAST_API_KEY": "x"}
    )
    line = "forecast: no setting is named FORECAST_HIDEN, so it is left alone; did you mean"
    assert told.stderr == f"{line} FORECAST_HIDDEN?\n"


def test_a_wrong_value_names_the_variable_that_it_comes_from() -> None:
    told = CliRunner().invoke(main, ["fit", "GOOG"], env={"FORECAST_HIDDEN": "abc"})
    assert "It comes from the variable FORECAST_HIDDEN. See main fit --help." in told.stderr
    told = CliRunner().invoke(main, ["data", "list"], env={"FORECAST_QUIET": "perhaps"})
    assert (told.exit_code, told.stderr.count("\n")) == (2, 1)
    assert "It comes from the variable FORECAST_QUIET. See main --help." in told.stderr
    told = CliRunner().invoke(main, ["fit", "GOOG"], env={"FORECAST_HIDDEN": "0"})
    assert told.stderr == "forecast: FORECAST_HIDDEN: hidden is from 1 to 4096; got 0\n"
    told = CliRunner().invoke(main, ["fit", "GOOG", "--hidden", "0"], env={"FORECAST_HIDDEN": "0"})
    assert told.stderr == "forecast: hidden is from 1 to 4096; got 0\n"


@pytest.mark.parametrize("wrong", [{"models": "ridge"}, {"training": {"epochs": 3}}])
def test_settings_are_made_of_records_and_a_tuple_of_names(wrong: dict[str, Any]) -> None:
    [(name, value)] = wrong.items()
    with pytest.raises(SettingError, match=re.escape(f"{name} is a ") + ".*; got "):
        Settings(**wrong)
    assert value


@pytest.mark.parametrize("value", ["x", None, True, [], 2.5])
def test_a_record_takes_whole_numbers_where_it_needs_them(value: Any) -> None:
    with pytest.raises(SettingError, match="window is a whole number; got"):
        Inputs(window=value)
    assert Inputs(window=np.int64(3)).window == 3


@pytest.mark.parametrize("value", ["no", None, 1, [], {}])
def test_a_record_takes_true_or_false_where_it_needs_them(value: Any) -> None:
    with pytest.raises(SettingError, match="warm is true or false; got"):
        WalkForward(warm=value)


@pytest.mark.parametrize("value", [5, None, ["rsi"], pd.DataFrame({"close": [1.0]})])
def test_a_record_takes_a_text_where_it_needs_one(value: Any) -> None:
    with pytest.raises(SettingError, match=r"indicators is a text; got [^\n]*$"):
        Covariates(indicators=value)
    with pytest.raises(SettingError, match=r"inputs is one of changes, level; got [^\n]*$"):
        Inputs(inputs=value)

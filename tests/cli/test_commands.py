import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from forecast.cli import main
from forecast.errors import DataError, ForecastError, SettingError

DATASETS = Path(__file__).parents[2] / "datasets"
QUICK = ["--source", "sample", "--epochs", "3", "--refit", "0", "--quiet"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DATASETS / "FB.csv", tmp_path / "prices.csv")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def helps(prefix: str = "", command: click.Command = main) -> dict[str, click.Command]:
    """Every command, and every group of them, by what is typed for it."""
    found = {prefix.strip(): command}
    for name, each in command.commands.items() if isinstance(command, click.Group) else ():
        found |= helps(f"{prefix}{name} ", each)
    return found


def commands() -> dict[str, click.Command]:
    return {name: each for name, each in helps().items() if not isinstance(each, click.Group)}


def _examples() -> list[str]:
    epilogs = [each.epilog or "" for each in helps().values()]
    lines = [line.strip() for epilog in epilogs for line in epilog.splitlines()]
    return [line for line in lines if line.startswith("forecast ")]


@pytest.mark.parametrize("name", helps())
def test_every_command_ends_its_help_with_examples(name: str) -> None:
    text = run(*name.split(), "--help").output
    assert "Examples:" in text
    assert f"  forecast {name}".rstrip() in text.split("Examples:")[1]


@pytest.mark.parametrize("name", [name for name in helps() if name not in commands()])
def test_a_group_alone_shows_its_help_in_which_each_command_has_a_whole_sentence(
    name: str,
) -> None:
    alone, asked = run(*name.split()), run(*name.split(), "-h")
    assert (alone.exit_code, asked.exit_code) == (2, 0)
    assert alone.stderr == asked.output == run(*name.split(), "--help").output
    assert "..." not in asked.output.split("Commands:")[1]


@pytest.mark.parametrize("example", sorted(set(_examples())))
def test_every_example_in_a_help_runs(example: str) -> None:
    if "refresh" in example:
        pytest.skip("needs Yahoo; tests/data/test_load.py refreshes from a local server")
    if "onnx" in example:
        pytest.importorskip("onnx", reason="onnx is not installed")
    if any(word in example for word in ("plot", "predict", "export")):
        for _ in range(2 if "against" in example else 1):
            assert run("fit", "GOOG", *QUICK).exit_code == 0
    if " text" in example and " fit" not in example:
        quick = ["--epochs", "2", "--hidden", "16", "--window", "10"]
        assert run("text", "fit", "ship", *quick).exit_code == 0
    if "translate" in example:
        for name in ("german.txt", "english.txt"):
            Path(name).write_text("ein hut\nein hund\n", encoding="utf-8")
        assert run("translate", "fit", "korean", "--epochs", "1", "--hidden", "8").exit_code == 0
    result = run(*shlex.split(example)[1:])
    assert result.exit_code == 0, result.output


def test_fit_prints_one_screen_and_writes_the_folder() -> None:
    result = run("fit", "prices.csv", *QUICK[2:])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "Verdict on lstm: " in result.stdout
    assert Path("reports/prices/forecast.png").stat().st_size > 10_000
    assert result.stderr == ""


def test_json_is_one_object_with_the_promised_keys() -> None:
    told = json.loads(run("fit", "FB", *QUICK, "--json").stdout)
    assert {"skill", "p_value", "coverage", "verdict", "next", "receipt", "folder"} <= set(told)
    assert told["receipt"]["source"] == "sample"
    assert told["next"]["date"] == "2013-03-04"


def test_fit_says_where_the_page_to_zoom_into_lies() -> None:
    pytest.importorskip("plotly")
    result = run("fit", "FB", *QUICK, "--models", "ridge", "--interactive")
    place = Path("reports/FB/interactive.html")
    assert result.stdout.endswith(f"To zoom into: {place}\n")
    assert place.is_file()


def test_several_tickers_are_one_object_too() -> None:
    told = json.loads(
        run("fit", "FB", "prices.csv", *QUICK[2:], "--models", "weekday", "--json").stdout
    )
    assert [each["ticker"] for each in told["results"]] == ["FB", "prices"]


def test_plot_without_a_name_draws_the_newest_result() -> None:
    run("fit", "FB", *QUICK)
    os.utime("reports/FB/scores.json", (0, 0))
    run("fit", "prices.csv", *QUICK[2:])
    assert "reports/prices/forecast.png" in run("plot").stdout.splitlines()


def test_options_reach_the_settings() -> None:
    told = json.loads(
        run(
            "fit", "FB", *QUICK, "--hidden", "3", "--window", "4", "--models", "gru,ridge", "--json"
        ).stdout
    )
    assert told["settings"]["network"]["hidden"] == 3
    assert told["settings"]["inputs"]["window"] == 4
    assert told["settings"]["models"] == ["gru", "ridge"]


def test_plot_redraws_without_learning_and_without_torch() -> None:
    run("fit", "FB", *QUICK)
    picture = Path("reports/FB/forecast.png")
    before = picture.read_bytes()
    picture.unlink()
    code = "import sys; from forecast.cli import main; main(['plot', 'FB'], standalone_mode=False);"
    code += "assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    assert picture.read_bytes() == before


def test_plot_lists_the_runs_there_were_and_holds_two_against_each_other() -> None:
    run("fit", "FB", *QUICK)
    run("fit", "FB", *QUICK, "--hidden", "3")
    lines = run("plot", "FB", "--list").stdout.splitlines()
    assert len(lines) == 2
    assert run("plot", "--list").stdout.splitlines() == lines
    first = lines[-1].split()[1]
    told = run("plot", "FB", "--against", first)
    assert "last close" in told.stdout
    page = Path(told.stdout.splitlines()[-1])
    assert "hidden" in page.read_text()
    assert run("plot", "FB", "--against", "1999").exit_code == 6


def test_plot_opens_the_page_it_drew(monkeypatch: pytest.MonkeyPatch) -> None:
    run("fit", "FB", *QUICK)
    opened = list[str]()
    monkeypatch.setattr(click, "launch", opened.append)
    run("plot", "FB", "--open")
    assert [Path(each).name for each in opened] == ["report.html"]


def test_several_tickers_get_a_page_that_links_to_each() -> None:
    told = run("fit", "FB", "prices.csv", *QUICK[2:], "--models", "weekday").stdout
    assert told.splitlines()[-1] == "All of them: reports/index.html"
    page = Path("reports/index.html").read_text()
    assert "FB/report.html" in page
    assert "prices/report.html" in page


def test_the_page_tells_the_command_that_makes_it_again() -> None:
    run("fit", "prices.csv", *QUICK[2:], "--models", "weekday")
    page = Path("reports/prices/report.html").read_bytes()
    command = re.search(rb"<pre[^>]*>(forecast fit [^\n<]*)", page)
    assert command is not None
    line = html.unescape(command[1].decode())
    assert line == "forecast fit prices.csv --models weekday --epochs 3 --refit 0"
    assert run(*shlex.split(line)[1:]).exit_code == 0
    assert Path("reports/prices/report.html").read_bytes() == page


def test_predict_repeats_what_fit_said() -> None:
    fitted = json.loads(run("fit", "FB", *QUICK, "--json").stdout)
    told = json.loads(run("predict", "FB", "--source", "sample", "--json").stdout)
    assert told["next"]["date"] == fitted["next"]["date"]
    assert told["next"]["forecast"] == pytest.approx(fitted["next"]["forecast"], rel=1e-6)
    assert "2013-03-04" in run("predict", "FB", "--source", "sample").stdout


def test_covariates_go_into_the_model_and_come_back_for_predict() -> None:
    chosen = ["--with", "GOOG", "--indicators", "rsi", "--calendar", "weekday,month_end"]
    fitted = json.loads(run("fit", "FB", *QUICK, *chosen, "--json").stdout)
    assert fitted["settings"]["covariates"]["alongside"] == "GOOG"
    told = json.loads(run("predict", "FB", "--source", "sample", "--json").stdout)
    assert told["next"]["forecast"] == pytest.approx(fitted["next"]["forecast"], rel=1e-6)
    assert any("GOOG" in note for note in told["receipt"]["notes"])


def test_data_show_tells_the_receipt_the_oddities_and_both_ends() -> None:
    text = run("data", "show", "prices.csv").stdout
    for expected in ("196 sessions", "2012-05-18", "2013-03-01", "38.23", "27.78"):
        assert expected in text
    told = json.loads(run("data", "show", "AAPL", "--source", "sample", "--json").stdout)
    assert told["receipt"]["rows"] == 3270
    assert any("2000-09-29" in finding for finding in told["findings"])


OWN_CODE = """
def honest(history):
    return history["close"].iloc[-1]

def peeking(table, cutoffs):
    return table["close"].shift(-1).ffill().to_numpy()[cutoffs]
"""


def test_audit_ends_with_a_code_of_its_own_where_it_finds_a_leak() -> None:
    Path("own_code.py").write_text(OWN_CODE, encoding="utf-8")
    honest = run("audit", "prices.csv", "--forecaster", "own_code:honest", "--futures", "3")
    assert (honest.exit_code, honest.stderr) == (0, "")
    assert honest.stdout.endswith("No look-ahead found\n")
    peeking = run("audit", "--forecaster", "own_code:peeking", "--futures", "3", "--json")
    assert (peeking.exit_code, peeking.stderr) == (8, "")
    assert json.loads(peeking.stdout)["audits"][0]["findings"][1]["suspicion"] == "answer"


def test_help_needs_neither_torch_nor_pandas() -> None:
    code = (
        "import sys; from forecast.cli import main\n"
        "try: main(['fit', '--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'torch', 'pandas', 'numpy', 'matplotlib'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_torch_is_imported_while_prices_are_loaded() -> None:
    """Where they cannot be loaded, nobody else has asked for it."""
    code = (
        "import os, sys; from forecast.cli import main\n"
        "try: main(['fit', 'nowhere.csv'])\n"
        "except SystemExit as end: assert end.code == 3, end.code\n"
        "os._exit('torch' not in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["fit"], 2, "Missing argument 'TICKER|FILE|FOLDER...'. See main fit --help."),
        (["fit", "GOOG", "--hidden", "abc"], 2, "'abc' is not a valid integer"),
        (["fit", "GOOG", "--hiden", "3"], 2, "No such option"),
        (["export", "GOOG"], 2, "Choose from: onnx, long. See main export --help."),
        (["fitt"], 2, "did you mean 'fit'?"),
        (["fit", "../x"], 2, "'../x' is no file or folder, and is not a ticker"),
        (["fit", "FB", "--source", "sample", "--first", "2"], 3, "raise --first"),
        (["fit", "GOOG", "--hidden", "0"], 2, "hidden is from 1 to 4096; got 0"),
        (["fit", "GOOG", "--models", "lsmt"], 2, "did you mean lstm?"),
        (["fit", "nothing.csv"], 3, "nothing.csv"),
        (["fit", "NOSUCH", "--source", "sample"], 4, "NOSUCH"),
        (["predict", "FB", "--source", "sample"], 5, "forecast fit"),
        (["audit", "--forecaster", "nothing"], 2, "MODULE:NAME"),
        (["audit", "--models", "lsmt"], 2, "did you mean lstm?"),
        (["fit", "prices.csv", "--indicators", "rsy"], 2, "did you mean rsi?"),
        (["fit", "prices.csv", "--calendar", "holiday"], 2, "--exchange"),
        (["fit", "FB", "--source", "sample", "--with", "NOSUCH"], 4, "NOSUCH"),
        (["plot", "FB"], 6, "forecast fit"),
        (["fit", "FB", "--source", "sample", "--out", "prices.csv"], 6, "prices.csv"),
        (["fit", "prices.csv", "--window", "200"], 3, "window 200"),
    ],
)
def test_bad_input_gets_one_line_and_its_exit_code(
    arguments: list[str], code: int, words: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("forecast: ")


def test_a_result_never_overwrites_the_file_it_was_made_from() -> None:
    place = Path("reports/answers/answers.csv")
    place.parent.mkdir(parents=True)
    shutil.copy("prices.csv", place)
    result = run("fit", str(place), "--epochs", "1")
    assert result.exit_code == 2
    assert "lies where its result goes" in result.stderr
    assert place.read_bytes() == Path("prices.csv").read_bytes()


@pytest.mark.parametrize("wrong", [("--models", "nope"), ("--indicators", "nope")], ids=" ".join)
def test_a_refusal_writes_nothing(wrong: tuple[str, ...]) -> None:
    assert run("fit", "FB", "--source", "sample", *wrong).exit_code == 2
    Path("one.txt").write_text("a" * 100)
    assert run("text", "fit", "one.txt", "--epochs", "1").exit_code == 3
    assert not Path("reports").exists()


def test_debug_shows_the_traceback() -> None:
    with pytest.raises(ForecastError):
        run("--debug", "fit", "../x")


def test_every_error_has_an_exit_code_of_its_own() -> None:
    codes = [each.exit_code for each in ForecastError.__subclasses__()]
    assert sorted(codes) == [2, 3, 4, 5, 6, 7]
    assert SettingError.exit_code == 2


@pytest.mark.parametrize("error", [SettingError, DataError])
def test_what_a_caller_gave_wrong_is_a_value_error_too(error: type[ForecastError]) -> None:
    with pytest.raises(ValueError, match="too few"):
        raise error("too few")


def test_the_module_is_the_command() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-m", "forecast", "--version"],
        check=True, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert told.stdout.startswith("forecast 0.")


def test_answers_on_the_disk_are_the_answers_table() -> None:
    run("fit", "FB", *QUICK)
    answers = pd.read_csv("reports/FB/answers.csv")
    assert list(answers.columns[:5]) == ["ticker", "forecaster", "cutoff", "date", "horizon"]


@pytest.mark.parametrize(("command", "name"), [("doctor", "torch"), ("data list", "bundled")])
def test_facts_are_one_object_too(command: str, name: str) -> None:
    assert name in json.loads(run(*command.split(), "--json").stdout)

from pathlib import Path

import pandas as pd
import pytest

from forecast.data import samples
from forecast.data.prices import Prices
from forecast.pipeline import fit
from forecast.reporting.folder import read
from forecast.reporting.pictures.figures import figures
from forecast.reporting.screens import upcoming
from forecast.reporting.screens.fit import as_json, screen
from forecast.result import Result
from forecast.saved import predict
from forecast.settings import Settings, Target, TargetName, WalkForward
from tests.reporting.test_pictures import texts

GIVEN = Prices.of("IBM", samples.load("IBM").table.iloc[-700:])


def found(target: TargetName) -> Result:
    settings = Settings(
        models=("ridge",), target=Target(target=target), walk_forward=WalkForward(horizon=2)
    )
    return fit(GIVEN, settings)


@pytest.fixture(scope="module", params=["close", "return", "direction", "volatility"])
def result(request: pytest.FixtureRequest) -> Result:
    return found(request.param)


def test_every_target_has_a_screen_a_page_and_a_folder_that_comes_back(
    result: Result, tmp_path: Path
) -> None:
    folder = result.report(tmp_path)
    again = read(folder)
    assert again.target == result.run.target
    pd.testing.assert_frame_equal(again.converted, result.run.converted, check_dtype=False)
    pd.testing.assert_frame_equal(again.scores, result.scores, check_dtype=False)
    lines = screen(result.run, folder).splitlines()
    assert all(len(line) <= 80 for line in lines if not line.startswith("Report"))
    told = as_json(result.run, folder)
    assert told["target"] == result.run.target
    assert told["skill"] == pytest.approx(result.run.score["skill"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert result.verdict.split("(")[0].replace("'", "&#39;")[:20] in page


@pytest.mark.parametrize("slim", [False, True])
def test_words_of_every_targets_pictures_stay_on_the_sheet(result: Result, *, slim: bool) -> None:
    for name, figure in figures(result.run, slim=slim).items():
        for words, box in texts(figure):
            assert (box >= 0).all(), f"{name}: {words!r} leaves the sheet"
            assert (box <= [*figure.bbox.size, *figure.bbox.size]).all(), f"{name}: {words!r}"


def test_what_comes_next_is_told_in_the_words_of_the_target() -> None:
    words = {
        "return": r"next session\): [+-]\d+\.\d\d % \(close ",
        "direction": r"next session\): \d+ % chance of a rise",
        "volatility": r"next session\): volatility .* % a session \(last ",
    }
    for target, pattern in words.items():
        run = found(target).run
        line = upcoming.lines(run.headline.upcoming, run.target)[0]
        assert pd.Series([line]).str.contains(pattern).all(), line


def test_answers_of_a_result_are_in_the_unit_of_the_target(result: Result) -> None:
    first = result.answers.iloc[0]
    last = GIVEN.table.loc[first["cutoff"], "close"]
    if result.run.target == "close":
        assert first["last"] == last
    elif result.run.target == "return":
        assert first["last"] == 0
        assert abs(first["forecast"]) < 5
    elif result.run.target == "direction":
        assert set(result.answers["actual"].unique()) == {0.0, 1.0}
        assert 0.4 < first["last"] < 0.6
    else:
        assert 0.1 < first["forecast"] < 5
    assert result.upcoming["actual"].isna().all()


def test_predict_of_volatility_repeats_the_forecast_of_fit(tmp_path: Path) -> None:
    settings = Settings(models=("gru",), target=Target(target="volatility"))
    given = Prices.of("IBM", GIVEN.table.iloc[-300:])
    result = fit(given, settings)
    told = predict(result.report(tmp_path), given)
    columns = ["date", "last", "forecast", "q10", "q90"]
    pd.testing.assert_frame_equal(
        told[columns], result.upcoming[columns], rtol=1e-5, check_dtype=False
    )

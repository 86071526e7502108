import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from forecast.data.prices import Prices
from forecast.errors import CheckpointError, DataError, ForecastError, SettingError
from forecast.evaluation.answers import QUANTILES
from forecast.forecasters.recurrent import restore
from forecast.pipeline import fit, fit_many
from forecast.result import Result
from forecast.saved import predict
from forecast.settings import Inputs, Network, Settings, Training, WalkForward
from forecast.training.checkpoint import Checkpoint, load, save
from tests.made import prices

QUICK = Settings(
    models=("lstm", "weekday"),
    network=Network(hidden=4),
    training=Training(epochs=30, learning_rate=0.03),
    walk_forward=WalkForward(first=120, refit=20, horizon=2),
)
GIVEN = prices(200, signal=0.7)
FILES = {
    "trials.json", "answers.csv", "scores.json", "settings.json", "receipt.json", "learning.csv",
    "model.safetensors", "report.html", "forecast.png",
}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> Result:
    return fit(GIVEN, QUICK)


@pytest.mark.parametrize(
    ("given", "settings", "words"),
    [
        ("GOOG", QUICK, "prices are made by forecast.load or forecast.Prices.of; got a str"),
        (GIVEN.table, QUICK, "got a DataFrame"),
        (GIVEN, QUICK.training, "settings are a forecast.Settings; got a Training"),
    ],
)
@pytest.mark.usefixtures("own_refusals")
def test_what_is_no_prices_or_settings_is_refused(given: Any, settings: Any, words: str) -> None:
    with pytest.raises(ForecastError, match=words):
        fit(given, settings)


def test_prices_and_results_show_themselves_on_a_line(result: Result) -> None:
    assert repr(GIVEN) == "<Prices of TEST: 200 sessions, 2020-01-01 to 2020-10-06, from synthetic>"
    assert repr(result) == f"<Result of lstm on TEST: {result.verdict}>"


def test_a_result_holds_answers_scores_and_what_comes_next(result: Result) -> None:
    assert set(result.scores["forecaster"]) == {"lstm", "weekday", "last", "drift", "logdrift"}
    assert result.answers["actual"].notna().all()
    assert (
        result.upcoming["date"].tolist()
        == pd.bdate_range(GIVEN.table.index[-1], periods=3)[1:].tolist()
    )
    assert "the last close" in result.verdict or "too short to tell" in result.verdict
    assert all(isinstance(each, Figure) for each in result.figures().values())


def test_a_report_holds_every_file_and_the_same_bytes_each_time(
    result: Result, tmp_path: Path
) -> None:
    first, second = result.report(tmp_path / "a"), fit(GIVEN, QUICK).report(tmp_path / "b")
    assert {path.name for path in first.iterdir()} == FILES | {"runs"}
    assert first.name == "TEST"
    for name in FILES:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_predict_on_the_same_prices_repeats_the_forecast_of_fit(
    result: Result, tmp_path: Path
) -> None:
    told = predict(result.report(tmp_path), GIVEN)
    pd.testing.assert_frame_equal(
        told.drop(columns="actual"),
        result.upcoming.drop(columns="actual"),
        rtol=1e-6,
        check_dtype=False,
    )


def test_predict_goes_on_from_newer_prices_in_any_scale(tmp_path: Path) -> None:
    folder = fit(prices(180, signal=0.7), QUICK).report(tmp_path)
    newer = prices(200, signal=0.7)
    scaled = newer.table.assign(
        **{n: newer.table[n] * 7.0 for n in ("open", "high", "low", "close")}
    )
    one, seven = predict(folder, newer), predict(folder, Prices.of("TEST", scaled))
    assert one["cutoff"].unique().tolist() == [newer.table.index[-1]]
    assert one[list(QUANTILES)].notna().all(axis=None)
    for column in ("forecast", *QUANTILES):
        np.testing.assert_allclose(seven[column], 7.0 * one[column], rtol=1e-5)


def test_predict_refuses_prices_older_than_the_model(result: Result, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the model has learned until"):
        predict(result.report(tmp_path), prices(150, signal=0.7))


def test_predict_refuses_the_model_of_another_run(result: Result, tmp_path: Path) -> None:
    folder = result.report(tmp_path / "one")
    other = replace(QUICK, models=("gru",), inputs=Inputs(window=9))
    for name, settings, given in (
        ("two", other, GIVEN),
        ("three", QUICK, prices(260, signal=0.7, seed=1)),
    ):
        model = fit(given, settings).report(tmp_path / name) / "model.safetensors"
        (folder / "model.safetensors").write_bytes(model.read_bytes())
        with pytest.raises(CheckpointError, match="is of another run") as error:
            predict(folder, GIVEN)
        if name == "two":
            assert "(cell gru and not lstm, window 9 and not 7)" in str(error.value)


@pytest.mark.parametrize("name", ["low", "high", "share"])
def test_a_model_with_a_number_that_is_none_is_refused(
    result: Result, tmp_path: Path, name: str
) -> None:
    saved = load(result.report(tmp_path) / "model.safetensors")
    inner = saved.about["inputs"]
    nothing = [None] * len(inner.get(name, saved.about["share"]))
    about = {"inputs": {**inner, name: nothing}} if name in inner else {name: nothing}
    with pytest.raises(CheckpointError, match="is not finite"):
        restore(Checkpoint(saved.weights, {**saved.about, **about}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"indicators": 5},
        {"indicators": "sma:50,clouds"},
        {"indicators": "sma:0"},
        {"calendar": "moon"},
        {"alongside": None},
        {"with_lag": -1},
    ],
    ids=str,
)
def test_covariates_that_are_none_are_the_model_s_fault(
    result: Result, tmp_path: Path, wrong: dict[str, Any]
) -> None:
    place = result.report(tmp_path) / "model.safetensors"
    saved = load(place)
    save(place, Checkpoint(saved.weights, {**saved.about, "covariates": wrong}))
    with pytest.raises(CheckpointError, match="is not one that this version can make"):
        predict(place.parent, GIVEN)


def test_predict_without_a_model_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="make one with: forecast fit"):
        predict(tmp_path, GIVEN)


def test_a_run_of_baselines_saves_no_model_and_removes_an_old_one(
    result: Result, tmp_path: Path
) -> None:
    result.report(tmp_path)
    folder = fit(GIVEN, replace(QUICK, models=("weekday",))).report(tmp_path)
    assert not (folder / "model.safetensors").exists()


def test_several_tickers_are_claims_tested_together() -> None:
    results = fit_many([GIVEN, prices(190, 1, ticker="OTHER")], QUICK)
    assert [each.run.ticker for each in results] == ["TEST", "OTHER"]
    claims = [each.scores.set_index("forecaster").loc["lstm", "tests"] for each in results]
    assert {int(count) for each in claims for count in each} == {2 * 2 * 2}


def test_an_unknown_model_is_refused_before_anything_is_learned() -> None:
    with pytest.raises(SettingError, match="no model is named 'lstn'"):
        fit(GIVEN, replace(QUICK, models=("lstn",)))


def test_settings_are_written_as_they_were_chosen(result: Result, tmp_path: Path) -> None:
    told = json.loads((result.report(tmp_path) / "settings.json").read_text())
    assert told["models"] == ["lstm", "weekday"]
    assert told["network"]["hidden"] == 4
    assert told["walk_forward"]["horizon"] == 2

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecast.errors import DataError
from forecast.evaluation.scores import score
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.naive import Drift, Last
from forecast.nixtla import Neural, Statistical, from_long, to_long
from forecast.settings import WalkForward
from tests.made import prices

SETTING = WalkForward(first=120, horizon=2, refit=20)


def test_their_evaluation_gives_our_scores() -> None:
    evaluation = pytest.importorskip("utilsforecast.evaluation", reason="no utilsforecast")
    losses = pytest.importorskip("utilsforecast.losses")
    given = prices(200)
    baselines = {"last": Last(), "drift": Drift(), "logdrift": Drift(logs=True)}
    answers = walk_forward(given, baselines, SETTING)
    first = answers[answers["horizon"] == 1]
    told = evaluation.evaluate(to_long(first), metrics=[losses.mae, losses.rmse])
    theirs = told.groupby("metric")[["last", "drift"]].mean()
    ours = score(first, {given.ticker: given.table["close"]}, []).set_index("forecaster")
    for name in ("last", "drift"):
        errors = first.loc[first["forecaster"] == name, ["actual", "forecast"]]
        assert theirs.loc["mae", name] == pytest.approx(ours.loc[name, "mae"], rel=1e-12)
        assert len(errors) == ours.loc[name, "n"]


def test_every_horizon_keeps_its_own_row_and_interval() -> None:
    answers = walk_forward(prices(200), {"last": Last(), "drift": Drift()}, SETTING)
    long = to_long(answers)
    assert len(long) == len(answers) / 2
    assert not long.duplicated(["unique_id", "ds", "cutoff"]).any()
    drift = answers[answers["forecaster"] == "drift"].reset_index(drop=True)
    assert long["drift-lo-80"].equals(drift["q10"].rename("drift-lo-80"))


def test_prices_come_back_from_a_long_table() -> None:
    first, second = prices(40), prices(50)
    parts = [
        each.table.rename(columns={"close": "y"}).rename_axis("ds").reset_index()
        for each in (first, second)
    ]
    table = pd.concat([part.assign(unique_id=name) for part, name in zip(parts, "BA", strict=True)])
    told = from_long(table)
    assert [each.ticker for each in told] == ["B", "A"]
    assert [each.receipt.sha256 for each in told] == [
        each.receipt.sha256 for each in (first, second)
    ]


def test_a_table_without_a_column_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="y not in unique_id, ds, close"):
        from_long(pd.DataFrame({"unique_id": ["A"], "ds": ["2024-01-02"], "close": [1.0]}))


class Climbing:
    """Has the form of a statsforecast model: one unit more each session; counts its own calls."""

    calls = 0

    def forecast(self, y: np.ndarray, h: int) -> Mapping[str, Any]:
        self.calls += 1
        assert self.calls == 1, "a model was used twice"
        return {"mean": y[-1] + np.arange(1.0, h + 1.0)}


def test_a_statistical_model_walks_forward_afresh_at_each_cutoff() -> None:
    answers = walk_forward(prices(150), {"climbing": Statistical(Climbing())}, SETTING)
    assert np.allclose(answers["forecast"] - answers["last"], answers["horizon"])


class Remembering:
    """Has the form of `NeuralForecast`: remembers the last close that it learned from."""

    def __init__(self, horizon: int) -> None:
        self.horizon = horizon

    def fit(self, table: pd.DataFrame) -> None:
        self.learned = table["y"].iloc[-1]

    def predict(self, table: pd.DataFrame) -> pd.DataFrame:
        ends = table.groupby("unique_id")["ds"].max()
        rows = [
            {"unique_id": name, "ds": end + step, "Model": self.learned + step}
            for name, end in reversed(list(ends.items()))
            for step in range(1, self.horizon + 1)
        ]
        return pd.DataFrame(rows)


def test_a_neural_model_learns_once_a_fold_and_answers_each_history_in_order() -> None:
    given = prices(150)
    answers = walk_forward(given, {"remembering": Neural(Remembering)}, SETTING)
    folds: Sequence[float] = given.table["close"].iloc[119::20].tolist()
    learned = answers["forecast"] - answers["horizon"]
    assert sorted(set(learned)) == pytest.approx(sorted(folds[: len(set(learned))]))


def test_models_of_statsforecast_are_forecasters() -> None:
    models = pytest.importorskip("statsforecast.models", reason="statsforecast is not installed")
    theirs = walk_forward(prices(130), {"naive": Statistical(models.Naive())}, SETTING)
    assert np.allclose(theirs["forecast"], theirs["last"])

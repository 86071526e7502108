import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss, log_loss, matthews_corrcoef

from forecast.data.synthetic import ar1
from forecast.evaluation.answers import QUANTILES, rise
from forecast.evaluation.direction import base_rates, chances, score
from forecast.evaluation.judge import judged, rebased, returns, verdict_of
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.catalogue import by_name
from forecast.settings import Settings, WalkForward

MADE = ar1(0.5, 900, seed=1).prices
CLOSES = {MADE.ticker: MADE.table["close"]}


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    return walk_forward(MADE, by_name(Settings(models=("ridge",))), WalkForward(horizon=2))


def test_the_chance_is_the_share_of_the_distribution_above_the_last_close() -> None:
    quantiles = 100 + 100 * np.array([*QUANTILES.values()])
    assert rise(150.0, quantiles.tolist()) == pytest.approx(0.5)
    assert rise(170.0, quantiles.tolist()) == pytest.approx(0.3)
    assert rise(0.0, quantiles.tolist()) == pytest.approx(0.975)
    assert np.isnan(rise(150.0, [np.nan] * len(QUANTILES)))


def test_base_rates_count_what_was_known_and_nothing_later() -> None:
    closes = MADE.table["close"].to_numpy()
    for horizon in (1, 5):
        rates = base_rates(closes, horizon)
        for row in (0, horizon, 300, 899):
            known = closes[: row + 1]
            rose = known[horizon:] > known[:-horizon]
            assert rates[row] == pytest.approx((rose.sum() + 1) / (len(rose) + 2))


def test_scores_equal_those_of_scikit_learn(answers: pd.DataFrame) -> None:
    told = chances(answers, CLOSES)
    scores = score(told, ["ridge"]).set_index(["forecaster", "horizon"])
    for horizon in (1, 2):
        mine = told[(told["forecaster"] == "ridge") & (told["horizon"] == horizon)].dropna()
        row, rose, said = scores.loc[("ridge", horizon)], mine["actual"], mine["forecast"]
        assert row["brier"] == pytest.approx(brier_score_loss(rose, said), abs=1e-9)
        assert row["log_loss"] == pytest.approx(log_loss(rose, said), abs=1e-9)
        assert row["mcc"] == pytest.approx(matthews_corrcoef(rose == 1, said > 0.5), abs=1e-9)
        base = brier_score_loss(rose, mine["last"])
        assert row["skill"] == pytest.approx(1 - row["brier"] / base, abs=1e-9)
        assert scores.loc[("base", horizon), "brier"] == pytest.approx(base, abs=1e-9)
        assert scores.loc[("base", horizon), "skill"] == 0


def test_a_signal_in_the_direction_is_found_and_claimed(answers: pd.DataFrame) -> None:
    scores = judged(answers, CLOSES, ["ridge"], "direction")
    row = scores[scores["forecaster"] == "ridge"].iloc[0]
    assert row["skill"] > 0.1
    assert row["mcc"] > 0.2
    assert row["direction_p"] < 1e-4
    assert verdict_of(row.to_dict(), "direction").startswith(
        "better than the share of rises so far"
    )
    base = scores[scores["forecaster"] == "base"].iloc[0]
    assert verdict_of(base.to_dict(), "direction").startswith("identical to the base rate")


def test_chances_are_calibrated(answers: pd.DataFrame) -> None:
    told = chances(answers, CLOSES)
    mine = told[(told["forecaster"] == "ridge") & (told["horizon"] == 1)]
    for low, high in ((0.0, 0.4), (0.4, 0.6), (0.6, 1.0)):
        group = mine[(mine["forecast"] >= low) & (mine["forecast"] < high)]
        assert group["actual"].mean() == pytest.approx(group["forecast"].mean(), abs=0.12)


def test_returns_are_the_same_forecasts_in_per_cent(answers: pd.DataFrame) -> None:
    told = returns(answers)
    assert (told["last"] == 0).all()
    expected = 100 * (answers["forecast"] / answers["last"] - 1)
    np.testing.assert_allclose(told["forecast"], expected, atol=1e-9)
    scores = judged(answers, CLOSES, ["ridge"], "return")
    one = told[(told["forecaster"] == "ridge") & (told["horizon"] == 1)]
    error = one["actual"] - one["forecast"]
    assert scores["rmse"].iloc[0] == pytest.approx(np.sqrt((error**2).mean()))
    closes = judged(answers, CLOSES, ["ridge"], "close")
    pd.testing.assert_series_equal(scores["lag"], closes["lag"])
    np.testing.assert_allclose(scores["r2"], closes["r2"], rtol=1e-9)
    assert rebased(answers)["last"].to_numpy() == pytest.approx(100, rel=1e-12)

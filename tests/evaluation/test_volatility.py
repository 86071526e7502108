import numpy as np
import pandas as pd
import pytest

from forecast.data import samples
from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.comparison import overlap_of
from forecast.evaluation.judge import verdict_of
from forecast.evaluation.losses import log_squares, qlike
from forecast.evaluation.outcomes import outcomes_ahead
from forecast.evaluation.significance import loss_test
from forecast.evaluation.volatility import score
from forecast.evaluation.walk_forward import walk_forward
from forecast.features.variance import variances
from forecast.forecasters.catalogue import by_name
from forecast.settings import Settings, Target, WalkForward

VOLATILITY = Target(target="volatility")
RIDGE = Settings(models=("ridge",), target=VOLATILITY)


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    prices = Prices.of("IBM", samples.load("IBM").table.iloc[-1500:])
    return walk_forward(prices, by_name(RIDGE), WalkForward(horizon=2), VOLATILITY)


def test_what_is_asked_is_the_volatility_of_the_sessions_to_come() -> None:
    table = samples.load("IBM").table.iloc[:100]
    variance, known = variances(table), outcomes_ahead(table, 3, VOLATILITY)
    three = known.outcomes[2]
    assert three.actual[50] == pytest.approx(100 * np.sqrt(variance[50:53].mean()))
    assert three.last[50] == pytest.approx(100 * np.sqrt(variance[47:50].mean()))
    assert np.flatnonzero(np.isnan(three.actual)).tolist() == [97, 98, 99]


def test_future_shock_leaves_answers_and_intervals_unmoved_by_one_bit() -> None:
    calm = samples.load("MSFT").table.iloc[:400]
    shocked = calm.copy()
    shocked.iloc[350:] *= np.linspace(1.1, 3.0, 50)[:, None]
    before = []
    for table in (calm, shocked):
        found = walk_forward(
            Prices.of("TEST", table), by_name(RIDGE), WalkForward(first=330), VOLATILITY
        )
        early = found[found["cutoff"] < calm.index[350]]
        before.append(early[["last", "forecast", *QUANTILES, "capped"]])
    assert len(before[0]) == 4 * 21
    pd.testing.assert_frame_equal(before[0], before[1], check_exact=True)


def test_losses_are_zero_at_the_actual_and_qlike_punishes_saying_too_little() -> None:
    actual = np.array([1.0, 2.0])
    assert qlike(actual, actual).tolist() == log_squares(actual, actual).tolist() == [0.0, 0.0]
    assert (qlike(actual, actual / 2) > qlike(actual, actual * 2)).all()
    np.testing.assert_allclose(log_squares(actual, actual / 2), log_squares(actual, actual * 2))


def test_scores_are_the_means_of_the_losses_beside_har(answers: pd.DataFrame) -> None:
    scores = score(answers, ["ridge"]).set_index(["forecaster", "horizon"])
    for horizon in (1, 2):
        mine, har = (
            answers[(answers["forecaster"] == name) & (answers["horizon"] == horizon)]
            for name in ("ridge", "har")
        )
        losses = [
            qlike(each["actual"].to_numpy(), each["forecast"].to_numpy()) for each in (mine, har)
        ]
        row = scores.loc[("ridge", horizon)]
        assert row["qlike"] == pytest.approx(losses[0].mean())
        assert row["skill"] == pytest.approx(1 - losses[0].mean() / losses[1].mean())
        # A difference of models goes on for days: as if two forecasts shared a session.
        test = loss_test(losses[0] - losses[1], overlap=2)
        assert row["p_value"] == pytest.approx(test.p_value)
        assert row["overlap"] == horizon
        assert row["tests"] == 2
    assert scores.loc[("har", 1), "skill"] == 0
    assert scores.loc[("har", 1), "reason"] == "identical to HAR"


def test_models_that_stay_wrong_for_days_are_not_told_apart_more_often_than_by_chance() -> None:
    random, days, found = np.random.default_rng(0), 400, 0
    dates = pd.bdate_range("2020-01-01", periods=days + 1)
    table = pd.DataFrame(
        {"ticker": "A", "cutoff": dates[:-1], "date": dates[1:], "horizon": 1, "last": 1.0}
        | dict.fromkeys(QUANTILES, 1.0)
    )
    for _ in range(300):
        actual = np.exp(random.normal(0, 0.05, days))
        parts = []
        for name in ("ridge", "har"):
            off = pd.Series(random.normal(0, 0.3, days + 50)).ewm(alpha=0.2).mean()[50:]
            said = {"forecaster": name, "actual": actual, "forecast": np.exp(off.to_numpy())}
            parts.append(table.assign(**said))
        row = score(pd.concat(parts, ignore_index=True), ["ridge"]).iloc[0]
        found += row["log_p"] < 0.05
    # The bounds of 99 % of a test of 5 %.
    assert 6 <= found <= 25


def test_intervals_of_volatility_hold(answers: pd.DataFrame) -> None:
    scores = score(answers, [])
    assert scores["coverage80"].to_numpy() == pytest.approx(0.8, abs=0.03)
    assert scores["coverage95"].to_numpy() == pytest.approx(0.95, abs=0.02)


def test_more_than_closes_tell_is_found_on_real_prices(answers: pd.DataFrame) -> None:
    row = score(answers, ["ridge"]).iloc[0]
    assert verdict_of(row.to_dict(), "volatility").startswith(
        "better than HAR's forecast of volatility"
    )


def test_overlap_counts_forecasts_that_share_a_session() -> None:
    days = pd.bdate_range("2024-01-01", periods=60)
    for horizon, step, shared in ((1, 1, 1), (5, 1, 5), (5, 3, 2), (5, 5, 1), (5, 7, 1)):
        rows = np.arange(0, 50, step)
        dates = {"cutoff": days[rows], "date": days[rows + horizon]}
        part = pd.DataFrame({"horizon": horizon, **dates})
        assert overlap_of(part) == shared


def test_no_score_is_made_without_har_or_beside_other_cutoffs(answers: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="IBM, horizon 1: no answers of har"):
        score(answers[answers["forecaster"] != "har"], [])
    one = answers.drop(answers.index[answers["forecaster"] == "ewma"][0])
    with pytest.raises(DataError, match="asked at different cutoffs"):
        score(one, [])
    with pytest.raises(DataError, match="nothing to score"):
        score(answers.assign(actual=np.nan), [])

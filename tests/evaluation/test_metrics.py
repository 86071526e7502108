import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import ndtri

from forecast.evaluation import metrics

PRICES = arrays(np.float64, 12, elements=st.floats(1.0, 1000.0))


def path(seed: int, rows: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Actual, forecast and last closes of a random walk, forecast with some noise."""
    random = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(random.normal(0, 0.02, rows + 1)))
    last = closes[:-1]
    return closes[1:], last * np.exp(random.normal(0, 0.01, rows)), last


def utils(actual: np.ndarray, forecast: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"unique_id": "a", "y": actual, "model": forecast, **columns})


def test_errors_equal_scikit_learn() -> None:
    oracle = pytest.importorskip("sklearn.metrics")
    actual, forecast, _ = path(0)
    assert metrics.mae(actual, forecast) == pytest.approx(
        oracle.mean_absolute_error(actual, forecast), rel=1e-9
    )
    assert metrics.rmse(actual, forecast) == pytest.approx(
        oracle.root_mean_squared_error(actual, forecast), rel=1e-9
    )


def test_errors_skill_and_mase_equal_utilsforecast() -> None:
    oracle = pytest.importorskip("utilsforecast.losses")
    actual, forecast, last = path(1)
    table = utils(actual, forecast, last=last)
    assert metrics.mae(actual, forecast) == pytest.approx(
        oracle.mae(table, ["model"])["model"][0], rel=1e-9
    )
    assert metrics.rmse(actual, forecast) == pytest.approx(
        oracle.rmse(table, ["model"])["model"][0], rel=1e-9
    )
    relative = oracle.rmae(table, ["model"], "last")
    assert metrics.skill(actual, forecast, last) == pytest.approx(
        1 - relative["model"][0], abs=1e-9
    )
    history = np.log(path(2)[0])
    scaled = oracle.mase(
        utils(np.log(actual), np.log(forecast)),
        ["model"],
        seasonality=1,
        train_df=pd.DataFrame({"unique_id": "a", "y": history}),
    )
    scale = metrics.naive_scale(np.exp(history))
    assert metrics.mase(actual, forecast, scale) == pytest.approx(scaled["model"][0], rel=1e-9)


def test_interval_and_quantile_scores_equal_scoringrules() -> None:
    oracle = pytest.importorskip("scoringrules")
    actual, forecast, _ = path(3)
    lower, upper = forecast * 0.98, forecast * 1.01
    assert metrics.winkler(actual, lower, upper, 0.8) == pytest.approx(
        oracle.interval_score(actual, lower, upper, 0.2, backend="numpy").mean(), rel=1e-9
    )
    assert metrics.pinball(actual, lower, 0.1) == pytest.approx(
        oracle.quantile_score(actual, lower, 0.1, backend="numpy").mean(), rel=1e-9
    )
    quantiles, levels = np.column_stack([lower, forecast, upper]), np.array([0.1, 0.5, 0.9])
    assert metrics.crps(actual, quantiles, levels) == pytest.approx(
        oracle.crps_quantile(actual, quantiles, levels, backend="numpy").mean(), rel=1e-9
    )


def test_pinball_and_coverage_equal_utilsforecast() -> None:
    oracle = pytest.importorskip("utilsforecast.losses")
    actual, forecast, _ = path(4)
    table = utils(actual, forecast, low=forecast * 0.99, high=forecast * 1.01)
    table = table.rename(columns={"low": "model-lo-80", "high": "model-hi-80"})
    assert metrics.coverage(actual, forecast * 0.99, forecast * 1.01) == pytest.approx(
        oracle.coverage(table, ["model"], 80)["model"][0], abs=1e-9
    )
    loss = oracle.quantile_loss(table, {"model": "model"}, q=0.9)
    assert metrics.pinball(actual, forecast, 0.9) == pytest.approx(loss["model"][0], rel=1e-9)


def test_crps_over_many_quantiles_nears_that_of_the_normal_distribution() -> None:
    levels = np.arange(1, 1000) / 1000
    # sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)) at z = 0.
    exact = 2 / np.sqrt(2 * np.pi) - 1 / np.sqrt(np.pi)
    assert metrics.crps(np.zeros(1), ndtri(levels)[None, :], levels) == pytest.approx(
        exact, rel=2e-3
    )


def test_the_last_close_has_no_skill_and_no_r2() -> None:
    actual, _, last = path(5)
    assert metrics.skill(actual, last, last) == 0
    assert metrics.skill_rmse(actual, last, last) == 0
    assert metrics.r2(actual, last, last) == 0


def test_knowing_the_answer_scores_one() -> None:
    actual, _, last = path(6)
    assert metrics.skill(actual, actual, last) == 1
    assert metrics.r2(actual, actual, last) == 1
    assert metrics.correlation(actual, actual, last) == pytest.approx(1)
    assert metrics.direction(actual, actual, last).share == 1


@given(PRICES, PRICES, PRICES, st.floats(0.001, 1e6))
def test_another_currency_changes_errors_alone(
    actual: np.ndarray, forecast: np.ndarray, last: np.ndarray, rate: float
) -> None:
    for metric in (metrics.mae, metrics.rmse):
        ours = metric(actual, forecast)
        assert metric(rate * actual, rate * forecast) == pytest.approx(rate * ours, rel=1e-9)
    # A ratio to an error of nothing but rounding is nothing but rounding.
    assume(metrics.mae(actual, last) > 1e-6 * actual.max())
    for metric in (metrics.skill, metrics.skill_rmse, metrics.r2):
        ours = metric(actual, forecast, last)
        theirs = metric(rate * actual, rate * forecast, rate * last)
        assert theirs == pytest.approx(ours, rel=1e-6, abs=1e-6, nan_ok=True)


@given(PRICES, PRICES)
def test_rmse_is_at_least_mae_is_at_least_zero(actual: np.ndarray, forecast: np.ndarray) -> None:
    assert metrics.rmse(actual, forecast) * (1 + 1e-12) >= metrics.mae(actual, forecast) >= 0


def test_always_up_scores_the_up_rate() -> None:
    actual, _, last = path(7)
    share, up_rate, flat = metrics.direction(actual, last * 1.001, last)
    assert share == up_rate == np.mean(actual > last)
    assert flat == 0


def test_rows_without_a_change_are_counted_apart() -> None:
    last = np.full(4, 10.0)
    actual, forecast = np.array([11.0, 9.0, 10.0, 11.0]), np.array([11.0, 11.0, 11.0, 10.0])
    assert metrics.direction(actual, forecast, last) == (0.5, 2 / 3, 0.5)


def test_the_last_close_has_no_direction() -> None:
    actual, _, last = path(8)
    share, up_rate, flat = metrics.direction(actual, last, last)
    assert np.isnan(share)
    assert up_rate == np.mean(actual > last)
    assert flat == 1


@pytest.mark.parametrize("late", [0, 1, 2, 3])
def test_the_lag_detector_finds_the_sessions_a_forecast_trails_by(late: int) -> None:
    closes = path(9)[0]
    targets = np.arange(10, 200)
    noise = np.random.default_rng(0).normal(0, 0.1, len(targets))
    assert metrics.lag(closes[targets - late] + noise, closes, targets) == late


def test_the_lag_is_counted_in_sessions_whatever_the_step() -> None:
    closes = path(10)[0]
    targets = np.arange(10, 200, 7)
    assert metrics.lag(closes[targets - 2], closes, targets) == 2


def test_a_lag_is_looked_for_only_as_far_back_as_there_are_closes() -> None:
    closes = path(11)[0]
    assert metrics.lag(closes[:1], closes, np.array([1])) == 1


def test_correlation_equals_numpy() -> None:
    actual, forecast, last = path(12)
    expected = np.corrcoef(np.log(actual / last), np.log(forecast / last))[0, 1]
    assert metrics.correlation(actual, forecast, last) == pytest.approx(expected, abs=1e-12)


def test_a_constant_forecast_change_has_no_correlation() -> None:
    actual, _, last = path(13)
    assert np.isnan(metrics.correlation(actual, last, last))


def test_rows_without_an_interval_count_neither_as_hits_nor_as_misses() -> None:
    actual = np.array([1.0, 5.0, 9.0])
    lower, upper = np.array([0.0, np.nan, 0.0]), np.array([2.0, np.nan, 8.0])
    assert metrics.coverage(actual, lower, upper) == 0.5
    assert metrics.width(np.full(3, 10.0), lower, upper) == pytest.approx(0.5)
    nothing = np.full(3, np.nan)
    assert np.isnan(metrics.coverage(actual, nothing, nothing))
    assert np.isnan(metrics.width(actual, nothing, nothing))


def test_a_perfect_last_close_leaves_no_skill_to_speak_of() -> None:
    same = np.full(3, 10.0)
    assert np.isnan(metrics.skill(same, same + 1, same))
    assert np.isnan(metrics.r2(same, same + 1, same))
    assert np.isnan(metrics.mase(same, same + 1, metrics.naive_scale(same)))
    assert np.isnan(metrics.naive_scale(same[:1]))


def test_mape_and_mcc_equal_scikit_learn() -> None:
    oracle = pytest.importorskip("sklearn.metrics")
    actual, forecast, last = path(14)
    assert metrics.mape(actual, forecast) == pytest.approx(
        oracle.mean_absolute_percentage_error(actual, forecast), rel=1e-9
    )
    expected = oracle.matthews_corrcoef(actual > last, forecast > last)
    assert metrics.mcc(actual, forecast, last) == pytest.approx(expected, abs=1e-9)


def test_rmsse_and_wql_equal_utilsforecast() -> None:
    oracle = pytest.importorskip("utilsforecast.losses")
    actual, forecast, last = path(15)
    history = np.log(path(16)[0])
    scaled = oracle.rmsse(
        utils(np.log(actual), np.log(forecast)),
        ["model"],
        seasonality=1,
        train_df=pd.DataFrame({"unique_id": "a", "y": history}),
    )
    scale = metrics.naive_root_scale(np.exp(history))
    assert metrics.rmsse(actual, forecast, scale) == pytest.approx(scaled["model"][0], rel=1e-9)
    changes, levels = np.log(actual / last), np.array([0.1, 0.5, 0.9])
    quantiles = 0.02 * ndtri(levels) + np.zeros((len(changes), 1))
    table = pd.DataFrame({"unique_id": "a", "y": changes})
    table = table.assign(**{f"q{each}": quantiles[:, each] for each in range(3)})
    weighted = oracle.scaled_crps(table, {"model": ["q0", "q1", "q2"]}, levels)
    assert metrics.wql(changes, quantiles, levels) == pytest.approx(weighted["model"][0], rel=1e-9)


def test_crps_of_a_normal_forecast_equals_scoringrules() -> None:
    oracle = pytest.importorskip("scoringrules")
    actual, mean, last = path(17)
    spread = last * 0.02
    assert metrics.crps_normal(actual, mean, spread) == pytest.approx(
        oracle.crps_normal(actual, mean, spread, backend="numpy").mean(), rel=1e-9
    )


def test_r2_against_the_mean_so_far_equals_utilsforecast_on_returns() -> None:
    oracle = pytest.importorskip("utilsforecast.losses")
    closes = path(18, rows=300)[0]
    cutoffs = np.arange(100, 299)
    last, actual = closes[cutoffs], closes[cutoffs + 1]
    mean = np.array([np.diff(np.log(closes[: row + 1])).mean() for row in cutoffs])
    assert metrics.expanding_means(closes, cutoffs) == pytest.approx(mean, rel=1e-9)
    forecast = last * np.exp(np.random.default_rng(0).normal(0, 0.002, len(last)))
    table = utils(np.log(actual / last), np.log(forecast / last), mean=mean)
    model, naive = (oracle.mse(table, [name])[name][0] for name in ("model", "mean"))
    found = metrics.r2_mean(actual, forecast, last, mean)
    assert found == pytest.approx(1 - model / naive, abs=1e-9)
    assert metrics.r2_mean(actual, last * np.exp(mean), last, mean) == pytest.approx(0, abs=1e-9)


def test_always_up_has_no_matthews_correlation() -> None:
    actual, _, last = path(19)
    assert metrics.mcc(actual, last * 1.001, last) == 0
    assert np.isnan(metrics.mcc(actual, last, last))

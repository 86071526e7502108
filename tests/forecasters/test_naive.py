import numpy as np
import pandas as pd
import pytest

from forecast.forecasters.naive import Drift, Last, Smoothing, Weekday


def _history(closes: list[float], start: str = "2024-01-01") -> pd.DataFrame:
    index = pd.bdate_range(start, periods=len(closes), name="date")
    return pd.DataFrame({"close": closes}, index=index)


def test_last_repeats_the_last_close_at_every_horizon() -> None:
    history = _history([10.0, 12.0])
    assert Last().fit_many([history], 3)[0].forecast([history]).tolist() == [[12.0, 12.0, 12.0]]


def test_drift_goes_on_in_equal_steps_and_logdrift_in_equal_ratios() -> None:
    line, growth = _history([10.0, 12.0, 14.0]), _history([10.0, 20.0, 40.0])
    assert Drift().fit_many([line], 2)[0].forecast([line]).tolist() == [[16.0, 18.0]]
    answers = Drift(logs=True).fit_many([growth], 2)[0].forecast([growth])
    np.testing.assert_allclose(answers, [[80.0, 160.0]])


def test_a_fitted_drift_keeps_its_step_and_starts_from_the_newest_close() -> None:
    fitted = Drift().fit_many([_history([10.0, 12.0])], 1)[0]
    assert fitted.forecast([_history([10.0, 12.0, 50.0])]).tolist() == [[52.0]]


def test_weekday_moves_by_the_mean_change_of_the_days_to_come() -> None:
    days = pd.bdate_range("2024-01-01", periods=101)
    changes = np.where(days.day_of_week == 0, 0.02, -0.001)
    changes[0] = 0.0
    history = _history((100 * np.exp(np.cumsum(changes))).tolist())
    assert history.index[-1].weekday() == 0
    answers = Weekday().fit_many([history], 5)[0].forecast([history])[0]
    steps = np.diff(np.log([history["close"].iloc[-1], *answers]))
    np.testing.assert_allclose(steps, [-0.001] * 4 + [0.02])


def test_smoothing_takes_the_last_close_of_a_random_walk_and_the_mean_of_noise() -> None:
    random = np.random.default_rng(0)
    walk = _history(np.exp(np.cumsum(0.01 * random.standard_normal(800))).tolist())
    noise = _history(np.exp(0.01 * random.standard_normal(800)).tolist())
    for history, low, high in ((walk, 0.9, 1.0), (noise, 0.0, 0.1)):
        fitted = Smoothing().fit_many([history], 1)[0]
        assert low <= fitted.weight <= high


@pytest.mark.parametrize("weight", [0.05, 0.5, 1.0])
def test_smoothing_in_one_product_is_smoothing_step_by_step(weight: float) -> None:
    history = _history(np.random.default_rng(0).uniform(50, 60, 40).tolist())
    level = np.log(history["close"].iloc[0])
    for value in np.log(history["close"].iloc[1:]):
        level += weight * (value - level)
    fitted = Smoothing(weights=(weight,)).fit_many([history], 2)[0]
    np.testing.assert_allclose(fitted.forecast([history]), np.exp([[level, level]]))

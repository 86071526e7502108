from dataclasses import replace

import numpy as np
import pytest

from forecast.data import samples
from forecast.data.synthetic import garch
from forecast.errors import SettingError
from forecast.features.variance import means_ahead, variances
from forecast.features.variance_inputs import volatility
from forecast.forecasters.base import Forecaster
from forecast.forecasters.catalogue import by_name
from forecast.forecasters.volatility import Ewma, Garch, Hars, LastVolatility
from forecast.settings import Inputs, Network, Settings, Target, Training
from tests.made import table

VOLATILITY = Target(target="volatility")
QUICK = Settings(
    models=("gru", "ridge"),
    target=VOLATILITY,
    inputs=Inputs(window=5),
    network=Network(hidden=4),
    training=Training(epochs=15),
)


def answer(forecaster: Forecaster, rows: int = 200, horizon: int = 3) -> np.ndarray:
    history = table(rows)
    return forecaster.fit_many([history], horizon)[0].forecast([history])[0]


def test_last_is_the_volatility_of_as_many_sessions_just_past() -> None:
    variance = variances(table(200))
    expected = [volatility(variance[-ahead:].mean()) for ahead in (1, 2, 3)]
    np.testing.assert_allclose(answer(LastVolatility()), expected)


def test_ewma_is_the_recursion_that_it_stands_for() -> None:
    variance = variances(table(600))
    smoothed = variance[0]
    for each in variance[1:]:
        smoothed = 0.94 * smoothed + 0.06 * each
    np.testing.assert_allclose(answer(Ewma(), 600), [volatility(smoothed)] * 3, rtol=1e-6)


def test_har_answers_with_the_mean_variance_on_the_whole() -> None:
    history = samples.load("MSFT").table
    rows = np.arange(100, len(history) - 1, 7)
    fitted = Hars().fit_many([history], 1)[0]
    said = fitted.forecast([history.iloc[row - 30 : row + 1] for row in rows])[:, 0]
    came = means_ahead(variances(history), 1)[rows, 0]
    assert np.mean(said**2) / 1e4 == pytest.approx(came.mean(), rel=0.15)


def test_an_untrained_network_is_har() -> None:
    history = table(200)
    quiet = replace(QUICK, training=Training(epochs=1, learning_rate=1e-8))
    network = by_name(quiet)["gru"].fit_many([history], 3)[0].forecast([history])
    np.testing.assert_allclose(network[0], answer(Hars()), rtol=1e-5)


def test_every_forecaster_of_volatility_answers_above_zero_from_its_history_alone() -> None:
    known = table(170)
    for name, forecaster in by_name(QUICK).items():
        fitted = forecaster.fit_many([known.iloc[:150]], 2)[0]
        first, second = fitted.forecast([known.iloc[:150], known])
        np.testing.assert_array_equal(first, fitted.forecast([known.iloc[:150]])[0], err_msg=name)
        assert (first > 0).all()
        assert not np.array_equal(first, second)


def test_baselines_of_volatility_are_always_there_and_levels_are_refused() -> None:
    assert list(by_name(QUICK)) == ["gru", "ridge", "last", "ewma", "har"]
    with pytest.raises(SettingError, match="volatility needs changes"):
        by_name(replace(QUICK, inputs=Inputs(inputs="level")))
    with pytest.raises(SettingError, match="no model is named 'drift'"):
        by_name(replace(QUICK, models=("drift",)))


def test_garch_finds_the_process_that_made_the_closes() -> None:
    pytest.importorskip("arch", reason="garch needs the package arch")
    history = garch(4000, seed=2, close_only=True).prices.table
    fitted = Garch().fit_many([history], 2)[0]
    assert fitted.alpha == pytest.approx(0.08, abs=0.03)
    assert fitted.beta == pytest.approx(0.9, abs=0.04)
    arch = pytest.importorskip("arch")
    returns = 100 * np.diff(np.log(history["close"]))
    oracle = arch.arch_model(returns, dist="t").fit(disp="off").forecast(horizon=2)
    expected = oracle.variance.to_numpy()[-1]
    found = fitted.forecast([history])[0]
    np.testing.assert_allclose(found**2, [expected[0], expected.mean()], rtol=1e-6)

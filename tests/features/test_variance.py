import numpy as np
import pandas as pd
import pytest

from forecast.data import samples
from forecast.errors import CheckpointError, DataError
from forecast.features.variance import Har, means_ahead, terms, trailing_means, variances
from forecast.features.variance_inputs import FittedVariance, columns, volatility
from forecast.settings import Inputs, VarianceName
from tests.made import table

RANGED: list[VarianceName] = ["parkinson", "garman-klass", "rogers-satchell"]


def simulated(sessions: int, moves: int = 400, drift: float = 0.0) -> pd.DataFrame:
    """Sessions of a random walk that moves all the time; the variance of each is 0.0001."""
    random = np.random.default_rng(0)
    steps = random.normal(drift / moves, 0.01 / np.sqrt(moves), (sessions, moves))
    paths = np.concatenate([np.zeros((sessions, 1)), np.cumsum(steps, axis=1)], axis=1)
    start = np.concatenate([[0.0], np.cumsum(paths[:, -1])[:-1]])
    logs = start[:, None] + paths
    index = pd.bdate_range("2020-01-01", periods=sessions, name="date")
    return pd.DataFrame(
        {
            "open": np.exp(logs[:, 0]),
            "high": np.exp(logs.max(axis=1)),
            "low": np.exp(logs.min(axis=1)),
            "close": np.exp(logs[:, -1]),
        },
        index=index,
    )


@pytest.mark.parametrize("how", ["close", *RANGED])
def test_every_estimator_finds_the_variance_of_a_known_walk(how: VarianceName) -> None:
    found = variances(simulated(4000), how)
    assert found.mean() == pytest.approx(1e-4, rel=0.1)


def test_ranges_tell_more_than_closes() -> None:
    spread = {how: variances(simulated(4000), how).std() for how in ("close", *RANGED)}
    assert all(spread["close"] ** 2 > 3 * spread[how] ** 2 for how in RANGED)


def test_rogers_satchell_is_not_moved_by_a_drift() -> None:
    calm, rising = (variances(simulated(4000, drift=each), "rogers-satchell") for each in (0, 0.02))
    assert rising.mean() == pytest.approx(calm.mean(), rel=0.1)
    assert variances(simulated(4000, drift=0.02), "close").mean() > 4 * calm.mean()


def test_a_gap_overnight_counts() -> None:
    history = simulated(50)
    gapped = history.copy()
    gapped.iloc[30:] *= 1.05
    for how in RANGED:
        more = variances(gapped, how) - variances(history, how)
        assert more[29] == pytest.approx(np.log(1.05) ** 2, rel=0.01)
        assert np.abs(np.delete(more, 29)).max() < 1e-12


def test_a_session_without_a_move_has_a_variance_above_zero() -> None:
    still = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), [10.0] * 30))
    for how in ("close", *RANGED):
        assert (variances(still, how) == 1e-8).all()


def test_a_range_without_its_columns_is_refused_and_auto_does_without() -> None:
    history = table(40)[["close"]]
    with pytest.raises(DataError, match="variance parkinson needs open, high and low"):
        variances(history, "parkinson")
    np.testing.assert_array_equal(variances(history), variances(history, "close"))


def test_terms_are_means_of_the_sessions_up_to_each() -> None:
    variance = np.arange(1.0, 31.0)
    day, week, month = np.exp(terms(variance))[-1]
    assert (day, week, month) == pytest.approx((30.0, 28.0, 19.5))
    assert len(terms(variance)) == 30 - 22 + 1


def test_har_finds_the_weights_that_made_a_series() -> None:
    random, weights = np.random.default_rng(1), np.array([-0.5, 0.3, 0.35, 0.3])
    logs = list(random.normal(-9, 0.5, 22))
    for _ in range(6000):
        known = terms(np.exp(np.array(logs[-22:])))[0]
        logs.append(float(weights @ [1.0, *known]) + 0.3 * random.standard_normal())
    har = Har.fit(np.exp(np.array(logs)), 1)
    assert har.weights[1:, 0] == pytest.approx(weights[1:], abs=0.06)
    assert har.smear[0] == pytest.approx(np.exp(0.3**2 / 2), rel=0.02)


@pytest.mark.parametrize("horizon", [1, 4])
def test_wanted_outputs_lead_back_to_the_actual_volatility(horizon: int) -> None:
    history = samples.load("IBM").table.iloc[:200]
    fitted = FittedVariance.of(history, Inputs(window=6), "auto", horizon)
    windows, targets = fitted.dataset(history)
    ends = range(fitted.rows, 200 - horizon + 1)
    assert len(windows) == len(targets) == len(ends) == fitted.samples(history)
    known = [history.iloc[:end] for end in ends]
    np.testing.assert_allclose(fitted.windows(known), windows, rtol=1e-9)
    ahead = means_ahead(variances(history), horizon)
    expected = volatility(np.stack([ahead[end - 1] for end in ends]) * fitted.har.smear)
    np.testing.assert_allclose(fitted.prices(targets, known), expected, rtol=1e-9)


def test_a_constant_adjustment_factor_cancels() -> None:
    history = table(80)
    adjusted = history.copy()
    adjusted[["open", "high", "low", "close"]] *= 7.668
    np.testing.assert_allclose(columns(history, "auto"), columns(adjusted, "auto"), atol=1e-9)


def test_what_was_saved_reads_the_same() -> None:
    history = table(120)
    fitted = FittedVariance.of(history, Inputs(window=3), "parkinson", 2)
    again = FittedVariance.from_json(fitted.as_json())
    np.testing.assert_array_equal(fitted.windows([history]), again.windows([history]))
    zero = np.zeros((1, 2))
    np.testing.assert_array_equal(fitted.prices(zero, [history]), again.prices(zero, [history]))
    with pytest.raises(CheckpointError, match="4 columns; this model learned from day"):
        again.windows([history.drop(columns="volume")])


def test_too_short_a_history_says_what_it_needs() -> None:
    with pytest.raises(DataError, match="39 sessions of variance; HAR needs 45"):
        FittedVariance.of(table(40), Inputs(), "auto", 1)
    with pytest.raises(DataError, match="a month of variance needs 22"):
        terms(np.ones(10))


def test_trailing_means_of_a_part_are_those_of_the_whole() -> None:
    values = np.random.default_rng(0).random(100)
    np.testing.assert_array_equal(trailing_means(values, 22)[:30], trailing_means(values[:51], 22))

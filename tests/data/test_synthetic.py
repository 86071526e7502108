from collections.abc import Callable

import numpy as np
import pytest

from forecast.data.synthetic import (
    THRESHOLD_OPTIMUM,
    Synthetic,
    ar1,
    bounce,
    garch,
    random_walk,
    sine,
    threshold,
    trend,
    volatility_shift,
    weekdays,
)
from forecast.errors import SettingError

MAKERS: dict[str, Callable[..., Synthetic]] = {
    "random_walk": random_walk,
    "ar1": lambda rows, seed, **rest: ar1(0.5, rows, seed, **rest),
    "sine": sine,
    "threshold": threshold,
    "garch": garch,
    "trend": lambda rows, seed, **rest: trend(rows, seed, share=0.005, **rest),
    "weekdays": weekdays,
    "bounce": bounce,
    "volatility_shift": lambda rows, seed, **rest: volatility_shift(
        rows, seed, at=rows // 2, **rest
    ),
}


def changes(made: Synthetic) -> np.ndarray:
    return np.diff(np.log(made.prices.table["close"].to_numpy()))


def r2(made: Synthetic, forecast: np.ndarray) -> float:
    actual = changes(made)
    return 1 - float(np.sum((actual - forecast) ** 2) / np.sum(actual**2))


@pytest.mark.parametrize("name", MAKERS)
def test_the_expected_change_reaches_the_optimum(name: str) -> None:
    made = MAKERS[name](40_000, 1)
    assert r2(made, made.expected.to_numpy()[1:]) == pytest.approx(made.optimum, abs=0.01)


@pytest.mark.parametrize("phi", [-0.3, 0.1, 0.5])
def test_an_ar1_has_the_correlation_asked_for(phi: float) -> None:
    made = ar1(phi, 40_000, 2)
    found = changes(made)
    assert np.corrcoef(found[1:], found[:-1])[0, 1] == pytest.approx(phi, abs=0.02)
    assert made.optimum == pytest.approx(phi**2)


@pytest.mark.parametrize("name", ["random_walk", "ar1", "sine", "garch", "weekdays", "bounce"])
def test_a_change_has_a_standard_deviation_of_one_percent(name: str) -> None:
    assert changes(MAKERS[name](40_000, 3)).std() == pytest.approx(0.01, rel=0.05)


def test_the_same_weekday_moves_the_same_way() -> None:
    made = weekdays(200, 0, share=1.0).prices.table["close"]
    moved = np.log(made).diff().iloc[1:].groupby(made.index[1:].day_of_week)
    assert moved.mean().round(4).tolist() == [0.0112, -0.0112, 0.0112, -0.0112, 0.0]
    np.testing.assert_allclose(moved.std(), 0, atol=1e-12)


def test_a_bounce_stays_near_its_level() -> None:
    closes = bounce(2000, 0).prices.table["close"]
    assert closes.between(95, 106).all()


def test_a_sine_without_noise_repeats_itself() -> None:
    found = changes(sine(201, 0, period=20.0, share=1.0))
    np.testing.assert_allclose(found[20:], found[:-20], atol=1e-12)


def test_the_optimum_of_the_threshold_process_is_that_of_its_stationary_density() -> None:
    # Gauss-Legendre on either side of the kink at zero.
    nodes, weights = np.polynomial.legendre.leggauss(100)
    grid = np.concatenate([-6 * (nodes + 1), 6 * (nodes + 1)])
    mean = 0.6 * (np.abs(grid) - 0.85)
    step = np.exp(-0.5 * (grid[:, None] - mean[None, :]) ** 2) * np.tile(weights, 2)
    density = np.exp(-0.5 * grid**2)
    for _ in range(100):
        density = step @ density
        density /= density @ np.tile(weights, 2)
    signal = float((mean**2 * density) @ np.tile(weights, 2))
    assert signal / (1 + signal) == pytest.approx(THRESHOLD_OPTIMUM, abs=1e-10)


def test_the_expected_change_follows_from_the_change_before() -> None:
    made = threshold(500, 4)
    before = changes(made)[:-1] / 0.01
    expected = made.expected.to_numpy()[2:] / 0.01
    np.testing.assert_allclose(expected, 0.6 * (np.abs(before) - 0.85), atol=1e-9)
    made = ar1(0.3, 500, 4)
    np.testing.assert_allclose(made.expected.to_numpy()[2:], 0.3 * changes(made)[:-1], atol=1e-12)


def test_a_straight_line_finds_next_to_nothing_in_the_threshold_process() -> None:
    made = threshold(40_000, 4)
    found = changes(made)
    slope, level = np.polyfit(found[:-1], found[1:], 1)
    assert r2(made, np.concatenate([[0.0], slope * found[:-1] + level])) < 0.005


def test_garch_volatility_comes_in_clusters_with_fat_tails() -> None:
    found = changes(garch(40_000, 5)) ** 2
    assert np.corrcoef(found[1:], found[:-1])[0, 1] > 0.05
    assert np.mean(found**2) / np.mean(found) ** 2 > 4


def test_the_volatility_shifts_at_the_row_asked_for() -> None:
    calm = volatility_shift(1000, 6, at=600, factor=1.0)
    wild = volatility_shift(1000, 6, at=600, factor=2.5)
    ratio = changes(wild) / changes(calm)
    # Change 599 leads into row 600.
    np.testing.assert_allclose(ratio[:599], 1.0)
    np.testing.assert_allclose(ratio[599:], 2.5)


@pytest.mark.parametrize("name", MAKERS)
def test_sessions_are_consistent(name: str) -> None:
    table = MAKERS[name](500, 7).prices.table
    assert (table["high"] >= table[["open", "close"]].max(axis=1)).all()
    assert (table["low"] <= table[["open", "close"]].min(axis=1)).all()
    assert (table["volume"] > 0).all()


@pytest.mark.parametrize("name", MAKERS)
def test_closes_are_the_same_with_and_without_the_other_columns(name: str) -> None:
    whole, bare = MAKERS[name](300, 8), MAKERS[name](300, 8, close_only=True)
    assert list(bare.prices.table.columns) == ["close"]
    assert whole.prices.table["close"].equals(bare.prices.table["close"])


def test_the_shape_of_a_session_tells_nothing_about_the_next_change() -> None:
    made = random_walk(20_000, 9)
    table = np.log(made.prices.table)
    following = changes(made)[1:]
    for first, second in (("open", "close"), ("high", "close"), ("low", "close"), ("high", "open")):
        shape = (table[first] - table[second]).to_numpy()[1:-1]
        assert abs(np.corrcoef(shape, following)[0, 1]) < 0.025
    assert abs(np.corrcoef(table["volume"].to_numpy()[1:-1], following)[0, 1]) < 0.025


@pytest.mark.parametrize("name", MAKERS)
def test_a_seed_gives_the_same_series_and_another_seed_another(name: str) -> None:
    one, two, three = (MAKERS[name](100, seed).prices for seed in (1, 1, 2))
    assert one.receipt.sha256 == two.receipt.sha256
    assert one.ticker != three.ticker
    if name != "sine":
        assert one.receipt.sha256 != three.receipt.sha256


def test_synthetic_prices_say_so() -> None:
    prices = random_walk(50, 0).prices
    assert prices.receipt.source == "synthetic"
    assert len(prices.table) == 50
    assert prices.table["close"].iloc[0] == 100


@pytest.mark.parametrize(
    "make",
    [
        lambda: random_walk(1, 0),
        lambda: random_walk(10**6, 0),
        lambda: ar1(1.0, 100, 0),
        lambda: sine(100, 0, share=1.5),
        lambda: sine(100, 0, period=1.0),
        lambda: trend(100, 0, share=1.5),
        lambda: weekdays(100, 0, share=-0.5),
        lambda: garch(100, 0, alpha=0.5, beta=0.5),
        lambda: volatility_shift(100, 0, at=100),
    ],
)
def test_a_process_out_of_range_is_refused(make: Callable[[], Synthetic]) -> None:
    with pytest.raises(SettingError, match="got"):
        make()

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import DataError
from forecast.forecasters.intervals import expected_scale, half_widths

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / ".." / "shared" / "reference" / "interval_reference.py"
TICKERS = ("GOOG", "AAPL", "IBM", "MSFT")
# What the reference finds for GOOG, cutoffs on rows 123 to 129.
GOOG = [
    [0.03277825766674697, 0.05737000133933944],
    [0.02955080513279721, 0.056173101246811366],
    [0.029052774905746686, 0.0552263959965699],
    [0.02835814796655174, 0.053905980217412185],
    [0.027682282081065254, 0.052621227309865785],
    [0.030453933356727542, 0.053301862936908376],
    [0.0275343050744643, 0.05233993793935148],
]


def bundled(ticker: str) -> np.ndarray:
    return pd.read_csv(ROOT / "datasets" / f"{ticker}.csv")["adj_close"].to_numpy()


def walk(rows: int, seed: int = 0) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, rows)))


def cutoffs_of(closes: np.ndarray, horizon: int = 1, step: int = 1) -> np.ndarray:
    return np.arange(int(0.7 * len(closes)) - 1, len(closes) - horizon, step)


def covered(closes: np.ndarray, widths: np.ndarray, horizon: int = 1, step: int = 1) -> np.ndarray:
    """Share of actuals inside each interval around the last close."""
    cutoffs = cutoffs_of(closes, horizon, step)
    moved = np.abs(np.log(closes[cutoffs + horizon] / closes[cutoffs]))
    return np.mean(moved[:, None] <= widths, axis=0)


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    if not REFERENCE.exists():
        pytest.skip("the interval reference, ../shared/reference, is not beside this checkout")
    spec = importlib.util.spec_from_file_location("interval_reference", REFERENCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("ticker", TICKERS)
def test_widths_around_the_last_close_equal_the_reference(
    reference: ModuleType, ticker: str
) -> None:
    closes = bundled(ticker)
    changes = np.diff(np.log(closes))
    scale = reference.scale(changes)
    cutoffs = cutoffs_of(closes)
    expected = np.column_stack(
        [
            reference.adaptive_widths(
                np.abs(changes) / scale, scale, cutoffs[0], len(changes), alpha
            )
            for alpha in (0.2, 0.05)
        ]
    )
    ours = half_widths(closes, cutoffs, closes[cutoffs], 1)
    np.testing.assert_allclose(ours, np.maximum.accumulate(expected, axis=1), rtol=0, atol=1e-12)


def test_widths_are_those_worked_out_before() -> None:
    closes = bundled("GOOG")[:130]
    cutoffs = np.arange(123, 130)
    ours = half_widths(closes, cutoffs, closes[cutoffs], 1)
    np.testing.assert_allclose(ours, GOOG, rtol=0, atol=1e-12)


@pytest.mark.parametrize("ticker", TICKERS)
def test_coverage_holds_on_real_prices(ticker: str) -> None:
    closes = bundled(ticker)
    cutoffs = cutoffs_of(closes)
    wide, wider = covered(closes, half_widths(closes, cutoffs, closes[cutoffs], 1))
    assert wide == pytest.approx(0.8, abs=0.02)
    assert wider == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(("horizon", "step"), [(1, 5), (3, 1), (5, 5), (20, 1)])
def test_coverage_holds_at_other_horizons_and_steps(horizon: int, step: int) -> None:
    found = []
    for ticker in TICKERS:
        closes = bundled(ticker)
        cutoffs = cutoffs_of(closes, horizon, step)
        widths = half_widths(closes, cutoffs, closes[cutoffs], horizon)
        found.append(covered(closes, widths, horizon, step))
    assert np.mean(found, axis=0) == pytest.approx([0.8, 0.95], abs=0.025)


def test_coverage_holds_for_a_forecaster_that_is_always_a_third_too_low() -> None:
    closes = bundled("IBM")
    cutoffs = cutoffs_of(closes)
    widths = half_widths(closes, cutoffs, closes[cutoffs] * 2 / 3, 1)
    missed = np.abs(np.log(closes[cutoffs[:-1] + 1] / (closes[cutoffs[:-1]] * 2 / 3)))
    inside = np.mean(missed[100:, None] <= widths[100:-1], axis=0)
    assert inside == pytest.approx([0.8, 0.95], abs=0.04)


def test_widths_follow_a_volatility_that_leaps() -> None:
    changes = np.random.default_rng(3).normal(0, 0.01, 2000)
    changes[1500:] *= 2.5
    closes = 100 * np.exp(np.cumsum(changes))
    cutoffs = cutoffs_of(closes)
    wide, wider = covered(closes, half_widths(closes, cutoffs, closes[cutoffs], 1))
    assert wide >= 0.77
    assert wider >= 0.935


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 59), st.sampled_from([1, 2, 5]), st.sampled_from([1, 3]))
def test_future_noise_leaves_the_widths_unmoved(answer: int, horizon: int, step: int) -> None:
    closes = walk(260)
    cutoffs = np.arange(100, 255, step)[:60]
    answer = min(answer, len(cutoffs) - 1)
    forecasts = closes[cutoffs] * 1.01
    noisy = closes.copy()
    noisy[cutoffs[answer] + 1 :] *= np.exp(np.random.default_rng(1).normal(0, 1, 260))[
        cutoffs[answer] + 1 :
    ]
    calm = half_widths(closes, cutoffs, forecasts, horizon)[: answer + 1]
    wild = half_widths(noisy, cutoffs, forecasts, horizon)[: answer + 1]
    np.testing.assert_array_equal(calm, wild)


def test_later_answers_leave_the_widths_unmoved() -> None:
    closes = walk(300)
    cutoffs = np.arange(100, 300)
    whole = half_widths(closes, cutoffs, closes[cutoffs], 5)
    part = half_widths(closes[:201], cutoffs[:101], closes[cutoffs[:101]], 5)
    np.testing.assert_array_equal(whole[:101], part)


def test_an_error_moves_the_width_only_once_its_session_has_come() -> None:
    closes = walk(300)
    cutoffs = np.arange(200, 290)
    forecasts = closes[cutoffs]
    off = forecasts.copy()
    off[40] *= 2
    for horizon in (1, 5):
        plain, moved = (half_widths(closes, cutoffs, each, horizon) for each in (forecasts, off))
        first = int(np.argmax((plain != moved).any(axis=1)))
        assert first == 40 + horizon


def test_the_next_session_has_an_interval_though_its_actual_is_unknown() -> None:
    closes = walk(300)
    cutoffs = np.array([250, 299])
    assert np.isfinite(half_widths(closes, cutoffs, closes[cutoffs], 5)).all()


def test_intervals_begin_with_the_sixtieth_score() -> None:
    closes = walk(200)
    cutoffs = np.arange(1, 199)
    widths = half_widths(closes, cutoffs, closes[cutoffs], 1)
    # 60 changes for the first expected volatility, then 60 scores.
    assert np.flatnonzero(np.isfinite(widths).all(axis=1))[0] == np.flatnonzero(cutoffs == 120)[0]
    assert np.isfinite(widths).all(axis=1).sum() == len(cutoffs) - 119


def test_too_short_a_history_has_no_interval() -> None:
    closes = walk(50)
    cutoffs = np.arange(30, 50)
    assert np.isnan(half_widths(closes, cutoffs, closes[cutoffs], 1)).all()
    assert half_widths(closes, cutoffs[:0], closes[:0], 1).shape == (0, 2)


def test_a_close_that_never_moved_expects_no_scale() -> None:
    closes = np.concatenate([np.full(150, 100.0), walk(250)])
    assert np.isnan(expected_scale(closes)[:150]).all()
    cutoffs = np.arange(200, 399)
    widths = half_widths(closes, cutoffs, closes[cutoffs], 1)
    assert np.isfinite(widths[-1]).all()


def test_the_wider_interval_holds_the_narrower() -> None:
    closes = bundled("AAPL")
    cutoffs = cutoffs_of(closes)
    widths = half_widths(closes, cutoffs, closes[cutoffs] * 1.02, 1, (0.5, 0.8, 0.95))
    assert (np.diff(widths, axis=1) >= 0).all()
    assert (widths >= 0).all()


def test_another_currency_has_the_same_widths() -> None:
    closes = walk(300)
    cutoffs = np.arange(200, 300)
    ours = half_widths(closes, cutoffs, closes[cutoffs] * 1.01, 1)
    theirs = half_widths(7.668 * closes, cutoffs, 7.668 * closes[cutoffs] * 1.01, 1)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_forecast_that_is_no_price_is_refused() -> None:
    closes = walk(100)
    for bad in (-1.0, 0.0, np.nan, np.inf):
        with pytest.raises(DataError, match="forecast 2 of 2 is"):
            half_widths(closes, np.array([80, 81]), np.array([1.0, bad]), 1)

import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.data.synthetic import Synthetic, garch, volatility_shift
from forecast.errors import DataError
from forecast.evaluation import metrics
from forecast.evaluation.answers import QUANTILES
from forecast.forecasters.intervals import LEAVE, close_outcomes, distances, expected_scale

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / ".." / "shared" / "reference" / "interval_reference.py"
TICKERS = ("GOOG", "AAPL", "IBM", "MSFT")
LEVELS = tuple(QUANTILES.values())
ENDS = (0.025, 0.1, 0.9, 0.975)
# What `worked_out` finds for GOOG, cutoffs on rows 123 to 129.
GOOG = [
    [-0.057401503301906354, -0.03539029749344829, 0.030911224653709903, 0.0760704734921949],
    [-0.04643413405191066, -0.033811216378678254, 0.02999848430873802, 0.07382428004643936],
    [-0.04562189551953034, -0.03321978136368025, 0.0294737426425895, 0.07253292561282552],
    [-0.043456506129771866, -0.03164304367499269, 0.028074806257593975, 0.06909023596256941],
    [-0.041225467014041846, -0.03001850285321465, 0.02663345727430969, 0.06554317172120587],
    [-0.04268120900114183, -0.034999481791653436, 0.027419679249760277, 0.06785761359301692],
    [-0.041880403589422285, -0.03434280464772844, 0.02690521801389803, 0.06658443634561964],
]


def bundled(ticker: str) -> np.ndarray:
    return pd.read_csv(ROOT / "datasets" / f"{ticker}.csv")["adj_close"].to_numpy()


def walk(rows: int, seed: int = 0) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, rows)))


def cutoffs_of(closes: np.ndarray, horizon: int = 1, step: int = 1) -> np.ndarray:
    return np.arange(int(0.7 * len(closes)) - 1, len(closes) - horizon, step)


def quantiles(
    closes: np.ndarray,
    cutoffs: np.ndarray,
    forecasts: np.ndarray,
    horizon: int = 1,
    levels: tuple[float, ...] = ENDS,
) -> np.ndarray:
    return distances(close_outcomes(closes, horizon), cutoffs, forecasts, levels)[0]


def judged(
    closes: np.ndarray, horizon: int = 1, step: int = 1, factor: float = 1.0, skipped: int = 0
) -> np.ndarray:
    """Coverage at 80 and 95 %, Winkler scores in per cent, around the last close times a factor."""
    cutoffs = cutoffs_of(closes, horizon, step)
    found = quantiles(closes, cutoffs, factor * closes[cutoffs], horizon)[skipped:]
    moved = np.log(closes[cutoffs + horizon] / (factor * closes[cutoffs]))[skipped:]
    scores = []
    for share, low, high in ((0.8, found[:, 1], found[:, 2]), (0.95, found[:, 0], found[:, 3])):
        scores += [
            metrics.coverage(moved, low, high),
            100 * metrics.winkler(moved, low, high, share),
        ]
    return np.array(scores)[[0, 2, 1, 3]]


def scale_worked_out(closes: np.ndarray) -> np.ndarray:
    """The slow twin of `expected_scale`."""
    moves = np.abs(np.diff(np.log(closes)))
    quick = slow = moves[:60].mean()
    found = [np.nan] * 60
    for row, move in enumerate(moves):
        quick, slow = 0.9 * quick + 0.1 * move, 0.97 * slow + 0.03 * move
        if row >= 59:
            found.append(0.8 * (quick + slow) / 2 + 0.2 * moves[: row + 1].mean())
    return np.array(found)


def worked_out(
    scores: np.ndarray, first: int, level: float, leave: int = LEAVE, horizon: int = 1
) -> list[float]:
    """The slow twin: every list made anew and sorted. Scores are known `horizon` rows later."""
    upper, tail = level >= 0.5, round(min(level, 1 - level), 12)
    adapted, seed, own, found = tail, list(scores[: first - horizon + 1]), [], []
    for answer in range(len(scores) - first):
        if answer >= horizon:
            score, quantile = scores[first + answer - horizon], found[answer - horizon]
            own.append(score)
            missed = score > quantile if upper else score < quantile
            adapted += 0.005 / horizon ** (1 / 3) * (tail - missed)
            seed = seed[min(leave, max(0, len(seed) + len(own) - 60)) :]
        known = np.sort(seed + own)
        rank = int(np.ceil((len(known) + (horizon + 1) / 2) * (1 - max(adapted, 0))))
        rank = min(max(rank, 1), len(known))
        found.append(known[rank - 1] if upper else known[-rank])
    return found


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
def test_the_slow_twin_equals_the_reference_where_no_score_leaves(
    reference: ModuleType, ticker: str
) -> None:
    changes = np.diff(np.log(bundled(ticker)))
    scale = reference.scale(changes)
    scores, first = changes / scale, int(0.7 * len(changes))
    for level, tail, sign in ((0.9, 0.1, 1), (0.025, 0.025, -1)):
        expected = reference.adaptive_widths(sign * scores, scale, first, len(changes), tail)
        twin = worked_out(scores[60:], first - 60, level, leave=0)
        np.testing.assert_allclose(sign * scale[first:] * twin, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("level", [0.025, 0.1, 0.5, 0.8, 0.975])
@pytest.mark.parametrize("ticker", ["GOOG", "IBM"])
def test_quantiles_around_the_last_close_equal_the_slow_twin(
    ticker: str, level: float, horizon: int
) -> None:
    closes = bundled(ticker)[:1500]
    cutoffs = cutoffs_of(closes, horizon)
    scale = scale_worked_out(closes) * np.sqrt(horizon)
    scores = (np.log(closes[horizon:] / closes[:-horizon]) / scale[:-horizon])[60:]
    twin = worked_out(scores, cutoffs[0] - 60, level, horizon=horizon)
    ours = quantiles(closes, cutoffs, closes[cutoffs], horizon, levels=(level,))[:, 0]
    np.testing.assert_allclose(ours, twin * scale[cutoffs], rtol=0, atol=1e-12)


def test_the_expected_change_equals_its_slow_twin() -> None:
    closes = bundled("AAPL")[:800]
    np.testing.assert_allclose(expected_scale(closes), scale_worked_out(closes), rtol=1e-12)


def test_quantiles_are_those_worked_out_before() -> None:
    closes = bundled("GOOG")[:130]
    cutoffs = np.arange(123, 130)
    ours = quantiles(closes, cutoffs, closes[cutoffs])
    np.testing.assert_allclose(ours, GOOG, rtol=0, atol=1e-12)


@pytest.mark.parametrize("horizon", [1, 5, 10, 20])
@pytest.mark.parametrize("ticker", TICKERS)
def test_coverage_holds_on_real_prices(ticker: str, horizon: int) -> None:
    wide, wider, *_ = judged(bundled(ticker), horizon)
    assert wide == pytest.approx(0.8, abs=0.013 if horizon == 1 else 0.02)
    assert wider == pytest.approx(0.95, abs=0.005 if horizon == 1 else 0.011)


def test_intervals_on_real_prices_score_within_what_was_measured() -> None:
    """Mean Winkler scores over the four tickers; those of widths alike on both sides."""
    *_, wide, wider = np.mean([judged(bundled(ticker)) for ticker in TICKERS], axis=0)
    assert wide < 5.36
    assert wider < 8.50


@pytest.mark.parametrize("level", LEVELS)
def test_every_quantile_has_its_share_below(level: float) -> None:
    for horizon, off in ((1, 0.01), (5, 0.02)):
        below = []
        for ticker in TICKERS:
            closes = bundled(ticker)
            cutoffs = cutoffs_of(closes, horizon)
            found = quantiles(closes, cutoffs, closes[cutoffs], horizon, (level,))[:, 0]
            below.append(np.mean(np.log(closes[cutoffs + horizon] / closes[cutoffs]) <= found))
        assert np.mean(below) == pytest.approx(level, abs=off)


@pytest.mark.parametrize(("horizon", "step"), [(1, 5), (3, 1), (5, 5), (20, 1)])
def test_coverage_holds_at_other_horizons_and_steps(horizon: int, step: int) -> None:
    found = np.mean([judged(bundled(ticker), horizon, step)[:2] for ticker in TICKERS], axis=0)
    assert found == pytest.approx([0.8, 0.95], abs=0.015)


@pytest.mark.parametrize("factor", [2 / 3, 0.98, 1.02])
def test_intervals_around_a_forecast_that_errs_to_one_side_move_over(factor: float) -> None:
    closes = bundled("IBM")
    cutoffs = cutoffs_of(closes)
    found = quantiles(closes, cutoffs, closes[cutoffs] * factor, levels=(0.5,))[500:, 0]
    assert np.median(found) == pytest.approx(-np.log(factor), abs=0.01)
    wide, wider, *_ = judged(closes, factor=factor, skipped=500)
    assert wide >= 0.77
    assert wider >= 0.94


@pytest.mark.parametrize(("horizon", "off"), [(1, 0.01), (5, 0.01), (20, 0.02)])
@pytest.mark.parametrize("make", [garch, partial(volatility_shift, at=1267)])
def test_coverage_holds_on_simulated_series(
    make: Callable[..., Synthetic], horizon: int, off: float
) -> None:
    """Clusters with fat tails; a volatility 2.5 times as large from the hundredth answer on."""
    every = [make(1667, seed, close_only=True).prices.table["close"] for seed in range(32)]
    found = np.mean([judged(each.to_numpy(), horizon)[:2] for each in every], axis=0)
    assert found == pytest.approx([0.8, 0.95], abs=off)


def test_a_quantile_beyond_all_errors_is_capped_and_says_so() -> None:
    closes = walk(400)
    cutoffs = np.arange(240, 390)
    ever_lower = closes[cutoffs] * np.exp(-0.01 * np.arange(150))
    for forecasts, some in ((closes[cutoffs], False), (ever_lower, True)):
        found, capped = distances(close_outcomes(closes, 1), cutoffs, forecasts, (0.1, 0.9))
        assert capped.any() == some
        assert np.isfinite(found).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 59), st.sampled_from([1, 2, 5]), st.sampled_from([1, 3]))
def test_future_noise_leaves_the_quantiles_unmoved(answer: int, horizon: int, step: int) -> None:
    closes = walk(260)
    cutoffs = np.arange(100, 255, step)[:60]
    answer = min(answer, len(cutoffs) - 1)
    forecasts = closes[cutoffs] * 1.01
    noisy = closes.copy()
    noisy[cutoffs[answer] + 1 :] *= np.exp(np.random.default_rng(1).normal(0, 1, 260))[
        cutoffs[answer] + 1 :
    ]
    calm, wild = (
        distances(close_outcomes(each, horizon), cutoffs, forecasts, LEVELS)
        for each in (closes, noisy)
    )
    np.testing.assert_array_equal(calm[0][: answer + 1], wild[0][: answer + 1])
    np.testing.assert_array_equal(calm[1][: answer + 1], wild[1][: answer + 1])


def test_later_answers_leave_the_quantiles_unmoved() -> None:
    closes = walk(300)
    cutoffs = np.arange(100, 300)
    whole = quantiles(closes, cutoffs, closes[cutoffs], 5)
    part = quantiles(closes[:201], cutoffs[:101], closes[cutoffs[:101]], 5)
    np.testing.assert_array_equal(whole[:101], part)


def test_an_error_moves_the_quantiles_only_once_its_session_has_come() -> None:
    closes = walk(300)
    cutoffs = np.arange(200, 290)
    forecasts = closes[cutoffs]
    off = forecasts.copy()
    off[40] *= 2
    for horizon in (1, 5):
        plain, moved = (quantiles(closes, cutoffs, each, horizon) for each in (forecasts, off))
        first = int(np.argmax((plain != moved).any(axis=1)))
        assert first == 40 + horizon


def test_the_next_session_has_an_interval_though_its_actual_is_unknown() -> None:
    closes = walk(300)
    cutoffs = np.array([250, 299])
    assert np.isfinite(quantiles(closes, cutoffs, closes[cutoffs], 5)).all()


def test_intervals_begin_with_the_sixtieth_score() -> None:
    closes = walk(200)
    cutoffs = np.arange(1, 199)
    found = quantiles(closes, cutoffs, closes[cutoffs])
    # 60 changes for the first expected volatility, then 60 scores.
    assert np.flatnonzero(np.isfinite(found).all(axis=1))[0] == np.flatnonzero(cutoffs == 120)[0]
    assert np.isfinite(found).all(axis=1).sum() == len(cutoffs) - 119


def test_too_short_a_history_has_no_interval() -> None:
    closes = walk(50)
    cutoffs = np.arange(30, 50)
    assert np.isnan(quantiles(closes, cutoffs, closes[cutoffs])).all()
    assert quantiles(closes, cutoffs[:0], closes[:0]).shape == (0, 4)


def test_a_close_that_never_moved_expects_no_scale() -> None:
    closes = np.concatenate([np.full(150, 100.0), walk(250)])
    assert np.isnan(expected_scale(closes)[:150]).all()
    cutoffs = np.arange(200, 399)
    found = quantiles(closes, cutoffs, closes[cutoffs])
    assert np.isfinite(found[-1]).all()


def test_quantiles_never_cross() -> None:
    closes = bundled("AAPL")
    cutoffs = cutoffs_of(closes)
    for factor in (0.98, 1.0, 1.02):
        found = quantiles(closes, cutoffs, closes[cutoffs] * factor, levels=LEVELS)
        assert (np.diff(found, axis=1) >= 0).all()


def test_the_mirrored_series_has_mirrored_quantiles() -> None:
    closes = bundled("MSFT")[:800]
    cutoffs = cutoffs_of(closes)
    ours = quantiles(closes, cutoffs, closes[cutoffs])
    theirs = quantiles(1 / closes, cutoffs, 1 / closes[cutoffs])
    np.testing.assert_allclose(ours, -theirs[:, ::-1], rtol=0, atol=1e-12)


def test_another_currency_has_the_same_quantiles() -> None:
    closes = walk(300)
    cutoffs = np.arange(200, 300)
    ours = quantiles(closes, cutoffs, closes[cutoffs] * 1.01)
    theirs = quantiles(7.668 * closes, cutoffs, 7.668 * closes[cutoffs] * 1.01)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)


def test_a_forecast_that_is_no_price_is_refused() -> None:
    closes = walk(100)
    for bad in (-1.0, 0.0, np.nan, np.inf):
        with pytest.raises(DataError, match="forecast 2 of 2 is"):
            quantiles(closes, np.array([80, 81]), np.array([1.0, bad]))

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecast.evaluation.significance import (
    Test,
    clark_west,
    correlated,
    degrees,
    diebold_mariano,
    giacomini_white,
    holm,
    long_run_variance,
    loss_test,
    pesaran_timmermann,
)


def path(seed: int, rows: int = 300, noise: float = 0.3) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    closes = 100 + np.cumsum(random.normal(0, 1, rows + 1))
    return closes[1:], closes[:-1] + random.normal(0, noise, rows), closes[:-1]


@pytest.mark.parametrize("seed", range(3))
def test_diebold_mariano_equals_statsmodels(seed: int) -> None:
    oracle = pytest.importorskip("statsmodels.tsa.stattools").diebold_mariano_test
    actual, forecast, last = path(seed)
    ours = diebold_mariano(actual, forecast, last, alternative="different")
    theirs = oracle(actual, forecast, last, lags=0, harvey_adj=True, horizon=1)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize("noise", [0.1, 1.0])
def test_one_side_is_half_of_both(noise: float) -> None:
    paths = path(4, noise=noise)
    better = diebold_mariano(*paths)
    different = diebold_mariano(*paths, alternative="different")
    assert better.statistic == different.statistic > 0
    assert better.p_value == pytest.approx(1 - different.p_value / 2, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_pesaran_timmermann_equals_statsmodels(seed: int) -> None:
    oracle = pytest.importorskip("statsmodels.stats.diagnostic").pesaran_timmermann
    actual, forecast, last = path(seed)
    ours = pesaran_timmermann(actual - last, forecast - last)
    theirs = oracle(actual - last, forecast - last, alternative="larger")
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize("overlap", [2, 20])
def test_where_forecasts_overlap_all_is_made_of_a_cosine_transform(overlap: int) -> None:
    transform = pytest.importorskip("scipy.fft").dct
    stats = pytest.importorskip("scipy.stats")
    actual, forecast, last = path(5)
    errors, theirs = (actual - forecast) ** 2, (actual - last) ** 2
    count = {2: 18, 20: 7}[overlap]
    assert degrees(300, overlap) == count
    for values, test in (
        (errors - theirs, diebold_mariano),
        (errors - theirs - (last - forecast) ** 2, clark_west),
    ):
        variance = np.mean(transform(values, norm="ortho")[1 : count + 1] ** 2)
        assert long_run_variance(values, overlap) == pytest.approx(variance, rel=1e-9)
        expected = values.mean() / np.sqrt(variance / 300)
        ours = test(actual, forecast, last, overlap)
        assert abs(ours.statistic) == pytest.approx(abs(expected), rel=1e-9)
        assert ours.p_value == pytest.approx(stats.t.cdf(expected, count), rel=1e-9)


def test_clark_west_equals_its_formula_written_out() -> None:
    stats = pytest.importorskip("scipy.stats")
    actual, forecast, last = path(5)
    adjusted = (actual - last) ** 2 - ((actual - forecast) ** 2 - (last - forecast) ** 2)
    expected = adjusted.mean() / np.sqrt(np.var(adjusted) / len(adjusted))
    ours = clark_west(actual, forecast, last)
    assert ours.statistic == pytest.approx(expected, rel=1e-9)
    assert ours.p_value == pytest.approx(stats.norm.sf(expected), rel=1e-9)


@pytest.mark.parametrize(("overlap", "rows"), [(1, 250), (5, 250), (20, 250)])
def test_tests_of_overlapping_forecasts_hold_their_level(overlap: int, rows: int) -> None:
    random, better, signal = np.random.default_rng(0), 0, 0
    for _ in range(1000):
        closes = np.cumsum(random.standard_t(5, rows + overlap))
        came = closes[overlap:] - closes[:rows]
        said = np.full(rows, 0.3 * np.sqrt(overlap))
        signal += clark_west(came, said, np.zeros(rows), overlap).p_value < 0.05
        # Half of what is said comes true: neither errs less.
        came = came + said / 2
        better += loss_test((came - said) ** 2 - came**2, overlap).p_value < 0.05
    # The bounds of 99 % of a test of 5 %; Newey and West's rejects 85 to 115 times.
    assert 32 <= better <= 68
    assert 32 <= signal <= 68


def test_a_clear_improvement_is_seen_by_all_three() -> None:
    actual, _, last = path(6)
    forecast = last + 0.5 * (actual - last)
    assert diebold_mariano(actual, forecast, last).p_value < 1e-6
    assert clark_west(actual, forecast, last).p_value < 1e-6
    assert pesaran_timmermann(actual - last, forecast - last).p_value < 1e-6


def test_noise_on_random_walks_is_rarely_called_better() -> None:
    p_values = [diebold_mariano(*path(seed, rows=200)).p_value for seed in range(400)]
    # 31 of 400 is the 99 % bound of a test of 5 %.
    assert sum(p_value < 0.05 for p_value in p_values) <= 31


def test_clark_west_holds_its_level_on_random_walks() -> None:
    p_values = [clark_west(*path(seed, rows=200)).p_value for seed in range(400)]
    assert 8 <= sum(p_value < 0.05 for p_value in p_values) <= 31


@pytest.mark.parametrize("test", [diebold_mariano, clark_west])
def test_the_last_close_itself_is_called_identical(test: Callable[..., Test]) -> None:
    actual, _, last = path(7)
    for same in (last, last * (1 + 1e-12)):
        result = test(actual, same, last)
        assert result.reason == "identical to the last close"
        assert np.isnan(result.p_value)


@pytest.mark.parametrize("test", [diebold_mariano, clark_west])
def test_a_short_or_overlapping_test_says_what_it_needs(test: Callable[..., Test]) -> None:
    paths = path(8)
    assert test(*(each[:3] for each in paths)).reason == "too few forecasts: 3; needs 10"
    few = test(*(each[:50] for each in paths), overlap=20)
    assert few.reason == "too few forecasts: 50; needs 200"
    assert test(*(each[:10] for each in paths)).reason == ""


def test_nothing_at_all_is_too_few() -> None:
    none = np.empty(0)
    assert diebold_mariano(none, none, none).reason == "too few forecasts: 0; needs 10"
    assert pesaran_timmermann(none, none).reason == "too few forecasts: 0; needs 10"


def test_errors_that_differ_by_a_constant_have_no_p_value() -> None:
    last = np.full(20, 100.0)
    named = {
        diebold_mariano: "the two errors differ by the same amount each time",
        clark_west: "what it averages is the same each time",
    }
    for test, reason in named.items():
        result = test(last + 2, last + 1, last)
        assert result.reason == reason
        assert np.isnan(result.statistic)


@pytest.mark.parametrize(("sign", "what"), [(1.0, "rise"), (-1.0, "fall")])
def test_a_constant_sign_has_no_direction_to_test(sign: float, what: str) -> None:
    actual, _, last = path(9)
    changes, same = actual - last, np.full(300, sign)
    words = f"constant sign: every forecast is a {what}"
    assert pesaran_timmermann(changes, same).reason == words
    words = f"constant sign: every change is a {what}"
    assert pesaran_timmermann(same, changes).reason == words


def test_changes_of_nothing_have_no_direction_and_say_which() -> None:
    actual, forecast, last = path(9)
    changes, said, none = actual - last, forecast - last, np.zeros(300)
    assert pesaran_timmermann(changes, none).reason == "no change is ever forecast"
    assert pesaran_timmermann(none, said).reason == "nothing ever changed"
    hardly = np.where(np.arange(300) < 9, said, 0.0)
    words = "too few forecasts with a direction: 9; needs 10"
    assert pesaran_timmermann(changes, hardly).reason == words
    some = np.where(np.arange(300) < 200, said, 0.0)
    assert pesaran_timmermann(changes, some) == pesaran_timmermann(changes[:200], said[:200])


@pytest.mark.parametrize("seed", range(3))
def test_the_test_of_a_correlation_equals_scipy(seed: int) -> None:
    oracle = pytest.importorskip("scipy.stats").pearsonr
    actual, forecast, last = path(seed)
    ours = correlated(actual - last, forecast - last)
    theirs = oracle(actual - last, forecast - last, alternative="greater")
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)
    assert correlated(actual, actual).p_value < 1e-12


def test_a_correlation_that_cannot_be_tested_says_why() -> None:
    actual, forecast, last = path(9)
    few = correlated((actual - last)[:9], (forecast - last)[:9])
    assert few.reason == "too few forecasts: 9; needs 10"
    same = np.full(300, 0.3) * (1 + 1e-13 * np.arange(300))
    for pair in ((actual, same), (same, forecast)):
        assert correlated(*pair).reason == "the changes forecast, or those that came, never vary"


def test_holm_equals_statsmodels() -> None:
    oracle = pytest.importorskip("statsmodels.stats.multitest").multipletests
    p_values = np.random.default_rng(0).uniform(0, 0.3, 9)
    assert holm(p_values) == pytest.approx(oracle(p_values, method="holm")[1], abs=1e-12)


@given(arrays(np.float64, st.integers(0, 8), elements=st.floats(0, 1)))
def test_holm_never_makes_a_claim_easier_nor_reorders_claims(p_values: np.ndarray) -> None:
    adjusted = holm(p_values)
    assert (adjusted >= p_values).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= 0).all()


def test_a_test_that_could_not_be_made_still_counts_as_tried() -> None:
    assert holm(np.array([0.02, np.nan, np.nan])).tolist()[0] == pytest.approx(0.06)


@pytest.mark.parametrize("seed", range(3))
def test_giacomini_white_equals_its_regression(seed: int) -> None:
    api = pytest.importorskip("statsmodels.api")
    stats = pytest.importorskip("scipy.stats")
    actual, forecast, last = path(seed)
    d = (actual - forecast) ** 2 - (actual - last) ** 2
    moments = np.column_stack([d[1:], d[1:] * d[:-1]])
    # n times the uncentred R2 of a constant on the moments: Giacomini and White, section 3.1.
    expected = len(moments) * api.OLS(np.ones(len(moments)), moments).fit().rsquared
    ours = giacomini_white(actual, forecast, last, rolling=True)
    assert ours.statistic == pytest.approx(expected, rel=1e-9)
    assert ours.p_value == pytest.approx(stats.chi2.sf(expected, 2), rel=1e-9)


def test_giacomini_white_over_several_sessions_equals_its_formula_written_out() -> None:
    transform = pytest.importorskip("scipy.fft").dct
    stats = pytest.importorskip("scipy.stats")
    actual, forecast, last = path(5)
    d = (actual - forecast) ** 2 - (actual - last) ** 2
    z = np.stack([np.array([1.0, d[t - 3]]) * d[t] for t in range(3, len(d))])
    count = degrees(len(z), 3)
    seen = transform(z, norm="ortho", axis=0)[1 : count + 1]
    mean = z.mean(axis=0)
    expected = len(z) * mean @ np.linalg.inv(seen.T @ seen / count) @ mean
    ours = giacomini_white(actual, forecast, last, 3, rolling=True)
    assert ours.statistic == pytest.approx(expected, rel=1e-9)
    share = (count - 1) / (2 * count)
    assert ours.p_value == pytest.approx(stats.f.sf(share * expected, 2, count - 1), rel=1e-9)


def test_giacomini_white_sees_a_difference_that_comes_and_goes() -> None:
    actual, _, last = path(6)
    good = (np.arange(300) // 50 % 2).astype(bool)
    apart = np.where(good, 0.6, -1.0) * (actual - last)
    assert giacomini_white(actual, last + apart, last, rolling=True).p_value < 0.01


def test_giacomini_white_needs_histories_of_one_length_and_enough_answers() -> None:
    paths = path(7)
    assert giacomini_white(*paths, rolling=False).reason.startswith("histories grow")
    actual, _, last = paths
    same = giacomini_white(actual, last, last, rolling=True)
    assert same.reason == "identical to the last close"
    few = giacomini_white(*(each[:11] for each in paths), overlap=2, rolling=True)
    assert few.reason == "too few forecasts: 11; needs 22"
    level = np.full(20, 100.0)
    constant = giacomini_white(level + 2, level + 1, level, rolling=True)
    assert constant.reason == "the two errors differ by the same amount each time"
    seldom = np.where(np.arange(300) % 3 == 0, actual, last)
    apart = giacomini_white(actual, seldom, last, rolling=True)
    assert apart.reason == "the errors differ too seldom"
    first = np.where(np.arange(300) == 0, actual, last)
    assert not giacomini_white(actual, first, last, rolling=True).reason.startswith("identical")

import numpy as np
import pytest

from forecast.evaluation.calibration import christoffersen, kupiec


def held(seed: int, rows: int = 300, coverage: float = 0.8) -> np.ndarray:
    return np.random.default_rng(seed).random(rows) < coverage


@pytest.mark.parametrize("coverage", [0.8, 0.95, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_kupiec_equals_the_likelihood_ratio_of_scipy(seed: int, coverage: float) -> None:
    stats = pytest.importorskip("scipy.stats")
    inside = held(seed)
    counts = [(~inside).sum(), inside.sum()]
    expected = [len(inside) * (1 - coverage), len(inside) * coverage]
    theirs = stats.power_divergence(counts, expected, lambda_="log-likelihood")
    ours = kupiec(inside, coverage)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_christoffersen_equals_the_likelihood_ratio_of_scipy(seed: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    inside = held(seed)
    table = np.zeros((2, 2))
    np.add.at(table, (inside[:-1].astype(int), inside[1:].astype(int)), 1)
    theirs = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    ours = christoffersen(inside)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-9)


def test_intervals_too_narrow_or_too_wide_are_seen() -> None:
    assert kupiec(held(0, coverage=0.7), 0.8).p_value < 0.01
    assert kupiec(held(0, coverage=0.9), 0.8).p_value < 0.01
    assert kupiec(np.ones(300, dtype=bool), 0.8).p_value < 1e-9
    assert kupiec(held(1), 0.8).p_value > 0.05


def test_misses_in_a_row_are_seen() -> None:
    inside = np.ones(300, dtype=bool)
    inside[100:160] = False
    assert kupiec(inside, 0.8).p_value == pytest.approx(1)
    assert christoffersen(inside).p_value < 1e-9


def test_both_hold_their_level() -> None:
    runs = [held(seed, rows=500) for seed in range(400)]
    for p_values in ([kupiec(each, 0.8).p_value for each in runs],
                     [christoffersen(each).p_value for each in runs]):  # fmt: skip
        # The 99 % bounds of 400 tries at 5 %.
        assert 8 <= sum(p_value < 0.05 for p_value in p_values) <= 31


def test_what_cannot_be_tested_says_why() -> None:
    few = np.ones(9, dtype=bool)
    assert kupiec(few, 0.8).reason == "too few intervals: 9; needs 10"
    assert christoffersen(few).reason == "too few intervals: 9; needs 10"
    for test in (lambda none: kupiec(none, 0.8), christoffersen):
        none = test(np.ones(0, dtype=bool))
        assert none.reason == "no intervals, because too few errors lie before them"
    held = np.ones(100, dtype=bool)
    assert christoffersen(held).reason == "nearly all intervals held, too few misses to compare"
    assert christoffersen(~held).reason == "nearly all intervals missed, too few hits to compare"

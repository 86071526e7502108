import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.evaluation.bootstrap import interval, resampled_rows, shares, usual_shares


def test_resampled_means_are_those_of_the_rows_drawn() -> None:
    values = np.random.default_rng(0).normal(size=50)
    drawn = resampled_rows(50, block=5, repeats=20)
    assert shares(drawn) @ values == pytest.approx(values[drawn].mean(axis=1), rel=1e-12)


@given(st.integers(1, 40), st.floats(1.0, 50.0))
def test_rows_are_rows_and_follow_each_other_within_a_block(rows: int, block: float) -> None:
    drawn = resampled_rows(rows, block, repeats=3)
    assert drawn.min() >= 0
    assert drawn.max() < rows
    assert shares(drawn).sum(axis=1) == pytest.approx(1)


def test_blocks_are_as_long_as_asked() -> None:
    drawn = resampled_rows(1000, block=10, repeats=200)
    breaks = (np.diff(drawn, axis=1) % 1000 != 1).mean()
    assert breaks == pytest.approx(0.1, abs=0.003)


def test_longer_blocks_keep_the_variance_of_a_mean_that_single_rows_lose() -> None:
    random = np.random.default_rng(1)
    steps = random.normal(size=2000)
    values = np.convolve(steps, np.ones(10), mode="valid")
    true = 10 / np.sqrt(len(values))
    short, long = ((shares(resampled_rows(len(values), block)) @ values).std() for block in (1, 44))
    assert short < 0.5 * true
    assert long == pytest.approx(true, rel=0.25)


def test_the_usual_draw_is_the_same_each_time_and_cannot_be_written() -> None:
    first = usual_shares(30, 1).copy()
    usual_shares.cache_clear()
    assert np.array_equal(usual_shares(30, 1), first)
    with pytest.raises(ValueError, match="read-only"):
        usual_shares(30, 1)[0, 0] = 1.0


def test_an_interval_leaves_as_much_on_each_side() -> None:
    assert interval(np.arange(201.0)) == pytest.approx((5, 195))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.errors import DataError
from forecast.features.windows import build_dataset, last_window


@given(st.integers(1, 5), st.integers(1, 5))
def test_no_window_holds_its_own_answer(window: int, horizon: int) -> None:
    x, y = build_dataset(np.arange(20.0)[:, None], window=window, horizon=horizon, target=0)
    assert (x.max(axis=(1, 2)) < y.min(axis=1)).all()


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 12))
def test_every_window_with_an_answer_is_there_once(window: int, horizon: int, more: int) -> None:
    rows = window + horizon + more
    series = np.stack([np.arange(float(rows)), -np.arange(float(rows))], axis=1)
    x, y = build_dataset(series, window=window, horizon=horizon, target=1)
    assert x.shape == (more + 1, window, 2)
    assert x[:, 0, 0].tolist() == list(range(more + 1))
    assert (y[:, 0] == x[:, -1, 1] - 1).all()
    assert y[-1, -1] == series[-1, 1]


def test_windows_are_views_of_the_series() -> None:
    series = np.zeros((100, 5))
    x, y = build_dataset(series, window=7)
    assert np.shares_memory(x, series)
    assert np.shares_memory(y, series)


@pytest.mark.usefixtures("own_refusals")
def test_a_series_without_features_is_refused_with_the_way_out() -> None:
    with pytest.raises(DataError, match=r"shape \(5,\); needs \(row, feature\)"):
        build_dataset(np.arange(5.0), window=2)


def test_too_few_rows_are_refused_with_both_numbers() -> None:
    with pytest.raises(DataError) as error:
        build_dataset(np.zeros((7, 1)), window=7)
    assert str(error.value) == "7 rows; window 7 + horizon 1 need 8"
    with pytest.raises(DataError, match="6 rows; window 7 needs 7"):
        last_window(np.zeros((6, 1)), window=7)

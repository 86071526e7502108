import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import MinMaxScaler

from forecast.features.scaling import MinMax

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(arrays(float, (6, 3), elements=NUMBERS), st.sampled_from([(0.0, 1.0), (-1.0, 1.0)]))
def test_scaling_is_that_of_scikit_learn(rows: np.ndarray, bounds: tuple[float, float]) -> None:
    fitted, oracle = MinMax.fit(rows[:4], bounds), MinMaxScaler(bounds).fit(rows[:4])
    wide = np.ptp(rows[:4], axis=0)
    usual = (wide == 0) | (wide > 1e-6)  # below it scikit-learn takes a column for constant
    np.testing.assert_allclose(
        fitted.scale(rows)[:, usual], oracle.transform(rows)[:, usual], rtol=1e-9, atol=1e-6
    )


def test_rows_outside_the_fitted_range_are_not_clipped() -> None:
    assert MinMax.fit(np.array([[0.0], [1.0]])).scale(np.array([[20.0]])).tolist() == [[20.0]]

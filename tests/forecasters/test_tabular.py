import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from forecast.forecasters.tabular import REGRESSORS, Tabular
from forecast.settings import Inputs
from tests.made import table

WHOLE = table(400, signal=0.6)


def test_any_regressor_finds_a_planted_signal() -> None:
    forecaster = Tabular(regressor=LinearRegression(), inputs=Inputs(window=2))
    fitted = forecaster.fit_many([WHOLE.iloc[:300]], 1)[0]
    known = [WHOLE.iloc[:end] for end in range(300, 400)]
    closes = WHOLE["close"].to_numpy()
    wanted = np.log(closes[300:400] / closes[299:399])
    forecast = np.log(fitted.forecast(known)[:, 0] / closes[299:399])
    assert np.corrcoef(forecast, wanted)[0, 1] > 0.4


@pytest.mark.parametrize("name", REGRESSORS)
def test_regressors_by_name_answer_every_horizon(name: str) -> None:
    fitted = Tabular(regressor=REGRESSORS[name]()).fit_many([WHOLE.iloc[:200]], 2)[0]
    assert fitted.forecast([WHOLE.iloc[:200], WHOLE.iloc[:220]]).shape == (2, 2)


def test_the_regressor_given_is_not_fitted_itself() -> None:
    regressor = LinearRegression()
    Tabular(regressor=regressor).fit_many([WHOLE.iloc[:100]], 1)
    assert not hasattr(regressor, "coef_")


def test_progress_counts_the_histories() -> None:
    seen: list[tuple[int, int]] = []
    forecaster = Tabular(progress=lambda *at: seen.append(at))
    forecaster.fit_many([WHOLE.iloc[:100], WHOLE.iloc[:120]], 1)
    assert seen == [(1, 2), (2, 2)]

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from forecast.errors import SettingError
from forecast.features.windows import build_dataset
from forecast.sklearn import RecurrentRegressor


@parametrize_with_checks([RecurrentRegressor()])
def test_what_scikit_learn_asks_of_an_estimator(estimator: Any, check: Any) -> None:
    if check.func.__name__ == "check_do_not_raise_errors_in_init_or_set_params" and hasattr(
        estimator.fit, "__wrapped__"
    ):
        pytest.skip("it hands over parameters of strange types, which are refused where checked")
    check(estimator)


def waves() -> tuple[np.ndarray, np.ndarray]:
    windows, ahead = build_dataset(np.sin(np.arange(240.0) / 3)[:, None], window=6)
    return windows.reshape(len(windows), -1), ahead[:, 0]


def test_works_in_pipelines_and_walks_forward_in_cross_validation() -> None:
    X, y = waves()
    pipeline = make_pipeline(StandardScaler(), RecurrentRegressor(epochs=80))
    scores = cross_val_score(pipeline, X, y, cv=TimeSeriesSplit(3))
    assert scores.min() > 0.8


def test_a_search_prefers_the_network_that_is_allowed_to_learn() -> None:
    X, y = waves()
    search = GridSearchCV(RecurrentRegressor(), {"epochs": [1, 80]}, cv=TimeSeriesSplit(2))
    assert search.fit(X, y).best_params_ == {"epochs": 80}


def test_several_features_are_the_steps_of_a_window_one_after_the_other() -> None:
    series = np.stack([np.zeros(240), np.sin(np.arange(240.0) / 3)], axis=1)
    windows, ahead = build_dataset(series, window=6, target=1)
    X = windows.reshape(len(windows), -1)
    model = RecurrentRegressor(features=2, epochs=80).fit(X[:160], ahead[:160, 0])
    assert model.score(X[160:], ahead[160:, 0]) > 0.8


def test_rows_that_are_no_whole_steps_are_refused() -> None:
    X, y = waves()
    with pytest.raises(ValueError, match="rows of 6 numbers; features 4 needs a multiple"):
        RecurrentRegressor(features=4).fit(X, y)


def test_several_targets_are_answered_at_once() -> None:
    X, y = waves()
    both = np.stack([y, -y], axis=1)
    answers = RecurrentRegressor(epochs=60).fit(X, both).predict(X)
    assert answers.shape == both.shape
    assert np.corrcoef(answers[:, 1], -y)[0, 1] > 0.9


def test_a_random_state_may_be_none_or_a_generator_as_everywhere_in_scikit_learn() -> None:
    X, y = waves()
    one, other = (
        RecurrentRegressor(epochs=1, random_state=np.random.RandomState(3)).fit(X, y).predict(X)
        for _ in range(2)
    )
    drawn = RecurrentRegressor(epochs=1, random_state=None).fit(X, y).predict(X)
    assert (one == other).all()
    assert (one != drawn).any()


@pytest.mark.parametrize(
    ("wrong", "words"), [({"hidden": 2.5}, "hidden is a whole number"), ({"cell": "x"}, "cell is")]
)
def test_a_parameter_that_is_none_is_refused_by_its_name(wrong: Any, words: str) -> None:
    X, y = waves()
    with pytest.raises(SettingError, match=words):
        RecurrentRegressor(**wrong).fit(X, y)

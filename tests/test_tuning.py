from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.data.prices import Prices
from forecast.errors import SettingError
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import (
    Network,
    Search,
    Settings,
    Target,
    TargetName,
    Training,
    WalkForward,
)
from forecast.settings_file import read
from forecast.tuning import Tuned, tune
from tests.made import prices, table

QUICK = Settings(
    models=("lstm", "gru"),
    network=Network(hidden=4),
    training=Training(epochs=8, learning_rate=0.02),
    walk_forward=WalkForward(first=160),
)
SEARCH = Search(trials=6, refits=2)
GIVEN = prices(220, signal=0.7)


@pytest.fixture(scope="module")
def found() -> Tuned:
    return tune([GIVEN], QUICK, SEARCH)


def test_trial_0_is_what_was_given_and_the_best_is_first(found: Tuned) -> None:
    first = found.trials[found.trials["trial"] == 0].iloc[0]
    assert (first["model"], first["hidden"], first["window"]) == ("lstm", 4, 7)
    assert found.trials["r2"].is_monotonic_decreasing
    assert sorted(found.trials["trial"]) == list(range(6))
    windows = found.trials.sort_values("trial")["window"].tolist()
    assert [each.inputs.window for each in found.tried] == windows
    assert set(found.trials["model"]) <= {"lstm", "gru"}


def test_a_notebook_shows_every_trial(found: Tuned) -> None:
    assert found._repr_html_().count("<tr") == 1 + len(found.trials)


def test_nothing_that_fit_is_scored_on_moves_the_search(found: Tuned) -> None:
    shocked = GIVEN.table.copy()
    shocked.iloc[160:] *= 3.0
    other = tune([Prices.of("TEST", shocked)], QUICK, SEARCH)
    pd.testing.assert_frame_equal(other.trials, found.trials)
    assert found.last == GIVEN.table.index[159]


def test_the_choice_is_a_file_that_settings_are_read_from(found: Tuned, tmp_path: Path) -> None:
    path = tmp_path / "tuned.toml"
    path.write_text(found.toml())
    best = found.trials.iloc[0]
    assert read(path) == {
        "models": best["model"],
        **{name: best[name] for name in ("hidden", "window", "learning_rate", "trust")},
    }


def test_what_can_be_learned_is_better_than_the_last_close(found: Tuned) -> None:
    assert found.trials["r2"].iloc[0] > 0.05


@pytest.mark.parametrize("target", ["return", "direction", "volatility"])
def test_every_target_is_searched_inside_the_history(target: TargetName) -> None:
    settings = replace(QUICK, target=Target(target=target), walk_forward=WalkForward(first=300))
    given = prices(360, signal=0.7)
    shocked = given.table.copy()
    shocked.iloc[300:] *= 3.0
    search = replace(SEARCH, trials=3)
    found, other = (tune([each], settings, search) for each in (given, Prices.of("TEST", shocked)))
    pd.testing.assert_frame_equal(other.trials, found.trials)
    assert np.isfinite(found.trials["r2"]).all()
    # What can be learned here is the change, not how large it is.
    assert (found.trials["r2"].max() > 0) == (target != "volatility")
    assert {each.target.target for each in found.tried} == {target}


def test_a_search_by_optuna_takes_the_same_way_twice() -> None:
    pytest.importorskip("optuna")
    one, two = (tune([GIVEN], QUICK, replace(SEARCH, search="optuna", trials=10)) for _ in range(2))
    pd.testing.assert_frame_equal(one.trials, two.trials)


def test_without_a_network_there_is_nothing_to_search() -> None:
    with pytest.raises(SettingError, match="models names no network"):
        tune([GIVEN], replace(QUICK, models=("ridge",)))


def test_trials_learn_together_what_each_learns_alone() -> None:
    own = Recurrent(network=Network(hidden=4), training=Training(epochs=15))
    trials = [
        replace(own, training=replace(own.training, learning_rate=rate, trust=trust))
        for rate, trust in ((0.005, 0.2), (0.05, 0.9))
    ]
    histories = [table(120, 0, 0.8), table(150, 1, 0.8)]
    together = own.fit_trials(trials, histories, 2)
    for trial, fits in zip(trials, together, strict=True):
        alone = trial.fit_many(histories, 2)
        for one, other in zip(fits, alone, strict=True):
            np.testing.assert_allclose(
                one.forecast(histories), other.forecast(histories), rtol=1e-6
            )
            assert one.settings == trial

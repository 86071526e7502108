"""The screen of a search says what the trials show, and what they do not."""

import pandas as pd

from forecast.reporting.screens.tune import screen

LAST = pd.Timestamp(2013, 3, 1)
ALIKE = "All answered alike: validation supported nothing of what they learned."


def trials(*r2: float) -> pd.DataFrame:
    given = {"model": "lstm", "hidden": 10, "window": 7, "learning_rate": 0.01, "trust": 0.35}
    return pd.DataFrame([{"trial": at, **given, "r2": each} for at, each in enumerate(r2)])


def test_trials_that_cannot_be_told_apart_are_said_to_answer_alike() -> None:
    assert ALIKE in screen(trials(0.1, 0.1), LAST, 50, "tuned.toml", "close").splitlines()
    assert ALIKE not in screen(trials(0.1, 0.2), LAST, 50, "tuned.toml", "close")
    assert ALIKE not in screen(trials(0.1), LAST, 50, "tuned.toml", "close")

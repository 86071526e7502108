"""One forecaster at one horizon, or a sentence that says why not."""

import numpy as np
import pandas as pd
import pytest

from forecast.errors import SettingError
from forecast.reporting.selection import select
from tests.reporting import made

ANSWERS = made.answers(made.closes(), count=40, horizon=3)


def test_the_first_model_and_the_farthest_horizon_are_taken() -> None:
    chosen = select(ANSWERS)
    assert (chosen.forecaster, chosen.horizon, len(chosen.known)) == ("lstm", 3, 40)
    assert chosen.names == made.FORECASTERS


def test_sessions_to_come_are_those_after_the_newest_cutoff() -> None:
    upcoming = select(ANSWERS, "drift", 2).upcoming
    assert upcoming["horizon"].tolist() == [1, 2]
    assert upcoming["actual"].isna().all()
    assert set(upcoming["cutoff"]) == {ANSWERS["cutoff"].max()}


def test_rows_may_come_in_any_order() -> None:
    shuffled = ANSWERS.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(
        select(shuffled, "lstm").known, select(ANSWERS, "lstm").known, check_exact=True
    )


def test_the_newest_answers_are_the_last_ones() -> None:
    chosen = select(ANSWERS)
    assert chosen.newest(5).known["date"].tolist() == chosen.known["date"].tolist()[-5:]


@pytest.mark.parametrize(
    ("answers", "forecaster", "horizon", "words"),
    [
        (ANSWERS, "gru", None, "forecaster is one of lstm, last, drift, ridge; got 'gru'"),
        (ANSWERS, "lstm", 9, "horizon is one of 1, 2, 3; got 9"),
        (ANSWERS.assign(actual=np.nan), None, None, "no answer of lstm has its actual yet"),
        (
            pd.concat([ANSWERS, ANSWERS.assign(ticker="IBM")]),
            None,
            None,
            "answers hold 2 tickers",
        ),
    ],
)
def test_what_cannot_be_shown_is_said(
    answers: pd.DataFrame, forecaster: str | None, horizon: int | None, words: str
) -> None:
    with pytest.raises(SettingError, match=words):
        select(answers, forecaster, horizon)

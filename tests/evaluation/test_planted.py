"""A signal that is there is found and claimed; one that is not there is not."""

import pandas as pd
import pytest

from forecast.data.synthetic import ar1, random_walk
from tests.benchmarks.planted import LSTM, ROWS, judged

SIGNALS, WALKS = 3, 4


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """Series that repeat half of each change, then random walks; all learned together."""
    series = [ar1(0.5, ROWS, seed, close_only=True) for seed in range(SIGNALS)]
    series += [random_walk(ROWS, seed, close_only=True) for seed in range(WALKS)]
    return judged(series, LSTM)


def test_a_planted_signal_is_found_to_within_six_percent_and_claimed(found: pd.DataFrame) -> None:
    signals = found.iloc[:SIGNALS]
    assert (signals["excess"] < 0.06).all()
    assert signals["claimed"].all()


def test_a_random_walk_is_never_claimed_nor_made_much_worse(found: pd.DataFrame) -> None:
    walks = found.iloc[SIGNALS:]
    assert not walks["claimed"].any()
    assert (walks["excess"].abs() < 0.02).all()

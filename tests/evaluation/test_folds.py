import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from forecast.errors import DataError
from forecast.evaluation.folds import final_fold, folds, rolling
from forecast.settings import WalkForward
from tests.made import table

TABLE = table(60)

SETTINGS = st.builds(
    WalkForward,
    first=st.integers(20, 40).map(float),
    horizon=st.integers(1, 5),
    step=st.integers(1, 6),
    refit=st.integers(0, 7),
    span=st.sampled_from([0, 5, 15]),
    gap=st.integers(0, 4),
)


@given(SETTINGS)
def test_every_cutoff_is_asked_once_after_its_history(setting: WalkForward) -> None:
    made = folds(TABLE, setting)
    asked = [cutoff for fold in made for cutoff in fold.cutoffs]
    assert asked == list(range(int(setting.first) - 1, 60 - setting.horizon, setting.step))
    for fold in made:
        assert fold.stop == fold.cutoffs[0] + 1 - setting.gap
        assert fold.history.index[-1] < fold.actual.index[0]
        assert len(fold.history) == (min(setting.span, fold.stop) if setting.span else fold.stop)
        assert [each.index[-1] for each in fold.known] == [TABLE.index[at] for at in fold.cutoffs]
        assert not setting.refit or len(fold.cutoffs) <= setting.refit


def test_folds_of_one_step_are_those_of_scikit_learn() -> None:
    ours = folds(TABLE, WalkForward(first=50, refit=1, span=30, gap=2))
    theirs = TimeSeriesSplit(n_splits=10, test_size=1, max_train_size=30, gap=2).split(TABLE)
    for fold, (history, actual) in zip(ours, theirs, strict=True):
        assert (fold.start, fold.stop) == (history[0], history[-1] + 1)
        assert fold.cutoffs[0] + 1 == actual[0]


def test_first_is_a_share_or_a_number_of_rows() -> None:
    assert folds(TABLE, WalkForward(first=0.7))[0].stop == 42
    assert folds(TABLE, WalkForward(first=42))[0].stop == 42


def test_the_final_fold_learns_from_everything() -> None:
    fold = final_fold(TABLE, WalkForward())
    assert (len(fold.history), list(fold.cutoffs), len(fold.actual)) == (60, [59], 0)


@pytest.mark.parametrize(
    "setting",
    [WalkForward(first=60), WalkForward(first=40, gap=39), WalkForward(first=50, horizon=11)],
)
def test_a_series_too_short_for_one_answer_is_refused(setting: WalkForward) -> None:
    with pytest.raises(DataError, match="60 rows; a first history of"):
        folds(TABLE, setting)


def test_history_and_table_share_memory() -> None:
    close = pd.DataFrame({"close": range(60)}, dtype="float64")
    fold = folds(close, WalkForward())[0]
    assert fold.history["close"].to_numpy().base is not None


def test_histories_are_of_one_length_where_the_first_fills_the_span() -> None:
    lengths = {
        span: {
            len(each.history) for each in folds(TABLE, WalkForward(first=30, refit=5, span=span))
        }
        for span in (0, 20, 30, 31, 1000)
    }
    for span, found in lengths.items():
        assert rolling(TABLE, WalkForward(first=30, refit=5, span=span)) == (len(found) == 1)
    assert not rolling(TABLE, WalkForward(first=30, refit=0))

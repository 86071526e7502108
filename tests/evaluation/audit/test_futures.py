import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.audit.futures import KINDS, gapped, mixed, reordered, scaled, shocked
from tests.made import table

WHOLE = table(120).assign(mood=np.arange(120.0))


@pytest.mark.parametrize("seed", range(KINDS + 1))
def test_another_future_changes_every_later_number_and_no_earlier_one(seed: int) -> None:
    other = shocked(WHOLE, 70, seed)
    pd.testing.assert_frame_equal(other.iloc[:71], WHOLE.iloc[:71], check_freq=False)
    assert (other.iloc[71:] != WHOLE.iloc[71:]).all(axis=None)
    assert (other.drop(columns="mood") > 0).all(axis=None)
    assert (other["high"] >= other[["open", "close", "low"]].max(axis=1)).all()


def test_futures_differ_by_kind_and_by_cutoff() -> None:
    closes = [
        shocked(WHOLE, after, seed)["close"].iloc[-1] for after in (70, 80) for seed in (0, 3)
    ]
    assert len(set(closes)) == 4


def test_steps_go_on_in_one_kind_of_future_and_turn_back_in_another() -> None:
    went, turned = (np.diff(np.log(shocked(WHOLE, 20, seed)["close"]))[21:] for seed in (3, 4))
    assert np.corrcoef(went[1:], went[:-1])[0, 1] > 0.3
    assert np.corrcoef(turned[1:], turned[:-1])[0, 1] < -0.3


def test_a_mixed_table_takes_the_rows_asked_for() -> None:
    other = shocked(WHOLE, 0, 0)
    both = mixed(WHOLE, other, range(10, 20))
    assert both.iloc[10:20].equals(other.iloc[10:20])
    assert both.drop(WHOLE.index[10:20]).equals(WHOLE.drop(WHOLE.index[10:20]))


def test_reordering_keeps_the_levels_or_the_steps() -> None:
    rows, steps = reordered(WHOLE, 60)
    assert sorted(rows["close"]) == sorted(WHOLE["close"])
    changes = [np.sort(np.diff(np.log(each["close"]))) for each in (steps, WHOLE)]
    np.testing.assert_allclose(changes[0], changes[1], atol=1e-12)
    assert all(each.iloc[:61].equals(WHOLE.iloc[:61]) for each in (rows, steps))


def test_a_gap_is_one_session_and_scaling_leaves_volume_and_covariates() -> None:
    holed = gapped(WHOLE, 5)
    assert holed.index[holed.isna().all(axis=1)].tolist() == [WHOLE.index[5]]
    grown = scaled(WHOLE, 2.0)
    assert (grown[["open", "close"]] == 2 * WHOLE[["open", "close"]]).all(axis=None)
    assert grown[["volume", "mood"]].equals(WHOLE[["volume", "mood"]])

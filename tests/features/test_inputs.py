import numpy as np
import pandas as pd
import pytest

from forecast.errors import CheckpointError, DataError
from forecast.features.inputs import FittedInputs, columns
from forecast.settings import InputKind, Inputs
from tests.made import table


def test_a_constant_adjustment_factor_cancels_in_changes() -> None:
    history = table(50)
    adjusted = history.copy()
    adjusted[["open", "high", "low", "close"]] *= 7.668
    np.testing.assert_allclose(
        columns(history, "changes"), columns(adjusted, "changes"), atol=1e-13
    )


@pytest.mark.parametrize("kind", ["changes", "level"])
@pytest.mark.parametrize("horizon", [1, 3])
def test_wanted_outputs_lead_back_to_the_actual_closes(kind: InputKind, horizon: int) -> None:
    history = table(60)
    fitted = FittedInputs.of(history, Inputs(inputs=kind, window=4), horizon)
    windows, targets = fitted.dataset(history)
    assert windows.shape == (60 - fitted.rows - horizon + 1, 4, 5)
    ends = range(fitted.rows, 60 - horizon + 1)
    known = [history.iloc[:end] for end in ends]
    closes = history["close"].to_numpy()
    expected = np.stack([closes[end : end + horizon] for end in ends])
    np.testing.assert_allclose(fitted.prices(targets, known), expected)
    np.testing.assert_allclose(fitted.windows(known), windows)


def test_an_output_of_zero_without_belief_in_drift_is_the_last_close() -> None:
    history = table(60)
    fitted = FittedInputs.of(history, Inputs(drift=0.0), 2)
    last = history["close"].iloc[-1]
    assert fitted.prices(np.zeros((1, 2)), [history]).tolist() == [[last, last]]


def test_an_output_of_zero_moves_on_by_what_is_believed_of_the_mean_change() -> None:
    history = table(1009)
    changes = np.diff(np.log(history["close"]))
    believed = changes.mean() * 1008 / (1008 + 252 / 0.5**2)
    fitted = FittedInputs.of(history, Inputs(drift=0.5), 3)
    moved = np.log(fitted.prices(np.zeros((1, 3)), [history]) / history["close"].iloc[-1])
    np.testing.assert_allclose(moved, [[believed, 2 * believed, 3 * believed]], rtol=1e-9)


def test_a_year_of_weeks_is_believed_as_much_as_a_year_of_days() -> None:
    history = table(209)
    weeks = history.set_axis(pd.date_range("2000-01-07", periods=209, freq="W-FRI"))
    changes = np.diff(np.log(history["close"]))
    fitted = FittedInputs.of(weeks, Inputs(drift=0.5), 1)
    expected = changes.mean() * 208 / (208 + 52.18 / 0.5**2)
    assert fitted.shift == pytest.approx(expected, rel=1e-4)


def test_what_is_believed_of_drift_survives_being_saved() -> None:
    history = table(60)
    fitted = FittedInputs.of(history, Inputs(drift=0.7), 3)
    again = FittedInputs.from_json(fitted.as_json())
    outputs = np.zeros((1, 3))
    assert np.array_equal(again.prices(outputs, [history]), fitted.prices(outputs, [history]))


def test_scaling_knows_nothing_beyond_its_history() -> None:
    whole = table(60)
    assert (
        np.abs(FittedInputs.of(whole.iloc[:40], Inputs(), 1).dataset(whole.iloc[:40])[0]).max() == 1
    )
    shocked = whole.copy()
    shocked.iloc[40:] *= 3
    calm, wild = (FittedInputs.of(each.iloc[:40], Inputs(), 1) for each in (whole, shocked))
    assert calm.scaling.high.tolist() == wild.scaling.high.tolist()


def test_a_constant_close_is_refused() -> None:
    history = pd.DataFrame({"close": [5.0] * 20})
    with pytest.raises(DataError, match="the close is constant over 20 rows"):
        FittedInputs.of(history, Inputs(), 1)


def test_other_columns_than_were_learned_are_refused_by_name() -> None:
    history = table(30)
    fitted = FittedInputs.of(history, Inputs(), 1)
    with pytest.raises(CheckpointError, match="columns close; this model learned from open, high"):
        fitted.windows([history[["close"]]])


def test_a_covariate_that_is_no_number_is_named() -> None:
    history = table(30).assign(mood=np.nan)
    with pytest.raises(DataError, match="column 'mood' has a value that is no finite number"):
        columns(history, "changes")

"""Tables and records survive being text, bit by bit."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import SettingError
from forecast.evaluation.answers import COLUMNS
from forecast.reporting import formats
from forecast.reporting.run import CURVES
from forecast.settings import Inputs, Settings, Training, WalkForward
from tests.reporting import made

NAMES = st.text(min_size=1, max_size=8).filter(str.isprintable) | st.sampled_from(
    ["NA", "NULL", "nan", "=1+1", "'=1", "+1", "-1", "@x", "'", 'a"b', "a,b", "a b", " ", "삼성"]
)
PRICES = st.floats(allow_infinity=False, allow_nan=False) | st.just(float("nan"))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(NAMES, PRICES, PRICES), min_size=1, max_size=4))
def test_answers_survive_as_csv(rows: list[tuple[str, float, float]]) -> None:
    one = made.answers(made.closes().head(50), count=1, forecasters=("lstm",)).head(1)
    table = pd.concat([one] * len(rows), ignore_index=True)
    table["ticker"] = [name for name, _, _ in rows]
    table["forecast"] = [forecast for _, forecast, _ in rows]
    table["actual"] = [actual for _, _, actual in rows]
    found = formats.from_csv(formats.to_csv(table), COLUMNS)
    pd.testing.assert_frame_equal(found, table, check_exact=True, check_dtype=False)
    assert found["forecast"].to_numpy().tobytes() == table["forecast"].to_numpy().tobytes()


def test_text_like_a_formula_is_inert_and_numbers_are_untouched() -> None:
    table = pd.DataFrame({"ticker": ["=cmd|' /C calc'!A0", "GOOG"], "forecast": [-1.5, 2.0]})
    assert formats.to_csv(table).decode().splitlines() == [
        "ticker,forecast",
        "'=cmd|' /C calc'!A0,-1.5",
        "GOOG,2.0",
    ]


def test_text_that_moves_the_cursor_is_escaped() -> None:
    table = pd.DataFrame({"ticker": ["\x1b[2J", "a\nb", "\r=1"]})
    assert formats.to_csv(table).decode() == "ticker\n\\x1b[2J\na\\nb\n\\r=1\n"


def test_times_of_day_survive() -> None:
    table = made.answers(made.closes().head(50), count=2)
    table["date"] += pd.Timedelta("15h30min")
    found = formats.from_csv(formats.to_csv(table), COLUMNS)
    assert found["date"].tolist() == table["date"].tolist()


def test_a_table_without_rows_keeps_its_types() -> None:
    empty = formats.from_csv(formats.to_csv(pd.DataFrame(columns=list(CURVES))), CURVES)
    assert empty.empty
    assert [each.kind for each in empty.dtypes.drop("forecaster")] == ["M", "i", "f", "f"]


def test_foreign_columns_are_refused() -> None:
    with pytest.raises(ValueError, match="needs forecaster, cutoff"):
        formats.from_csv(b"a,b\n1,2\n", CURVES)


def test_scores_survive_as_json() -> None:
    scores = made.scores(made.answers(made.closes(), count=60))
    records = formats.finite(formats.rows(scores))
    pd.testing.assert_frame_equal(formats.table(records), scores, check_exact=True)


def test_json_has_neither_numpy_nor_what_is_not_finite() -> None:
    found = formats.to_json({"a": np.int64(3), "b": np.nan, "c": (np.float64(0.1), np.inf)})
    assert found == b'{\n  "a": 3,\n  "b": null,\n  "c": [\n    0.1,\n    null\n  ]\n}\n'


def test_settings_survive_as_a_dictionary() -> None:
    chosen = Settings(
        models=("gru", "ridge"),
        inputs=Inputs(inputs="level", window=30),
        walk_forward=WalkForward(first=0.123456789, warm=True),
    )
    plain = formats.finite(asdict(chosen))
    assert formats.record(Settings, plain) == chosen


@pytest.mark.parametrize(
    ("kind", "values", "error"),
    [
        (Training, {"epochs": 0}, SettingError),
        (Training, {"rounds": 3}, TypeError),
    ],
)
def test_a_record_refuses_what_it_does_not_know(
    kind: type, values: dict[str, int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        formats.record(kind, values)

"""Prices that nothing can be learned from are refused before work starts, with both numbers."""

import pytest

from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.evaluation.usable import refuse_unusable, unusable
from forecast.settings import Inputs, Settings, WalkForward
from tests.made import prices

TABLE = prices(40).table
STILL = TABLE.assign(close=5.0)
HALF = WalkForward(first=20)


@pytest.mark.parametrize(
    ("row", "table", "settings", "said"),
    [
        ("3-no-history", TABLE[:2], Settings(), "2 rows; a first history of 1"),
        ("3-longest-window", TABLE, Settings(inputs=Inputs(window=25), walk_forward=HALF),
         "19 rows; window 25 + horizon 1 need 26. Fix: pass --window 18 or less."),
        ("86-window", TABLE, Settings(inputs=Inputs(window=10_000)), "--window 26 or less."),
        ("56-constant", STILL, Settings(walk_forward=HALF),
         "constant over the first 20 rows. Fix: give more rows, or another column"),
    ],
)  # fmt: skip
def test_prices_of_which_nothing_can_be_learned_are_refused_with_both_numbers(
    row: str, table: object, settings: Settings, said: str
) -> None:
    found = Prices.of("X", table, source="csv", place="folder/X.csv")
    with pytest.raises(DataError) as error:
        refuse_unusable([found], settings)
    assert str(error.value).startswith("folder/X.csv: "), row
    assert said in str(error.value)


def test_baselines_need_no_window() -> None:
    settings = Settings(models=("last",), inputs=Inputs(window=1000))
    assert unusable(prices(40), settings) == ""

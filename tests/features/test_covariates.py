import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.features.calendars import CALENDAR
from forecast.features.covariates import with_covariates
from forecast.features.indicators import INDICATORS
from forecast.settings import Covariates
from tests.made import prices, table

DAYS = ",".join(each for each in CALENDAR if each != "holiday")
EVERYTHING = Covariates(indicators=",".join(INDICATORS), calendar=DAYS)


@given(st.integers(30, 119))
def test_what_is_read_of_a_row_is_what_could_be_read_on_it(rows: int) -> None:
    whole = with_covariates(prices(120), EVERYTHING, 2).table
    early = with_covariates(Prices.of("TEST", table(120).iloc[:rows]), EVERYTHING, 2).table
    pd.testing.assert_frame_equal(
        whole.iloc[: len(early)], early, check_exact=True, check_freq=False
    )


def test_rows_that_an_indicator_needs_are_left_out_and_told_of() -> None:
    told = with_covariates(
        prices(60), Covariates(indicators="sma:10, rsi", calendar="month_end"), 1
    )
    assert list(told.table.columns[5:]) == ["sma:10", "rsi:14", "month_end"]
    assert told.table.index[0] == prices(60).table.index[14]
    assert told.receipt.notes[-1].endswith("the first 14 are left out.")
    assert told.receipt.rows == 46


def test_prices_are_left_alone_where_nothing_is_chosen() -> None:
    given = prices(60)
    assert with_covariates(given, Covariates(alongside="SPY"), 1) is given


def test_too_few_rows_and_columns_that_clash_are_refused() -> None:
    with pytest.raises(DataError, match="60 rows are too few for sma:200"):
        with_covariates(prices(60), Covariates(indicators="sma:200"), 1)
    clash = Prices.of("TEST", table(60).assign(monday=1.0))
    with pytest.raises(DataError, match="there is a column 'monday' already"):
        with_covariates(clash, Covariates(calendar="weekday"), 1)

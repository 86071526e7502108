from datetime import date

import numpy as np
import pandas as pd
import pytest

from forecast.data.prices import Prices
from forecast.errors import DataError
from tests.made import table


class Series:
    """As a Darts `TimeSeries` shows itself: components by time."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def to_dataframe(self) -> pd.DataFrame:
        return self._frame.rename_axis(columns="component")


def test_a_date_column_and_a_date_index_say_the_same() -> None:
    ours = table(30)
    told = Prices.of("A", ours.reset_index())
    assert told.receipt.sha256 == Prices.of("A", ours).receipt.sha256


def test_a_series_with_components_is_taken() -> None:
    ours = table(30)
    assert Prices.of("A", Series(ours)).receipt.sha256 == Prices.of("A", ours).receipt.sha256


def test_a_polars_frame_is_taken() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed")
    ours = table(30)
    columns = {"date": ours.index.to_numpy(), **{name: ours[name].to_numpy() for name in ours}}
    told = Prices.of("A", polars.DataFrame(columns))
    assert told.receipt.sha256 == Prices.of("A", ours).receipt.sha256


@pytest.mark.parametrize("strange", [np.ones((3, 2)), [1.0, 2.0], None])
def test_what_is_no_table_is_refused_by_its_type(strange: object) -> None:
    with pytest.raises(DataError, match=f"got {type(strange).__name__}"):
        Prices.of("A", strange)


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        ([20240102, 20240103], "holds no dates that can be read in one way only, but numbers"),
        ([1704153600.0, 1704240000.0], "but numbers; convert it with pandas.to_datetime"),
        (["02/01/2024", "03/01/2024"], "holds no dates that can be read in one way only"),
        (["2024-01-02", "tomorrow"], "holds no dates that can be read in one way only"),
        (["1700-01-02", "1700-01-03"], "date 1700-01-02 is outside 1800 to 2100"),
    ],
)
def test_dates_that_pandas_would_guess_at_are_refused(dates: list[object], words: str) -> None:
    frame = pd.DataFrame({"Date": dates, "close": [1.0, 2.0]})
    with pytest.raises(DataError, match=words) as error:
        Prices.of("A", frame)
    assert "\n" not in str(error.value)


def test_dates_taken_for_nanoseconds_are_seen() -> None:
    numbers = pd.DatetimeIndex(np.array([20240102, 20240103], "datetime64[ns]"))
    with pytest.raises(DataError, match="less than a second apart"):
        Prices.of("A", pd.DataFrame({"close": [1.0, 2.0]}, numbers))


def test_dates_of_any_type_that_is_one_are_taken() -> None:
    days = ["2024-01-02", "2024-01-03"]
    given = [days, [*map(date.fromisoformat, days)], pd.to_datetime(days), [*pd.to_datetime(days)]]
    told = [Prices.of("A", pd.DataFrame({"ds": each, "close": [1.0, 2.0]})) for each in given]
    assert len({each.receipt.sha256 for each in told}) == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"close": ["1", "x"]}, "a column holds more than numbers"),
        ({"close": [1j, 2]}, "column 'close' holds complex numbers; needs real ones"),
        ({("close", "A"): [1.0, 2.0]}, "no column 'close'"),
        ({"close": [1.0, 2.0], "x": [1.0, np.nan]}, "column 'x' on 2024-01-03 is nan; needs a fin"),
        ({"close": [1.0, 2.0], "x": [np.inf, 1.0]}, "column 'x' on 2024-01-02 is inf; needs a fin"),
    ],
)
def test_a_frame_of_other_things_is_refused_in_one_line(
    columns: dict[object, object], words: str
) -> None:
    frame = pd.DataFrame(columns, pd.DatetimeIndex(["2024-01-02", "2024-01-03"]))
    with pytest.raises(DataError, match=words) as error:
        Prices.of("A", frame)
    assert "\n" not in str(error.value)

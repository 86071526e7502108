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

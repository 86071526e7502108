"""Tables of other libraries as ours: polars frames, Darts series, frames with a date column."""

from typing import Any

import numpy as np
import pandas as pd

from forecast.errors import DataError

DATES = ("date", "ds", "time")


def pandas_of(table: Any) -> Any:
    """The table as a pandas one whose index is its dates; what already is one stays as it is.

    A Darts `TimeSeries` gives its components; a polars frame its columns, converted without
    pyarrow. A column named date, ds or time (in any case) becomes the index where the index holds
    no dates. What cannot be converted is returned unchanged.

    Raises:
        DataError: that column holds numbers, or texts that are no dates of ISO 8601.

    >>> frame = pd.DataFrame({"Date": pd.to_datetime(["2024-01-02"]), "close": [1.0]})
    >>> pandas_of(frame).index[0]
    Timestamp('2024-01-02 00:00:00')
    """
    if hasattr(table, "to_dataframe"):
        table = table.to_dataframe()
    elif not isinstance(table, pd.DataFrame) and hasattr(table, "columns"):
        table = pd.DataFrame({str(name): _column(table[name]) for name in table.columns})
    if not isinstance(table, pd.DataFrame) or isinstance(table.index, pd.DatetimeIndex):
        return table
    dated = [name for name in table.columns if str(name).lower() in DATES]
    if not dated:
        return table
    return table.drop(columns=dated[0]).set_index(_dates(table[dated[0]]))


def _dates(column: pd.Series) -> pd.DatetimeIndex:
    """The dates of a column; pandas would take numbers for nanoseconds, and 02/01 for February."""
    sentence = f"column {column.name!r} holds no dates that can be read in one way only"
    advice = "convert it with pandas.to_datetime, its format or unit named"
    if pd.api.types.is_numeric_dtype(column):
        raise DataError(f"{sentence}, but numbers; {advice}")
    try:
        return pd.DatetimeIndex(pd.to_datetime(column, format="ISO8601"))
    except (ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:100]
        raise DataError(f"{sentence} ({reason}); {advice}") from error


def _column(column: Any) -> np.ndarray:
    return np.asarray(column.to_numpy())

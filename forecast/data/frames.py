"""Tables of other libraries as ours: polars frames, Darts series, frames with a date column."""

from typing import Any

import numpy as np
import pandas as pd

DATES = ("date", "ds", "time")


def pandas_of(table: Any) -> Any:
    """The table as a pandas one whose index is its dates; what already is one stays as it is.

    A Darts `TimeSeries` gives its components; a polars frame its columns, converted without
    pyarrow. A column named date, ds or time (in any case) becomes the index where the index holds
    no dates. What cannot be converted is returned unchanged.

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
    dates = pd.DatetimeIndex(pd.to_datetime(table[dated[0]]))
    return table.drop(columns=dated[0]).set_index(dates)


def _column(column: Any) -> np.ndarray:
    return np.asarray(column.to_numpy())

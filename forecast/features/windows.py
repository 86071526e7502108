"""Windows of a series and what came after each; views of the series, not copies."""

import numpy as np
from jaxtyping import Num
from numpy.lib.stride_tricks import sliding_window_view

from forecast.errors import DataError
from forecast.shapes import Table


def build_dataset(
    series: Num[np.ndarray, "row feature"], *, window: int, horizon: int = 1, target: int = 0
) -> tuple[Num[np.ndarray, "sample time feature"], Num[np.ndarray, "sample horizon"]]:
    """Every window of the series, and the `target` column in the `horizon` rows after it.

    Window i holds rows i .. i + window - 1, its answer rows i + window .. i + window + horizon - 1.

    Raises:
        DataError: the series is no table of numbers, or has fewer than window + horizon rows.

    >>> import numpy as np
    >>> x, y = build_dataset(np.arange(5.0)[:, None], window=2, horizon=2)
    >>> x[:, :, 0].tolist(), y.tolist()
    ([[0.0, 1.0], [1.0, 2.0]], [[2.0, 3.0], [3.0, 4.0]])
    """
    if np.ndim(series) != 2:
        shape = np.shape(series)
        raise DataError(f"a series of shape {shape}; needs (row, feature), as series[:, None] has")
    samples(len(series), window=window, horizon=horizon)
    windows = sliding_window_view(series[: len(series) - horizon], window, axis=0)
    windows = windows.transpose(0, 2, 1)
    return windows, sliding_window_view(series[window:, target], horizon)


def samples(rows: int, *, window: int, horizon: int) -> int:
    """How many windows have their whole answer within so many rows.

    Raises:
        DataError: there are fewer than window + horizon rows.
    """
    if rows < window + horizon:
        raise DataError(f"{rows} rows; window {window} + horizon {horizon} need {window + horizon}")
    return rows - window - horizon + 1


def last_window(series: Table, *, window: int) -> Table:
    """The newest window: what a forecast beyond the end of the series reads.

    Raises:
        DataError: the series has fewer rows than the window.
    """
    if len(series) < window:
        raise DataError(f"{len(series)} rows; window {window} needs {window}")
    return series[-window:]

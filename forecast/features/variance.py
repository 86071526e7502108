"""How much a series moved in each session, and how much it is expected to move by its own past.

A variance is that of a log change from one close to the next, of one session.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from numpy.lib.stride_tricks import sliding_window_view

from forecast.errors import DataError
from forecast.settings import VarianceName
from forecast.shapes import Series

# No session counts as moving by less than a hundredth of a per cent, so that logs exist.
FLOOR = 1e-8
WEEK, MONTH = 5, 22
RANGED = ("open", "high", "low")


def parkinson(up: Series, down: Series, _: Series) -> Series:
    """(ln high - ln low)^2 / (4 ln 2): Parkinson (1980), equation 4."""
    return np.square(up - down) / (4 * np.log(2))


def garman_klass(up: Series, down: Series, end: Series) -> Series:
    """(u - d)^2 / 2 - (2 ln 2 - 1) c^2: Garman and Klass (1980), equation 20 in its short form."""
    return 0.5 * np.square(up - down) - (2 * np.log(2) - 1) * np.square(end)


def rogers_satchell(up: Series, down: Series, end: Series) -> Series:
    """The sum of u (u - c) and d (d - c), whatever the drift: Rogers and Satchell (1991), eq. 5."""
    return up * (up - end) + down * (down - end)


# From u, d and c, the logs of high, low and close over the open of the same session.
RANGES: dict[str, Callable[[Series, Series, Series], Series]] = {
    "parkinson": parkinson,
    "garman-klass": garman_klass,
    "rogers-satchell": rogers_satchell,
}


def variances(table: pd.DataFrame, how: VarianceName = "auto") -> Float[np.ndarray, "change"]:
    """The variance of each session but the first, which has no close before it.

    `close` squares the log change. The others add what the range of the session tells to the square
    of the log change from the close before to the open (Yang and Zhang, 2000, section 2): five to
    eight times as exact where prices move all the time. `auto` is `garman-klass`, or `close`
    where the table lacks open, high or low.

    Raises:
        DataError: a range is asked for, and the table lacks open, high or low.

    >>> table = pd.DataFrame({"close": [100.0, 110.0, 99.0]})
    >>> variances(table).round(4).tolist()
    [0.0091, 0.0111]
    """
    missing = [name for name in RANGED if name not in table.columns]
    if how == "close" or (how == "auto" and missing):
        return np.maximum(np.square(np.diff(np.log(table["close"].to_numpy("float64")))), FLOOR)
    if missing:
        raise DataError(f"variance {how} needs open, high and low; the prices lack {missing[0]}")
    # Column by column: this is asked for at every cutoff, and choosing columns is slow in pandas.
    logs = [np.log(table[name].to_numpy("float64")) for name in (*RANGED, "close")]
    opened, up, down, end = (each[1:] for each in logs)
    within = RANGES["garman-klass" if how == "auto" else how](
        up - opened, down - opened, end - opened
    )
    return np.maximum(np.square(opened - logs[-1][:-1]) + within, FLOOR)


def trailing_means(values: Series, window: int) -> Float[np.ndarray, "row-{window}+1"]:
    """The mean of each row and the window - 1 rows before it, each from its own rows alone."""
    return sliding_window_view(values, window).mean(axis=1)


def terms(variance: Series) -> Float[np.ndarray, "row-21 3"]:
    """Logs of the mean variance of the last session, week (5) and month (22 sessions)."""
    if len(variance) < MONTH:
        raise DataError(f"{len(variance)} sessions; a month of variance needs {MONTH}")
    each = [trailing_means(variance, window)[MONTH - window :] for window in (1, WEEK, MONTH)]
    return np.log(np.column_stack(each))


@dataclass(frozen=True, slots=True, eq=False)
class Har:
    """The heterogeneous autoregression of realised variance, in logs, for each horizon.

    ln v(t+1..t+h) = b_0 + b_d ln v(t) + b_w ln v(t-4..t) + b_m ln v(t-21..t) + e, v(..) the mean
    over these sessions, by least squares: Corsi (2009), equation 9. The mean variance is exp of
    that times the mean of exp(e) over the history (Duan, 1983).
    """

    weights: Float[np.ndarray, "4 horizon"]
    smear: Float[np.ndarray, " horizon"]

    @classmethod
    def fit(cls, variance: Series, horizon: int) -> "Har":
        """Fitted on this history of variances alone.

        Raises:
            DataError: too few sessions.
        """
        needed = 2 * MONTH + horizon
        if len(variance) < needed:
            raise DataError(f"{len(variance)} sessions of variance; HAR needs {needed}")
        wanted = np.log(means_ahead(variance, horizon)[MONTH:])
        known = _with_one(terms(variance))[: len(wanted)]
        weights: Float[np.ndarray, "4 horizon"] = np.linalg.lstsq(known, wanted, rcond=None)[0]
        return cls(weights, np.exp(wanted - known @ weights).mean(axis=0))

    def expected(self, known: Float[np.ndarray, "row 3"]) -> Float[np.ndarray, "row horizon"]:
        """The log variance expected after each row of `terms`."""
        # Not a matrix product, whose last digits move with the number of rows.
        return (_with_one(known)[:, :, None] * self.weights).sum(axis=1)


def means_ahead(variance: Series, horizon: int) -> Float[np.ndarray, "row-{horizon}+1 horizon"]:
    """Row i: the mean variance of sessions i..i + h - 1, for each h up to the horizon."""
    ahead = sliding_window_view(variance, horizon)
    return np.cumsum(ahead, axis=1) / np.arange(1.0, horizon + 1.0)


def _with_one(known: Float[np.ndarray, "row 3"]) -> Float[np.ndarray, "row 4"]:
    return np.column_stack([np.ones(len(known)), known])

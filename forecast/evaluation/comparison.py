"""Forecasters are compared on the same targets, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int

from forecast.errors import DataError
from forecast.evaluation.quantiles import session_rows
from forecast.forecasters.catalogue import BASELINES
from forecast.shapes import Series

TARGET = ("cutoff", "date", "last", "actual")


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """The targets that all forecasters of one ticker and horizon were asked about.

    `cutoffs` are rows of `closes`, which holds all sessions of the ticker.
    """

    ticker: str
    horizon: int
    cutoffs: Int[np.ndarray, "answer"]
    closes: Series

    @property
    def overlap(self) -> int:
        """Forecasts in a row that share a session: the horizon in steps, rounded up."""
        step = int(np.diff(self.cutoffs).min(initial=self.horizon))
        return -(-self.horizon // step)

    @property
    def first(self) -> Series:
        """The closes of the first history."""
        return self.closes[: self.cutoffs[0] + 1]


def compared(
    group: pd.DataFrame, closes: Mapping[str, pd.Series]
) -> tuple[dict[str, pd.DataFrame], Targets]:
    """The answers of each forecaster of one ticker and horizon, in time order, and their targets.

    Raises:
        DataError: a baseline is missing, or the forecasters were asked about different targets.
    """
    ticker, horizon = str(group["ticker"].iloc[0]), int(group["horizon"].iloc[0])
    name = f"{ticker}, horizon {horizon}"
    parts = {
        str(each): part.sort_values("cutoff")
        for each, part in group.groupby("forecaster", sort=False, observed=True)
    }
    missing = [each for each in BASELINES if each not in parts]
    if missing:
        raise DataError(f"{name}: no answers of {', '.join(missing)}; no score without a baseline")
    cutoffs = session_rows(ticker, parts["last"]["cutoff"], closes)
    for each, part in parts.items():
        _check_targets(name, each, part, parts["last"])
    return parts, Targets(ticker, horizon, cutoffs, closes[ticker].to_numpy("float64"))


def overlap_of(part: pd.DataFrame) -> int:
    """Forecasts in a row that share a session, of one forecaster at one horizon.

    A cutoff lies `horizon` sessions before its date, so the dates of later cutoffs tell the step.
    """
    if part["horizon"].iloc[0] == 1:
        return 1
    return int((part["cutoff"] < part["date"].iloc[0]).sum())


def check(known: pd.DataFrame, claimed: Sequence[str]) -> None:
    """Refuse answers that cannot be scored.

    Raises:
        DataError: nothing to score, a stranger among `claimed`, or a forecast that is no price.
    """
    if known.empty:
        raise DataError("no answer has a known actual; nothing to score")
    forecasters = known["forecaster"].unique().tolist()
    strangers = [name for name in claimed if name not in forecasters]
    if strangers:
        raise DataError(
            f"no answers of {', '.join(strangers)}; there are {', '.join(map(str, forecasters))}"
        )
    forecasts = known["forecast"].to_numpy("float64")
    bad = ~(np.isfinite(forecasts) & (forecasts > 0))
    if bad.any():
        first = known.iloc[int(np.argmax(bad))]
        raise DataError(
            f"{first['ticker']}, {first['forecaster']}, {first['date']:%Y-%m-%d}: forecast"
            f" {first['forecast']}; needs a finite price above 0"
        )


def _check_targets(name: str, forecaster: str, part: pd.DataFrame, last: pd.DataFrame) -> None:
    if part["cutoff"].duplicated().any():
        raise DataError(f"{name}: {forecaster} answered one cutoff twice")
    same = len(part) == len(last) and all(
        np.array_equal(part[column].to_numpy(), last[column].to_numpy()) for column in TARGET
    )
    if not same:
        raise DataError(
            f"{name}: {forecaster} ({len(part)} answers) and last ({len(last)}) were asked about"
            " different targets; compare them over the same cutoffs"
        )

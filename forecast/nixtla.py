"""Long tables as Nixtla's tools read and write them, and their models as our forecasters.

Their columns: `unique_id` (ticker), `ds` (session), `y` (close), `cutoff` (last session known), and
one column for each model, its interval ends beside it as `<model>-lo-80` and `<model>-hi-80`.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.evaluation.answers import COVERAGES
from forecast.shapes import Answers, Series

KEYS = ["unique_id", "ds", "cutoff"]


def to_long(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers table with one column a forecaster, as `utilsforecast.evaluate` takes it.

    >>> row = {"ticker": "A", "date": 1, "cutoff": 0, "actual": 2.0, "q10": 1.0, "q90": 3.0,
    ...     "q025": 0.0, "q975": 4.0, "forecaster": "last", "forecast": 2.5}
    >>> to_long(pd.DataFrame([row])).columns.tolist()[:7]
    ['unique_id', 'ds', 'cutoff', 'y', 'last', 'last-lo-80', 'last-hi-80']
    """
    named = answers.rename(columns={"ticker": "unique_id", "date": "ds", "actual": "y"})
    long = named[[*KEYS, "y"]].drop_duplicates(KEYS, ignore_index=True)
    for name in dict.fromkeys(answers["forecaster"]):
        columns = {"forecast": str(name)}
        for share, (low, high) in COVERAGES.items():
            columns |= {low: f"{name}-lo-{100 * share:.0f}", high: f"{name}-hi-{100 * share:.0f}"}
        own = named.loc[named["forecaster"] == name, [*KEYS, *columns]].rename(columns=columns)
        long = long.merge(own, on=KEYS, how="left", validate="one_to_one")
    return long


def from_long(table: Any) -> list[Prices]:
    """Prices of every series in a long table, in the order of their first rows.

    `y` is the close; columns beside `unique_id`, `ds` and `y` keep their names.

    Raises:
        DataError: a column is missing, or a series breaks the contract of prices.

    >>> long = pd.DataFrame({"unique_id": "A", "ds": ["2024-01-02", "2024-01-03"], "y": [1.0, 2.0]})
    >>> [(each.ticker, len(each.table)) for each in from_long(long)]
    [('A', 2)]
    """
    missing = [name for name in ("unique_id", "ds", "y") if name not in table.columns]
    if missing:
        names = ", ".join(map(str, table.columns))
        raise DataError(f"a long table has unique_id, ds, y; {', '.join(missing)} not in {names}")
    table = pd.DataFrame({str(name): np.asarray(table[name]) for name in table.columns})
    series = table.rename(columns={"y": "close"}).groupby("unique_id", sort=False)
    return [Prices.of(str(name), rows.drop(columns="unique_id")) for name, rows in series]


@dataclass(frozen=True, slots=True)
class Statistical:
    """A statsforecast model; it learns anew from every history that it is asked about.

    `model` is anything with `forecast(y, h)` that returns a mapping with `mean`.
    """

    model: Any

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedStatistical]":
        return [FittedStatistical(self.model, horizon) for _ in histories]


@dataclass(frozen=True, slots=True)
class FittedStatistical:
    """A statistical model has nothing to keep: all that it knows is in the history."""

    model: Any
    horizon: int

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        return np.stack([self._ahead(history["close"].to_numpy()) for history in histories])

    def _ahead(self, closes: Series) -> Any:
        told = deepcopy(self.model).forecast(y=closes, h=self.horizon)
        return np.asarray(told["mean"], dtype="float64")


@dataclass(frozen=True, slots=True)
class Neural:
    """A neuralforecast model; each history is learned from by a network of its own.

    `make(horizon)` returns a fresh `NeuralForecast` with one model of that horizon and `freq=1`:
    sessions are numbered, so that holidays are no gaps.
    """

    make: Any

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> "Sequence[FittedNeural]":
        fits: list[FittedNeural] = []
        for history in histories:
            networks = self.make(horizon)
            networks.fit(_numbered([history]))
            fits.append(FittedNeural(networks, horizon))
        return fits


@dataclass(frozen=True, slots=True, eq=False)
class FittedNeural:
    """A neuralforecast object that has learned."""

    networks: Any
    horizon: int

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        told = self.networks.predict(_numbered(histories)).sort_values(["unique_id", "ds"])
        model = next(name for name in told.columns if name not in ("unique_id", "ds"))
        return told[model].to_numpy("float64").reshape(len(histories), self.horizon)


def _numbered(histories: Sequence[pd.DataFrame]) -> pd.DataFrame:
    parts = [
        pd.DataFrame({"unique_id": at, "ds": np.arange(len(each)), "y": each["close"].to_numpy()})
        for at, each in enumerate(histories)
    ]
    return pd.concat(parts, ignore_index=True)

"""Folds: the rows of each history and the cutoffs asked after it, in walk-forward order."""

from dataclasses import dataclass

import pandas as pd

from forecast.errors import DataError
from forecast.settings import WalkForward


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One refit: the history to learn from, and the cutoffs to answer before the next refit.

    `start` and `stop` bound the history's rows; `cutoffs` are rows, each the last one known.
    """

    table: pd.DataFrame
    start: int
    stop: int
    cutoffs: range

    @property
    def history(self) -> pd.DataFrame:
        return self.table.iloc[self.start : self.stop]

    @property
    def known(self) -> list[pd.DataFrame]:
        """What is known at each cutoff: every row up to it."""
        return [self.table.iloc[: cutoff + 1] for cutoff in self.cutoffs]

    @property
    def actual(self) -> pd.DataFrame:
        """Every row after the first cutoff."""
        return self.table.iloc[self.cutoffs[0] + 1 :]


def folds(table: pd.DataFrame, setting: WalkForward) -> list[Fold]:
    """The folds of a series whose answers are known, in time order.

    Raises:
        DataError: too few rows for the first history, the gap and one answer.

    >>> table = pd.DataFrame({"close": range(10)})
    >>> [(f.stop, list(f.cutoffs)) for f in folds(table, WalkForward(first=5, refit=3))]
    [(5, [4, 5, 6]), (8, [7, 8])]
    """
    rows = len(table)
    first = int(setting.first * rows) if setting.first < 1 else int(setting.first)
    if first < 2 or first + setting.horizon > rows or first - setting.gap < 2:
        raise DataError(
            f"{rows} rows; a first history of {first} with gap {setting.gap} and horizon"
            f" {setting.horizon} leaves nothing to learn from or to answer"
        )
    cutoffs = range(first - 1, rows - setting.horizon, setting.step)
    size = setting.refit or len(cutoffs)
    parts = [cutoffs[at : at + size] for at in range(0, len(cutoffs), size)]
    return [_fold(table, setting, part) for part in parts]


def rolling(table: pd.DataFrame, setting: WalkForward) -> bool:
    """Whether all histories have one length: a span that the first of them fills already."""
    return 0 < setting.span == len(folds(table, setting)[0].history)


def final_fold(table: pd.DataFrame, setting: WalkForward) -> Fold:
    """Everything known is history, and what comes after the last row is asked."""
    return _fold(table, setting, range(len(table) - 1, len(table)))


def _fold(table: pd.DataFrame, setting: WalkForward, cutoffs: range) -> Fold:
    stop = cutoffs[0] + 1 - setting.gap
    return Fold(table, max(0, stop - setting.span) if setting.span else 0, stop, cutoffs)

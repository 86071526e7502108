"""One subject on one table: what every check of an audit is handed."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int

from forecast.errors import DataError
from forecast.evaluation.audit.subjects import FEW, Subject, subject
from forecast.settings import Audit
from forecast.shapes import Rows, Table

FEWEST = 60
# Share of the rows that is history at the first cutoff.
FIRST = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A subject, its table and the cutoffs asked.

    The future is changed after some of these, the `ends`. `base` holds the answers about the
    unchanged table, one row for each cutoff.
    """

    subject: Subject
    table: pd.DataFrame
    cutoffs: Rows
    ends: Int[np.ndarray, " end"]
    base: pd.DataFrame
    horizon: int
    few: bool

    @classmethod
    def of(cls, thing: object, table: pd.DataFrame, setting: Audit, name: str = "") -> "Case":
        """The last rows of a table, and the answers of the thing about them.

        Raises:
            DataError: too few rows, or no answer at any cutoff.
            SettingError: the thing cannot be audited, or raised something.
        """
        table = table.iloc[-setting.rows :]
        if len(table) < FEWEST:
            raise DataError(f"{len(table)} rows of prices; an audit needs at least {FEWEST}")
        known, few = subject(thing, table, setting.horizon, name)
        cutoffs = cutoffs_of(len(table), few=few)
        base = known.ask(table, cutoffs)
        if base.iloc[:, 0].isna().all():
            raise DataError(f"{known.name} answered NaN at all {len(cutoffs)} cutoffs")
        ends = cutoffs[_spread(len(cutoffs) - 1, setting.futures)]
        return cls(known, table, cutoffs, ends, base, setting.horizon, few)

    def ask(self, table: pd.DataFrame) -> Table:
        """The answers about another table, at the same cutoffs."""
        return self.subject.ask(table, self.cutoffs).to_numpy()


def cutoffs_of(rows: int, *, few: bool) -> Rows:
    """Every row from 60 % of the table on; where `few`, 40 of them at most."""
    cutoffs = np.arange(int(FIRST * rows), rows)
    return cutoffs[_spread(len(cutoffs), FEW)] if few else cutoffs


def first_moved(base: Table, other: Table, cutoffs: Rows, end: int) -> int | None:
    """The first answer at or before a row that is not the same to the last bit; NaN is NaN."""
    same = (base == other) | (np.isnan(base) & np.isnan(other))
    moved = ~same.all(axis=1) & (cutoffs <= end)
    return int(np.argmax(moved)) if moved.any() else None


def _spread(count: int, most: int) -> Rows:
    """Positions among `count`, the first and the last with them, `most` at most."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.int64))

"""Which leak it looks like, from how an answer moves when parts of the future are changed.

That something after the cutoff moved an answer is proved; the reason is guessed, for only the
answers are seen and not the code that made them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.evaluation.audit.case import Case
from forecast.evaluation.audit.futures import mixed, reordered, shocked, whispered
from forecast.shapes import Series

LEAKS = {
    "answer": "the session to be forecast being among the inputs: a window or a shift off by one",
    "window": "a window that reaches beyond the cutoff, as centred smoothing does",
    "scaling": "scaling by a minimum, maximum, mean or spread of sessions still to come",
    "trend": "a trend taken out that was fitted on all sessions",
    "shuffling": "learning from both sides of the cutoff, as after a shuffled split",
    "selection": "a model or setting chosen by its error on sessions still to come",
    "interval": "an interval measured by errors still to come",
    "back-fill": "gaps filled from later sessions",
    "length": "it reads later sessions, or counts them",
    "rounding": "last digits alone: a scaling by sessions still to come that is undone again",
}
DRAWS = 8
WHISPERS = 9
QUIET = 1e-4
DIGITS = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Probe:
    """One answer that moved (its row among the cutoffs), and a future after `end` that moved it."""

    case: Case
    other: pd.DataFrame
    row: int
    end: int

    def suspected(self) -> str:
        """A key of `LEAKS`."""
        cutoff, rows = int(self.case.cutoffs[self.row]), len(self.case.table)
        answers = [self._answer(shocked(self.case.table, self.end, seed)) for seed in range(DRAWS)]
        if np.allclose(answers, self._base, rtol=DIGITS, atol=0, equal_nan=True):
            return "rounding"
        forecasts = {float(each[0]) for each in answers} | {float(self._base[0])}
        if len(forecasts) <= DRAWS // 2:
            return "interval" if len(forecasts) == 1 else "selection"
        sessions = self.reach()[1] - cutoff
        if sessions <= self.case.horizon:
            return "answer"
        if 2 * sessions < rows - cutoff:
            return "window"
        if self._blind_to_order():
            return "scaling"
        return "trend" if self._in_line() else "shuffling"

    def reach(self) -> tuple[int, int]:
        """The nearest and the farthest row whose change moves the answer, by halving."""
        rows = len(self.case.table)
        nearest = _smallest(
            self.end + 1, rows - 1, lambda row: self._moves(range(self.end + 1, row + 1))
        )
        farthest = _smallest(
            0, rows - nearest - 1, lambda back: self._moves(range(rows - 1 - back, rows))
        )
        return nearest, rows - 1 - farthest

    @property
    def _base(self) -> Series:
        return self.case.base.to_numpy()[self.row]

    def _answer(self, table: pd.DataFrame) -> Series:
        return self.case.ask(table)[self.row]

    def _moves(self, rows: range) -> bool:
        answer = self._answer(mixed(self.case.table, self.other, rows))
        return not np.array_equal(answer, self._base, equal_nan=True)

    def _blind_to_order(self) -> bool:
        """The same rows, or the same steps, in another order leave the answer where it was."""
        return any(
            np.allclose(self._answer(each), self._base, rtol=1e-9, atol=0, equal_nan=True)
            for each in reordered(self.case.table, self.end)
        )

    def _in_line(self) -> bool:
        """The pull of a session on the answer grows evenly with its place, as on a fitted line."""
        rows = np.linspace(self.end + 1, len(self.case.table) - 1, WHISPERS + 2)[1:-1].astype(int)
        told = [self._answer(whispered(self.case.table, row, QUIET))[0] for row in rows.tolist()]
        pulls = np.array(told) / float(self._base[0]) - 1
        places = np.column_stack([rows, np.ones(len(rows))])
        line = places @ np.linalg.lstsq(places, pulls)[0]
        return bool(np.abs(pulls).max() > 0 and np.ptp(pulls - line) < 0.02 * np.ptp(pulls))


def _smallest(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest number for which it holds, given that it holds for all larger ones."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low

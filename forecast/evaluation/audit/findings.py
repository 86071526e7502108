"""What an audit found: one finding for each check, and all of them together."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in a sentence.

    Where a leak was seen: `suspicion` is a key of `suspicion.LEAKS`, `cutoff` the session whose
    forecast moved, `first_row` and `last_row` the nearest and farthest later session that moved it.
    """

    check: str
    outcome: Outcome
    sentence: str
    suspicion: str = ""
    cutoff: pd.Timestamp | None = None
    first_row: pd.Timestamp | None = None
    last_row: pd.Timestamp | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The findings on one subject, and the sessions that it was asked about."""

    name: str
    ticker: str
    first: pd.Timestamp
    last: pd.Timestamp
    rows: int
    cutoffs: int
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.outcome == "failed")

    @property
    def passed(self) -> bool:
        """No check failed; one that was skipped says why."""
        return not self.failures

    def _repr_html_(self) -> str:
        """The findings, as a notebook shows them."""
        told = pd.DataFrame(self.findings)[["check", "outcome", "sentence"]]
        return told.to_html(index=False)

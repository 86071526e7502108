"""Checks that no forecast, and no interval, knows what came after its cutoff."""

import numpy as np
import pandas as pd

from forecast.errors import ForecastError
from forecast.evaluation.audit.case import Case, first_moved
from forecast.evaluation.audit.findings import Finding
from forecast.evaluation.audit.futures import gapped, shocked
from forecast.evaluation.audit.suspicion import LEAKS, Probe

# Shapes of arrays change with the number of rows, and with them the last bits of sums.
CLOSE = 1e-6
SHORTER = 4


def future(case: Case) -> Finding:
    """Every later number changed, at many cutoffs in turn: no earlier answer moves by one bit."""
    probe, moved = None, 0
    base = case.base.to_numpy()
    for turn, end in enumerate(case.ends.tolist()):
        other = shocked(case.table, end, turn)
        row = first_moved(base, case.ask(other), case.cutoffs, end)
        if row is not None:
            moved += 1
            probe = probe or Probe(case, other, row, end)
    if probe is None:
        told = f"{len(case.ends)} other futures moved no earlier answer by one bit"
        return Finding("future", "passed", told)
    leak, dates = probe.suspected(), pd.DatetimeIndex(case.table.index)
    first, last = probe.reach()
    cutoff = int(case.cutoffs[probe.row])
    return Finding(
        "future",
        "failed",
        f"{moved} of {len(case.ends)} other futures moved earlier answers; the one of"
        f" {dates[cutoff]:%Y-%m-%d} moved with the session of {dates[first]:%Y-%m-%d}"
        f" ({first - cutoff} ahead). It looks like {LEAKS[leak]}",
        suspicion=leak,
        cutoff=dates[cutoff],
        first_row=dates[first],
        last_row=dates[last],
    )


def gaps(case: Case) -> Finding:
    """As `future`, with nothing known about the session of the cutoff."""
    for turn, end in enumerate(map(int, case.ends)):
        holed = gapped(case.table, end)
        try:
            before, after = case.ask(holed), case.ask(shocked(holed, end, turn))
        except ForecastError as error:
            return Finding("gaps", "skipped", f"gaps are refused: {error}")
        row = first_moved(before, after, case.cutoffs, end)
        if row is not None:
            dates, cutoff = pd.DatetimeIndex(case.table.index), int(case.cutoffs[row])
            return Finding(
                "gaps",
                "failed",
                f"with nothing known of {dates[end]:%Y-%m-%d}, the answer of"
                f" {dates[cutoff]:%Y-%m-%d} moved with the sessions from"
                f" {dates[end + 1]:%Y-%m-%d} on. It looks like {LEAKS['back-fill']}",
                suspicion="back-fill",
                cutoff=dates[cutoff],
                first_row=dates[end + 1],
            )
    told = f"{len(case.ends)} gaps in turn were not filled from later sessions"
    return Finding("gaps", "passed", told)


def truncation(case: Case) -> Finding:
    """The last answer about a table that ends at its cutoff is the answer given about it all."""
    base = case.base.to_numpy()
    chosen = case.ends[:: max(1, len(case.ends) // SHORTER)]
    for end in map(int, chosen):
        count = int(np.searchsorted(case.cutoffs, end)) + 1
        answers = case.subject.ask(case.table.iloc[: end + 1], case.cutoffs[:count]).to_numpy()
        if not np.allclose(answers[-1], base[count - 1], rtol=CLOSE, atol=0, equal_nan=True):
            dates = pd.DatetimeIndex(case.table.index)
            return Finding(
                "truncation",
                "failed",
                f"the answer of {dates[end]:%Y-%m-%d} is another when the table ends"
                f" there: {LEAKS['length']}",
                suspicion="length",
                cutoff=dates[end],
                first_row=dates[end + 1],
            )
    told = f"{len(chosen)} tables that end at their cutoff gave the same answers"
    return Finding("truncation", "passed", told)

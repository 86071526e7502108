"""From a draft to prices: what is a fault and what a warning, of one ticker or each of many."""

from datetime import date

from forecast.data import quality
from forecast.data.csv import sessions
from forecast.data.csv.draft import NO_DATES, Draft
from forecast.data.faults import Fault, as_notes, line_of
from forecast.data.prices import Prices
from forecast.source_settings import Csv


def prices_of(draft: Draft, ticker: str, how: Csv, today: date) -> Prices:
    """The prices; what was left out or is odd is said in the receipt's notes, with its line.

    Raises:
        DataError: the rows cannot be used as prices; or they are odd, and that is to be refused.
    """
    draft = _sessions(draft, how)
    notes = (*draft.notes, *_warnings(draft, how, today))
    return Prices.of(
        ticker,
        draft.table,
        source="csv",
        place=draft.place,
        adjusted=draft.adjusted,
        notes=as_notes(notes),
    )


def _sessions(draft: Draft, how: Csv) -> Draft:
    draft = sessions.in_order(sessions.filled(draft), how)
    draft = sessions.without_gaps(sessions.without_unfinished(draft), how)
    draft = sessions.in_range(sessions.without_twins(draft))
    return sessions.informative(sessions.adjusted(draft))


def _warnings(draft: Draft, how: Csv, today: date) -> tuple[str, ...]:
    """What is odd about the sessions, with the line of the first that is.

    Raises:
        DataError: something is, and the user wants that refused.
    """
    found = quality.findings(draft.table, today=None if NO_DATES in draft.notes else today)
    odd = [
        (int(draft.lines[draft.table.index.get_loc(each.date)]), each.clause)
        for each in found
        if each.severity == "warning"
    ]
    if odd and how.strict:
        fix = "correct the rows or leave --strict out"
        raise draft.refusal([Fault(line, sentence, fix) for line, sentence in odd])
    return tuple(f"{line_of(draft.place, line)}: {sentence}" for line, sentence in odd)

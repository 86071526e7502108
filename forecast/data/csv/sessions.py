"""From rows to sessions: in order, each once, every price a number above zero, adjusted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from forecast.data.csv.columns import NUMBERS, PRICES
from forecast.data.csv.draft import Draft, Gap
from forecast.data.csv.faults import Fault, count, refusal, shown
from forecast.data.prices import SMALLEST
from forecast.errors import DataError
from forecast.source_settings import Csv


def in_order(draft: Draft, how: Csv) -> Draft:
    """The rows oldest first.

    Raises:
        DataError: rows are in no order and no sort was asked for, or not in the order said.
    """
    steps = np.diff(draft.table.index.to_numpy()).astype("int64")
    if (steps >= 0).all():
        if how.newest_first and (steps > 0).any():
            raise _other_order(draft, "oldest")
        return draft
    if (steps <= 0).all():
        if how.oldest_first:
            raise _other_order(draft, "newest")
        return draft.rows(np.arange(len(draft.lines))[::-1], "rows were newest first; turned round")
    wrong = int(np.argmax(np.sign(steps) == -np.sign(steps[np.argmax(steps != 0)]))) + 1
    if how.sort:
        order = np.argsort(draft.table.index.to_numpy(), kind="stable")
        note = f"line {draft.lines[wrong]}: rows were in no order from here on; sorted by date"
        return draft.rows(order, note)
    before, date = draft.table.index[wrong - 1], draft.table.index[wrong]
    sentence = (
        f"date {_when(date)} comes after {_when(before)} on line {draft.lines[wrong - 1]};"
        " rows are neither oldest nor newest first"
    )
    fault = Fault(int(draft.lines[wrong]), sentence, "sort the file or pass --sort")
    raise refusal(draft.place, [fault])


def without_unfinished(draft: Draft) -> Draft:
    """The rows without a last session that has no prices yet."""
    prices = [name for name in PRICES if name in draft.table.columns]
    gaps = draft.gaps.get(int(draft.lines[-1]), [])
    empty = sum(gap.missing for gap in gaps) >= len(prices)
    if len(draft.lines) < 2 or not (empty and draft.table[prices].iloc[-1].isna().all()):
        return draft
    note = f"line {draft.lines[-1]}: the last session has no prices yet and was left out"
    return draft.rows(np.arange(len(draft.lines) - 1), note)


def without_gaps(draft: Draft, how: Csv) -> Draft:
    """The rows with a number in every cell.

    Raises:
        DataError: a number is missing or unreadable and the user has not said what to do then.
    """
    gaps = [gap for line in draft.lines.tolist() for gap in draft.gaps.get(line, [])]
    if not gaps:
        return draft
    if how.na == "drop":
        kept = np.array([line not in draft.gaps for line in draft.lines.tolist()], dtype=bool)
        if not kept.any():
            sentence = "has 0 rows in which every number can be read"
            raise DataError(f"{draft.place}: {sentence}. Fix: export the prices again.")
        left_out = count(int((~kept).sum()), "row")
        note = f"line {draft.lines[~kept][0]}: {left_out} without a number left out from here on"
        return draft.rows(kept, note)
    if how.na == "ffill":
        return _carried_forward(draft, gaps)
    raise refusal(draft.place, _by_line([gap.fault for gap in gaps]))


def _carried_forward(draft: Draft, gaps: Sequence[Gap]) -> Draft:
    table = draft.table.ffill()
    line = int(draft.lines[0])
    faults = [gap.fault for gap in gaps if not gap.missing]
    faults += [gap.fault for gap in draft.gaps.get(line, []) if gap.missing]
    if faults:
        raise refusal(draft.place, _by_line(faults))
    number = count(len(gaps), "missing number")
    note = f"line {gaps[0].fault.line}: {number} carried forward from the row before"
    return replace(draft, table=table, notes=(*draft.notes, note))


def without_twins(draft: Draft) -> Draft:
    """The rows with each date once.

    Raises:
        DataError: a date comes twice with different numbers.
    """
    index, values = draft.table.index, draft.table.to_numpy()
    again = np.flatnonzero(index[1:] == index[:-1]) + 1
    if not len(again):
        return draft
    differ = again[(values[again] != values[again - 1]).any(axis=1)]
    faults = list[Fault]()
    for row in differ.tolist():
        first, second = sorted(int(line) for line in draft.lines[row - 1 : row + 1])
        sentence = f"date {_when(index[row])} is on line {first} too, with other numbers"
        faults.append(Fault(second, sentence, "remove one of the two rows"))
    if faults:
        raise refusal(draft.place, _by_line(faults))
    again_line = np.maximum(draft.lines[again], draft.lines[again - 1]).min()
    note = f"line {again_line}: {count(len(again), 'row')} repeated a session and its numbers"
    return draft.rows(np.setdiff1d(np.arange(len(index)), again), f"{note}; kept once")


def above_zero(draft: Draft) -> Draft:
    """The same rows.

    Raises:
        DataError: a price is zero, negative or too small, or a volume negative.
    """
    faults = list[Fault]()
    for name in (each for each in NUMBERS if each in draft.table.columns):
        wrong = draft.table[name].to_numpy() < (0.0 if name == "volume" else SMALLEST)
        faults += [_too_low(draft, name, row) for row in np.flatnonzero(wrong).tolist()]
    if faults:
        raise refusal(draft.place, _by_line(faults))
    return draft


def _too_low(draft: Draft, name: str, row: int) -> Fault:
    value = float(draft.table[name].iloc[row])
    needs = "is below 0" if name == "volume" else "is not above 0, which log changes need"
    needs = "is too small for float32" if value > 0 else needs
    return Fault(int(draft.lines[row]), f"column {shown(draft.names[name])}: {value:g} {needs}")


def adjusted(draft: Draft) -> Draft:
    """All four prices times adjusted close / close, where the file has adjusted closes."""
    if "adj_close" not in draft.table.columns:
        return draft
    table = draft.table.drop(columns="adj_close")
    factor = draft.table["adj_close"] / draft.table["close"]
    for name in (each for each in PRICES if each in table.columns):
        table[name] = table[name] * factor
    table["close"] = draft.table["adj_close"]
    name, close = shown(draft.names["adj_close"]), shown(draft.names["close"])
    note = f"prices were adjusted: each was multiplied by {name} / {close}"
    return replace(draft, table=table, notes=(*draft.notes, note))


def informative(draft: Draft) -> Draft:
    """The columns without an all-zero volume and further columns that never change."""
    table, notes, silent = draft.table, list(draft.notes), list[str]()
    for name in table.columns:
        values = table[name].to_numpy()
        if name == "volume" and not values.any():
            notes.append("the volume was left out: it is 0 in every row")
        elif name not in (*PRICES, "volume") and (values == values[0]).all():
            notes.append(f"column {shown(draft.names[name])} was left out: it never changes")
        else:
            continue
        silent.append(name)
    return replace(draft, table=table.drop(columns=silent), notes=tuple(notes))


def _other_order(draft: Draft, order: str) -> DataError:
    sentence = f"the dates are {order} first"
    fault = Fault(int(draft.lines[0]), sentence, "leave the order out; dates say it themselves")
    return refusal(draft.place, [fault])


def _when(stamp: object) -> str:
    """A session, or a bar with its time."""
    return str(stamp).removesuffix(" 00:00:00")


def _by_line(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.line)

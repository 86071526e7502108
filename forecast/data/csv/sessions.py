"""From rows to sessions: in order, each once, every price a number above zero, adjusted."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int

from forecast.data.csv.columns import PRICES
from forecast.data.csv.draft import Draft
from forecast.data.faults import CORRECT, LISTED, Fault, count, line_of, shown
from forecast.data.prices import LARGEST, SMALLEST
from forecast.errors import DataError
from forecast.shapes import Mask
from forecast.source_settings import Csv

Cells = Int[np.ndarray, "cell 2"]  # the row and the column of each


def filled(draft: Draft) -> Draft:
    """The rows without columns in which there is nothing at all."""
    missing = np.isnan(draft.table.to_numpy()).all(axis=0)
    empty = [
        draft.column(at)
        for at in np.flatnonzero(missing).tolist()
        if draft.column(at) != "close"
        and all(draft.gap(row, at).missing for row in range(len(draft.lines)))
    ]
    if not empty:
        return draft
    notes = [f"column {shown(draft.names[name])} is empty" for name in empty]
    adjusted = draft.adjusted and "adj_close" not in empty
    return replace(draft.without(empty, *notes), adjusted=adjusted)


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
        note = f"{draft.line(wrong)}: rows were in no order from here on; sorted by date"
        return draft.rows(order, note)
    before, date = draft.table.index[wrong - 1], draft.table.index[wrong]
    sentence = (
        f"date {_when(date)} comes after {_when(before)} on {draft.line(wrong - 1)};"
        " rows are neither oldest nor newest first"
    )
    fault = Fault(int(draft.lines[wrong]), sentence, "sort the file or pass --sort")
    raise draft.refusal([fault])


def without_unfinished(draft: Draft) -> Draft:
    """The rows without a last session that has no prices yet."""
    last = len(draft.lines) - 1
    prices = [at for at, name in enumerate(draft.table.columns) if name in PRICES]
    if last < 1 or not np.isnan(draft.table.to_numpy()[last, prices]).all():
        return draft
    if not all(draft.gap(last, at).missing for at in prices):
        return draft
    note = f"{draft.line(last)}: the last session has no prices yet and was left out"
    return draft.rows(np.arange(last), note)


def without_gaps(draft: Draft, how: Csv) -> Draft:
    """The rows with a number in every cell.

    Raises:
        DataError: a number is missing or unreadable and the user has not said what to do then.
    """
    missing = np.isnan(draft.table.to_numpy())
    if not missing.any():
        return draft
    if how.na == "drop":
        kept: Mask = ~np.asarray(missing.any(axis=1))
        if not kept.any():
            sentence = "0 rows in which every number can be read"
            raise draft.refusal([Fault(int(draft.lines[0]), sentence, "export the prices again")])
        left_out = count(int((~kept).sum()), "row")
        first = draft.line(int(np.argmin(kept)))
        note = f"{first}: {left_out} without a number left out from here on"
        return draft.rows(kept, note)
    cells = np.argwhere(missing)
    if how.na == "ffill":
        return _carried_forward(draft, cells)
    raise _of_cells(draft, cells, _gap)


def _carried_forward(draft: Draft, cells: Cells) -> Draft:
    unreadable = [not row or not draft.gap(row, column).missing for row, column in cells.tolist()]
    if any(unreadable):
        raise _of_cells(draft, cells[unreadable], _gap)
    number = count(len(cells), "missing number")
    note = f"{draft.line(int(cells[0, 0]))}: {number} carried forward from the row before"
    return replace(draft, table=draft.table.ffill(), notes=(*draft.notes, note))


def _gap(draft: Draft, row: int, column: int) -> tuple[str, str]:
    gap = draft.gap(row, column)
    return gap.sentence, gap.fix


def _of_cells(
    draft: Draft, cells: Cells, why: Callable[[Draft, int, int], tuple[str, str]]
) -> DataError:
    """The error that lists these cells, by line."""
    first = np.argsort(draft.lines[cells[:, 0]], kind="stable")[:LISTED]
    faults = list[Fault]()
    for row, column in cells[first].tolist():
        sentence, fix = why(draft, row, column)
        name = draft.names[draft.column(column)]
        faults.append(Fault.in_column(int(draft.lines[row]), name, sentence, fix))
    return draft.refusal(faults, len(cells))


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
        where = line_of(draft.place, first)
        sentence = f"date {_when(index[row])} is on {where} too, with other numbers"
        faults.append(Fault(second, sentence, "remove one of the two rows"))
    if faults:
        raise draft.refusal(_by_line(faults))
    again_line = int(np.maximum(draft.lines[again], draft.lines[again - 1]).min())
    told = f"{count(len(again), 'row')} repeated a session and its numbers; kept once"
    note = f"{line_of(draft.place, again_line)}: {told}"
    return draft.rows(np.setdiff1d(np.arange(len(index)), again), note)


def in_range(draft: Draft) -> Draft:
    """The same rows.

    Raises:
        DataError: a price is zero, negative, too small or too large, or a volume negative.
    """
    lowest = {"volume": 0.0, **dict.fromkeys((*PRICES, "adj_close"), SMALLEST)}
    least = np.array([lowest.get(name, -LARGEST) for name in draft.table.columns])
    values = draft.table.to_numpy()
    cells = np.argwhere((values < least) | (values > LARGEST))
    if not len(cells):
        return draft
    raise _of_cells(draft, cells, _out_of_range)


def _out_of_range(draft: Draft, row: int, column: int) -> tuple[str, str]:
    value, name = float(draft.table.to_numpy()[row, column]), draft.column(column)
    needs = "is below 0" if name == "volume" else "is not above 0, which log changes need"
    if value > 0:
        needs = f"is too {'small' if value < 1 else 'large'} for float32"
    return f"{value:g} {needs}", CORRECT


def adjusted(draft: Draft) -> Draft:
    """All four prices times adjusted close / close, where the file has adjusted closes.

    Raises:
        DataError: one is out of range then.
    """
    if "adj_close" not in draft.table.columns:
        return draft
    table = draft.table.drop(columns="adj_close")
    factor = draft.table["adj_close"] / draft.table["close"]
    for name in (each for each in PRICES if each in table.columns):
        table[name] = table[name] * factor
    table["close"] = draft.table["adj_close"]
    name, close = shown(draft.names["adj_close"]), shown(draft.names["close"])
    note = f"prices were adjusted: each was multiplied by {name} / {close}"
    return in_range(replace(draft, table=table, notes=(*draft.notes, note)))


def informative(draft: Draft) -> Draft:
    """The columns without an all-zero volume and further columns that never change."""
    notes, silent = list[str](), list[str]()
    for name in draft.table.columns:
        if name in PRICES:
            continue
        values = draft.table[name].to_numpy()
        if name == "volume" and not values.any():
            notes.append("the volume was left out: it is 0 in every row")
        elif name != "volume" and (values == values[0]).all():
            notes.append(f"column {shown(draft.names[name])} was left out: it never changes")
        else:
            continue
        silent.append(name)
    return draft.without(silent, *notes) if silent else draft


def _other_order(draft: Draft, order: str) -> DataError:
    sentence = f"the dates are {order} first"
    fault = Fault(int(draft.lines[0]), sentence, "leave the order out; dates say it themselves")
    return draft.refusal([fault])


def _when(stamp: object) -> str:
    """A session, or a bar with its time."""
    return str(stamp).removesuffix(" 00:00:00")


def _by_line(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: fault.line)

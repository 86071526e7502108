"""The dates of a long table: each is read once, or by ticker where not all can be read alike."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from forecast.data.csv.dates import Stamps, as_sessions, read_times
from forecast.data.csv.draft import NO_DATES, UNDATED
from forecast.data.faults import Fault, listed, refusal
from forecast.data.long_file import Loaded
from forecast.errors import DataError
from forecast.shapes import Rows

MOST_SESSIONS = 20_000  # numbers from here on are Excel's days
YEARS = 1800  # the first session has a number below that of a year
Notes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dates:
    """When rows were: the cells, each once, which of them each row has, and as what they were read.

    `stamps` is None where they could not be read for all tickers alike.
    """

    loaded: Loaded
    codes: Rows
    cells: list[str]
    stamps: Shaped[np.ndarray, "cell"] | None = None
    notes: Notes = ()

    def of(self, rows: Rows, ticker: str) -> tuple[Stamps, Notes]:
        """The sessions of a ticker's rows.

        Raises:
            DataError: a date is missing, or cannot be read.
        """
        if self.stamps is not None:
            stamps, notes = self.stamps[self.codes[rows]], self.notes
        else:
            cells = [self.cells[int(code)] for code in self.codes[rows]]
            stamps, notes = self.read(cells, self.loaded.lines[rows], ticker)
        stamps, more = as_sessions(stamps)
        return stamps, (*notes, *more)

    def read(self, cells: list[str], lines: Rows, ticker: str = "") -> tuple[Stamps, Notes]:
        """When the rows were whose dates are written so."""
        times = pd.api.types.is_datetime64_any_dtype(self.loaded.table["date"])
        form = "" if times else self.loaded.how.date_format
        counted = None if form else _counted(cells)
        if counted is not None:
            return counted, (NO_DATES,)
        return read_times(cells, lines.tolist(), form, str(self.loaded.path), ticker)


def dates_of(loaded: Loaded) -> Dates:
    """The dates of all rows; each is read once, however many rows have it.

    Raises:
        DataError: there is no column of dates.
    """
    if "date" not in loaded.table:
        sentence = f"no date column; the columns are {listed(loaded.names)}"
        fault = Fault(loaded.header, sentence, "name one of them Date")
        raise refusal(str(loaded.path), [fault])
    codes, cells = coded(loaded.table["date"])
    if "time" in loaded.table:
        codes, cells = _with_times(codes, cells, loaded.table["time"])
    lines = np.empty(len(cells), dtype="int64")
    lines[codes[::-1]] = loaded.lines[::-1]  # of several the first, which is set last
    dates = Dates(loaded, codes, cells)
    try:
        stamps, notes = dates.read(cells, lines)
    except DataError:
        return dates
    return replace(dates, stamps=stamps, notes=notes)


def _with_times(codes: Rows, days: list[str], times: pd.Series) -> tuple[Rows, list[str]]:
    """Days and times as one, where the times are not all the same."""
    clock, hours = coded(times)
    if len(hours) == 1:
        return codes, days
    both, pairs = pd.factorize(codes * len(hours) + clock)
    cells = [f"{days[pair // len(hours)]} {hours[pair % len(hours)]}".rstrip() for pair in pairs]
    return both, cells


def _counted(cells: Sequence[str]) -> Stamps | None:
    """Weekdays for numbers of sessions; None where they are none."""
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 9 for cell in cells):
        return None
    days = np.array(cells, dtype="int64")
    if days.max() >= MOST_SESSIONS or days.min() >= YEARS:
        return None
    return np.busday_offset(UNDATED, days).astype("datetime64[s]")


def coded(cells: pd.Series) -> tuple[Rows, list[str]]:
    """The number of each row's text, and the texts in the order in which they come."""
    codes, found = pd.factorize(cells, use_na_sentinel=False)
    return codes, texts(found)


def texts(cells: pd.Series | pd.Index) -> list[str]:
    """What stands in cells, without blanks around it; nothing where they are missing."""
    return [str(each).strip() for each in cells.astype("object").fillna("")]

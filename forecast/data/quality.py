"""What is odd about usable prices: reported, never repaired."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from forecast.data.prices import COLUMNS
from forecast.shapes import Mask

Kind = Literal[
    "high_below_low",
    "close_outside",
    "split",
    "gap",
    "constant",
    "no_volume",
    "weekend",
    "future",
    "short",
    "foretelling",
]
Severity = Literal["warning", "notice"]

JUMP = 0.35  # log change of a close that no ordinary session makes: -30 % or +42 %
SPLITS = {1.5: (3, 2), **{float(n): (n, 1) for n in range(2, 101)}}
NEAR = 0.03
GAP_DAYS = 10
STILL = 10
SHORT = 250
LISTED = 5
# What a column knows of the next change in honest data is far less: 0.07 is an R2 of 0.5 %.
TELLING, SURE = 0.15, 5.0
ROUNDING = 1e-6  # relative; adjusted prices are rounded one by one


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd; `date` is the first session with it, None where it is about all of them."""

    kind: Kind
    severity: Severity
    date: pd.Timestamp | None
    clause: str

    @property
    def sentence(self) -> str:
        return f"{self.clause[0].upper()}{self.clause[1:]}."


def findings(table: pd.DataFrame, *, today: date | None = None) -> tuple[Finding, ...]:
    """What is odd about a table as `Prices.table`: warnings first, each kind in order of dates.

    Sessions after tomorrow are found only where `today` is given.

    >>> table = pd.DataFrame({"close": [10.0, 5.0]}, pd.DatetimeIndex(["2024-01-02", "2024-01-03"]))
    >>> print(findings(table)[0].sentence)
    Close fell to 0.500 of the last close on 2024-01-03, as after a 2:1 split; if it was ...
    """
    found = [finding for check in _CHECKS for finding in check(table)]
    if today is not None:
        found += _futures(table, today)
    return tuple(sorted(found, key=lambda finding: finding.severity != "warning"))


def _spreads(table: pd.DataFrame) -> Iterator[Finding]:
    close = table["close"].to_numpy()
    high = table["high"].to_numpy() if "high" in table else np.full(len(table), np.inf)
    low = table["low"].to_numpy() if "low" in table else np.zeros(len(table))
    below = high < low * (1 - ROUNDING)
    yield from _counted(table, below, "high_below_low", "high is below low in {}")
    outside = (close > high * (1 + ROUNDING)) | (close < low * (1 - ROUNDING))
    clause = "close is outside low to high in {}"
    yield from _counted(table, outside & ~below, "close_outside", clause)


def _jumps(table: pd.DataFrame) -> Iterator[Finding]:
    close = table["close"].to_numpy()
    rows = np.flatnonzero(np.abs(np.diff(np.log(close))) > JUMP) + 1
    listed = rows[:LISTED].tolist()
    for row in listed:
        ratio, session = close[row] / close[row - 1], _session(table, row)
        change = f"close {'fell' if ratio < 1 else 'rose'} to {ratio:.3f} of the last close"
        if split := _split(ratio):
            advice = f"as {split}; if it was one, use adjusted prices"
        else:
            advice = "which no split explains; check it"
        left = len(rows) - LISTED if row == listed[-1] else 0
        more = f"; {left} more such jumps follow" if left > 0 else ""
        clause = f"{change} on {session:%Y-%m-%d}, {advice}{more}"
        yield Finding("split", "warning", session, clause)


def _split(ratio: float) -> str | None:
    """The split after which a price moves by such a factor, within 3 %."""
    factor = max(ratio, 1 / ratio)
    nearest = min(SPLITS, key=lambda each: abs(each / factor - 1))
    if abs(nearest / factor - 1) > NEAR:
        return None
    new, old = SPLITS[nearest] if ratio < 1 else SPLITS[nearest][::-1]
    return f"after a {new}:{old} split"


def _gaps(table: pd.DataFrame) -> Iterator[Finding]:
    days = np.diff(table.index.to_numpy().astype("datetime64[D]")).astype("int64")
    rows = np.flatnonzero(days > GAP_DAYS)
    if len(rows):
        before = _session(table, int(rows[0]))
        after = _session(table, int(rows[0]) + 1)
        number = "1 gap" if len(rows) == 1 else f"{len(rows)} gaps"
        clause = (
            f"{number} of more than {GAP_DAYS} days between sessions, the first from"
            f" {before:%Y-%m-%d} to {after:%Y-%m-%d}, the longest {days.max()} days"
        )
        yield Finding("gap", "warning", after, clause)


def _stills(table: pd.DataFrame) -> Iterator[Finding]:
    close = table["close"].to_numpy()
    starts = np.flatnonzero(np.diff(close, prepend=np.nan) != 0)
    lengths = np.diff(starts, append=len(close))
    longest = int(np.argmax(lengths))
    first = _session(table, int(starts[longest]))
    if len(starts) == 1 and len(close) > 1:
        clause = f"the close is {close[0]:g} in every session; there is nothing to learn"
        yield Finding("constant", "warning", first, clause)
    elif lengths[longest] >= STILL:
        clause = (
            f"the close stays the same for {lengths[longest]} sessions from {first:%Y-%m-%d} on"
        )
        yield Finding("constant", "notice", first, clause)


def _volumes(table: pd.DataFrame) -> Iterator[Finding]:
    if "volume" in table and not table["volume"].to_numpy().any():
        yield Finding("no_volume", "notice", None, "the volume is 0 in every session")


def _weekends(table: pd.DataFrame) -> Iterator[Finding]:
    index = pd.DatetimeIndex(table.index)
    clause = "{} on a weekend; a year has more sessions than the usual 252"
    yield from _counted(table, index.day_of_week.to_numpy() > 4, "weekend", clause)


def _lengths(table: pd.DataFrame) -> Iterator[Finding]:
    if len(table) < SHORT:
        number = "1 session is" if len(table) == 1 else f"{len(table)} sessions are"
        yield Finding("short", "notice", None, f"{number} less than a year; scores will say little")


def foretellers(table: pd.DataFrame) -> Iterator[Finding]:
    """Columns that go along with the change of the next session: they hold something of it."""
    others = [each for each in table.columns if each not in COLUMNS]
    if not others:
        return
    change = pd.Series(np.diff(np.log(table["close"].to_numpy()))).rank()
    for name in others:
        values = pd.Series(table[name].to_numpy())
        found = [each[:-1].rank().corr(change) for each in (values, values.diff())]
        agreement = max(found, key=lambda each: abs(each) if each == each else 0.0)
        if abs(agreement) > max(TELLING, SURE / math.sqrt(len(table))):
            clause = (
                f"column {name} goes along with the next session's change of the close (rank"
                f" correlation {agreement:.2f}), as if it came after this close; hold it back"
                " (--with-lag 1 where its market closes later), or scores promise too much"
            )
            yield Finding("foretelling", "notice", None, clause)


def _futures(table: pd.DataFrame, today: date) -> Iterator[Finding]:
    tomorrow = np.datetime64(today, "D") + 1
    later = table.index.to_numpy().astype("datetime64[D]") > tomorrow
    yield from _counted(table, later, "future", "{} later than tomorrow")


def _session(table: pd.DataFrame, row: int) -> pd.Timestamp:
    return pd.Timestamp(table.index.to_numpy()[row])


def _counted(table: pd.DataFrame, wrong: Mask, kind: Kind, clause: str) -> Iterator[Finding]:
    """One finding for all rows that are wrong, with their number and the first of them."""
    if wrong.any():
        number = int(wrong.sum())
        first = _session(table, int(np.argmax(wrong)))
        sessions = clause.format("1 session" if number == 1 else f"{number} sessions")
        severity = "notice" if kind == "weekend" else "warning"
        yield Finding(kind, severity, first, f"{sessions}, first on {first:%Y-%m-%d}")


_CHECKS: tuple[Callable[[pd.DataFrame], Iterator[Finding]], ...] = (
    _spreads,
    _jumps,
    _gaps,
    _stills,
    _volumes,
    _weekends,
    _lengths,
    foretellers,
)

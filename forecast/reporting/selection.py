"""From the answers table to what one picture shows: one forecaster at one horizon."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd

from forecast.errors import SettingError
from forecast.reporting.wording import ahead, count, day, plain

BASELINE = "last"
UNITS = {"close": "prices as in the source", "volatility": "volatility in % a session"}
PLURALS = {"close": "closes", "volatility": "volatilities"}
Choice = TypeVar("Choice", str, int)


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """Answers of one forecaster: `known` at one horizon, `upcoming` at every horizon up to it.

    Both have the columns of the answers table, oldest first; the actuals of `upcoming` are NaN.
    `answers` is the table that they were picked from, `names` its forecasters.
    """

    ticker: str
    forecaster: str
    horizon: int
    names: tuple[str, ...]
    known: pd.DataFrame
    upcoming: pd.DataFrame
    answers: pd.DataFrame
    noun: str = "close"

    @property
    def plural(self) -> str:
        """What the answers are, many of them."""
        return PLURALS[self.noun]

    @property
    def unit(self) -> str:
        """What the answers are measured in."""
        return UNITS[self.noun]

    def newest(self, count: int) -> "Selection":
        """The same with the last `count` known answers only."""
        return replace(self, known=self.known.tail(count).reset_index(drop=True))

    def other(self, forecaster: str) -> "Selection":
        """The answers of another forecaster at the same horizon."""
        return select(self.answers, forecaster, self.horizon, self.noun)

    @property
    def title(self) -> str:
        """The ticker, short enough to head a picture."""
        return plain(self.ticker, 30)

    @property
    def model(self) -> str:
        """The forecaster, short enough to stand beside a line."""
        return plain(self.forecaster, 13)

    @property
    def words(self) -> str:
        """Dates, number and horizon of the known answers."""
        dates = self.known["date"]
        when = f"{day(dates.iloc[0])} to {day(dates.iloc[-1])}"
        return f"{when}, {count(len(dates), 'forecast')}, {ahead(self.horizon)}"


def select(
    answers: pd.DataFrame,
    forecaster: str | None = None,
    horizon: int | None = None,
    noun: str = "close",
) -> Selection:
    """The answers of `forecaster` (the first that is no last close) at `horizon` (the farthest).

    `noun` is what the answers are: close or volatility.

    Raises:
        SettingError: several tickers, an unknown forecaster or horizon, or nothing to show.
    """
    tickers: list[str] = answers["ticker"].unique().tolist()
    if len(tickers) != 1:
        raise SettingError(f"answers hold {len(tickers)} tickers; a picture shows 1, so pick one")
    names: list[str] = answers["forecaster"].unique().tolist()
    others = [name for name in names if name != BASELINE] or names
    forecaster = _among(names, forecaster or others[0], "forecaster")
    rows = answers[answers["forecaster"] == forecaster].sort_values(["date", "horizon"])
    horizons: list[int] = sorted(rows["horizon"].unique().tolist())
    horizon = _among(horizons, horizon or horizons[-1], "horizon")
    known = rows[rows["actual"].notna()]
    known = known[known["horizon"] == horizon].reset_index(drop=True)
    if known.empty:
        raise SettingError(f"{tickers[0]}: no answer of {forecaster} has its actual yet; needs 1")
    newest = rows[rows["actual"].isna()]
    newest = newest[newest["cutoff"].isin([newest["cutoff"].max()])]
    newest = newest[newest["horizon"] <= horizon].reset_index(drop=True)
    return Selection(tickers[0], forecaster, horizon, tuple(names), known, newest, answers, noun)


def _among(choices: Sequence[Choice], choice: Choice, what: str) -> Choice:
    if choice not in choices:
        raise SettingError(f"{what} is one of {', '.join(map(str, choices))}; got {choice!r}")
    return choice

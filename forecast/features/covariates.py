"""Covariates as columns beside the prices, each known at its own row.

Known in the past: indicators and other tickers, of the row's own session at the latest. Known in
the future: the calendar, of every session that is forecast from the row.
"""

import numpy as np
import pandas as pd

from forecast.data.holidays import scheduled
from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.features.calendars import calendar
from forecast.features.calendars import check as check_calendar
from forecast.features.indicators import indicators, parsed
from forecast.settings import Covariates


def listed(written: str) -> list[str]:
    """The names in a text with commas between.

    >>> listed("rsi, sma:50,rsi")
    ['rsi', 'sma:50']
    """
    return list(dict.fromkeys(name.strip() for name in written.split(",") if name.strip()))


def check(setting: Covariates) -> None:
    """Let covariates pass whose names are known.

    Raises:
        SettingError: an unknown indicator, or an unknown part of the calendar.
    """
    for name in listed(setting.indicators):
        parsed(name)
    check_calendar(listed(setting.calendar))


def with_covariates(prices: Prices, setting: Covariates, horizon: int) -> Prices:
    """The prices with a column for each covariate; the rows that an indicator needs are left out.

    The calendar has columns for each session up to the horizon.

    Raises:
        SettingError: an unknown indicator, calendar or exchange, or one that is not installed.
        DataError: too few rows, or a column of that name is there already.
    """
    names, days = listed(setting.indicators), listed(setting.calendar)
    if not (names or days):
        return prices
    index = pd.DatetimeIndex(prices.table.index)
    holidays = scheduled(setting.exchange, index) if days and setting.exchange else None
    told = calendar(index, days, holidays, horizon) if days else pd.DataFrame(index=index)
    new = pd.concat([indicators(prices.table, names), told], axis=1)
    twice = [name for name in new.columns if name in prices.table.columns]
    if twice:
        raise DataError(f"{prices.ticker}: there is a column {twice[0]!r} already")
    complete = np.isfinite(new.to_numpy()).all(axis=1)
    if not complete.any():
        raise DataError(f"{prices.ticker}: {len(index)} rows are too few for {', '.join(names)}")
    first = int(np.argmax(complete))
    notes = [f"Indicators need rows before them: the first {first} are left out."] if first else []
    return prices.with_table(pd.concat([prices.table, new], axis=1).iloc[first:], *notes)

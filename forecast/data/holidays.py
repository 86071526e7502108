"""Scheduled holidays of an exchange, by the `exchange_calendars` library.

It is an extra: `pip install 'forecast[calendar]'`. Closures that nobody could foresee are in its
calendars too, and are left out.
"""

import warnings

import pandas as pd

from forecast.errors import SettingError
from forecast.extras import extra

# A holiday after the last row matters as well.
AHEAD = pd.Timedelta(days=60)


def scheduled(exchange: str, index: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """The holidays from the first date of an index until two months after its last.

    Raises:
        SettingError: the library is not installed, or knows no such exchange.
    """
    library = extra(
        "exchange_calendars",
        "holidays of an exchange need a library: pip install 'forecast[calendar]'",
    )
    # What the library asks of pandas, and pandas warns of, is not the affair of who runs this.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            holidays = library.get_calendar(exchange).regular_holidays
        except library.errors.CalendarError as error:
            raise SettingError(
                f"no exchange is known as {exchange[:20]!r}; needs its code, as XNYS, XNAS or XKRX"
            ) from error
        if holidays is None:
            return pd.DatetimeIndex([])
        return pd.DatetimeIndex(holidays.holidays(index[0].normalize(), index[-1] + AHEAD))

import numpy as np
import pandas as pd
import pytest

from forecast.data.holidays import scheduled
from forecast.data.sessions import following, usual_weekdays, weekdays
from forecast.errors import DataError, SettingError
from forecast.features.calendars import CALENDAR, calendar

WORKING = pd.bdate_range("2023-12-01", periods=90, name="date")
DAILY = pd.date_range("2023-12-01", periods=90, name="date")
# From working days to every day, as a series that begins to trade at weekends.
TURNING = WORKING[:70].append(pd.date_range(WORKING[70], periods=40))
BARS = pd.to_timedelta(np.arange(30) * 5, "m")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


@pytest.mark.parametrize("index", [WORKING, DAILY, TURNING, WORKING[:4]])
def test_the_session_to_come_is_the_one_that_could_be_known_on_each_row(
    index: pd.DatetimeIndex,
) -> None:
    table = calendar(index, ["weekday"])
    assert tuple(table.columns) == DAYS
    for row in range(len(index)):
        known = index[: row + 1]
        assert {*np.flatnonzero(usual_weekdays(index)[row])} == weekdays(known)
        day = following(known, 1)[0].day_of_week
        assert table.iloc[row].tolist() == [float(day == each) for each in range(6)]


@pytest.mark.parametrize("index", [WORKING, DAILY, TURNING])
def test_each_session_up_to_the_horizon_is_told(index: pd.DatetimeIndex) -> None:
    names = ["weekday", "month_end"]
    table = calendar(index, names, horizon=3)
    assert len(table.columns) == 3 * 7
    for row in range(len(index)):
        days = following(index[: row + 1], 4)
        for session in (1, 2, 3):
            ending = f"_{session}" if session > 1 else ""
            told = table.iloc[row][[day + ending for day in DAYS]]
            assert told.tolist() == [
                float(days[session - 1].day_of_week == each) for each in range(6)
            ]
            last = days[session - 1].month != days[session].month
            assert table[f"month_end{ending}"].iloc[row] == last
    pd.testing.assert_frame_equal(table[[*DAYS, "month_end"]], calendar(index, names))


def test_the_ends_of_a_month_are_those_of_the_session_to_come() -> None:
    table = calendar(WORKING, ["month_end", "month_start", "month"])
    # 2024-01-31 was a Wednesday, 2024-02-01 a Thursday: each is told on the row before.
    assert table.index[table["month_end"] == 1][1] == pd.Timestamp("2024-01-30")
    assert table.index[table["month_start"] == 1][0] == pd.Timestamp("2023-12-29")
    december = table.loc["2023-12-05"]
    assert december["month_sine"] == pytest.approx(-0.5)
    assert december["month_cosine"] == pytest.approx(np.sqrt(0.75))


def test_scheduled_holidays_are_known_and_a_storm_is_not() -> None:
    pytest.importorskip("exchange_calendars", reason="the extra 'calendar' is not installed")
    index = pd.bdate_range("2012-06-01", "2012-11-30", name="date")
    holidays = scheduled("XNYS", index)
    closed = [*holidays, pd.Timestamp("2012-10-29"), pd.Timestamp("2012-10-30")]
    sessions = index[~index.isin(closed)]
    table = calendar(sessions, ["weekday", "holiday"], holidays)
    # Independence Day was a Wednesday; on the day before, Thursday is the session to come.
    assert table.loc["2012-07-03", "thursday"] == 1
    assert table.loc["2012-07-03", "after_holiday"] == 1
    assert table.loc["2012-07-02", "before_holiday"] == 1
    assert table.loc["2012-07-05", ["after_holiday", "before_holiday"]].tolist() == [0, 0]
    # The hurricane closed the exchange on a Monday that nobody could have known of on Friday.
    assert table.loc["2012-10-26", "monday"] == 1
    assert pd.Timestamp("2012-10-29") not in holidays


def test_an_exchange_that_never_closes_has_no_holidays() -> None:
    pytest.importorskip("exchange_calendars", reason="the extra 'calendar' is not installed")
    assert len(scheduled("24/7", WORKING)) == 0
    with pytest.raises(SettingError, match="no exchange is known as 'NOWHERE'"):
        scheduled("NOWHERE", WORKING)


def test_what_the_calendar_lacks_is_refused() -> None:
    with pytest.raises(SettingError, match="the calendar has no 'wekday'; did you mean weekday"):
        calendar(WORKING, ["wekday"])
    with pytest.raises(SettingError, match="holiday needs an exchange"):
        calendar(WORKING, ["holiday"])


def test_no_calendar_column_depends_on_later_rows() -> None:
    holidays = pd.DatetimeIndex(["2023-12-25", "2024-01-01", "2024-01-15"])
    whole, early = (
        calendar(each, list(CALENDAR), holidays, horizon=3) for each in (TURNING, TURNING[:71])
    )
    pd.testing.assert_frame_equal(whole.iloc[:71], early, check_exact=True, check_freq=False)


def test_months_and_bars_within_a_day_have_no_calendar() -> None:
    for index in (DAILY[:30] + pd.to_timedelta(np.arange(30), "D") * 30, WORKING[0] + BARS):
        with pytest.raises(DataError, match="rows are bars within a day, or months"):
            calendar(pd.DatetimeIndex(index), ["weekday"])
    assert len(calendar(pd.date_range("2024-01-05", periods=9, freq="W-FRI"), ["month_end"])) == 9

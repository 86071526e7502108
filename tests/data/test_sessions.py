from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data.sessions import a_year, following, last_finished, weekdays

WEEK = frozenset(range(5))


def test_after_friday_comes_monday() -> None:
    index = pd.bdate_range("2024-01-01", "2024-03-01", name="date")
    expected = ["2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08", "2024-03-11"]
    after = following(index, 6)
    assert after.strftime("%Y-%m-%d").tolist() == expected
    assert after.name == "date"


def test_a_coin_trades_every_day() -> None:
    index = pd.date_range("2024-01-01", "2024-03-01")
    assert following(index, 3).strftime("%d").tolist() == ["02", "03", "04"]


def test_tel_aviv_trades_from_sunday_to_thursday() -> None:
    index = pd.date_range("2024-01-01", "2024-03-07")
    index = index[index.day_of_week.isin([6, 0, 1, 2, 3])]
    assert following(index, 2).strftime("%a").tolist() == ["Sun", "Mon"]


def test_one_session_on_a_saturday_does_not_make_saturdays_sessions() -> None:
    index = pd.bdate_range("2024-01-01", "2024-03-01").append(pd.DatetimeIndex(["2024-03-02"]))
    assert following(index, 1)[0] == pd.Timestamp("2024-03-04")


def test_weekly_prices_go_on_weekly() -> None:
    index = pd.date_range("2022-01-07", periods=80, freq="W-FRI")
    steps = following(index, 3).to_series(index=range(3)).diff().dropna()
    assert (steps == pd.Timedelta(days=7)).all()


@pytest.mark.parametrize(
    ("freq", "expected"),
    [
        ("ME", ["2021-03-31", "2021-04-30", "2021-05-31"]),
        ("BME", ["2021-03-31", "2021-04-30", "2021-05-31"]),
        ("MS", ["2021-03-01", "2021-04-01", "2021-05-01"]),
        ("QE", ["2021-06-30", "2021-09-30", "2021-12-31"]),
        ("YE", ["2021-12-31", "2022-12-31", "2023-12-31"]),
        ("2W-FRI", ["2021-03-12", "2021-03-26", "2021-04-09"]),
    ],
)
def test_months_and_weeks_go_on_as_they_came(freq: str, expected: list[str]) -> None:
    last = {"MS": "2021-02-01", "QE": "2021-03-31", "YE": "2020-12-31"}.get(freq, "2021-02-26")
    index = pd.date_range(end=last if freq != "ME" else "2021-02-28", periods=40, freq=freq)
    index = pd.DatetimeIndex(index.to_numpy(), name="date")
    assert following(index, 3).strftime("%Y-%m-%d").tolist() == expected
    assert following(index, 3).name == "date"


def test_the_last_weekday_of_a_month_is_not_looked_for_on_a_sunday() -> None:
    index = pd.DatetimeIndex(pd.date_range(end="2021-12-31", periods=40, freq="BME").to_numpy())
    assert following(index, 4).strftime("%m-%d").tolist() == ["01-31", "02-28", "03-31", "04-29"]


def test_bars_within_a_day_go_on_at_their_times_and_on_the_next_day_that_trades() -> None:
    days = pd.bdate_range("2024-01-01", periods=25)
    bars = pd.to_timedelta(np.arange(7) * 60 + 9 * 60 + 30, "m")
    index = pd.DatetimeIndex((days.to_numpy()[:, None] + bars.to_numpy()).ravel())
    expected = ["Fri 15:30", "Mon 09:30", "Mon 10:30"]
    # A short day, and a bar at an odd time, are not usual.
    index = index[index != pd.Timestamp("2024-01-10 15:30")].insert(0, days[0])
    assert following(index[:-1], 3).strftime("%a %H:%M").tolist() == expected


def test_sessions_of_a_year_are_those_that_come() -> None:
    assert a_year(pd.bdate_range("2024-01-01", periods=9)) == 252
    assert a_year(pd.date_range("2024-01-01", periods=90)) == 365
    assert a_year(pd.date_range("2010-01-01", periods=90, freq="ME")) == pytest.approx(12, rel=0.02)
    assert a_year(pd.date_range("2010-01-01", periods=90, freq="W")) == pytest.approx(52, rel=0.02)
    assert a_year(pd.date_range("2010-01-01", periods=9000, freq="h")) == pytest.approx(8766)


def test_one_row_is_followed_by_weekdays() -> None:
    assert following(pd.DatetimeIndex(["2024-03-01"]), 1)[0] == pd.Timestamp("2024-03-04")


@given(
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.integers(1, 90),
    st.integers(0, 40),
    st.sampled_from(["B", "D", "W-WED"]),
)
def test_following_sessions_rise_on_known_weekdays(
    first: date, rows: int, count: int, freq: str
) -> None:
    index = pd.date_range(first, periods=rows, freq=freq)
    after = following(index, count)
    assert len(after) == count
    assert after.is_monotonic_increasing
    assert after.is_unique
    assert (after > index[-1]).all()
    assert set(after.day_of_week) <= weekdays(index)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2024-07-05 15:59", "2024-07-04"),
        ("2024-07-05 16:29", "2024-07-04"),
        ("2024-07-05 16:30", "2024-07-05"),
        ("2024-07-06 12:00", "2024-07-05"),
        ("2024-07-08 09:00", "2024-07-05"),
    ],
)
def test_a_session_is_finished_half_an_hour_after_its_close(now: str, expected: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZoneInfo("America/New_York"))
    finished = last_finished(moment, "America/New_York", time(16), WEEK)
    assert finished.isoformat() == expected


def test_the_exchanges_evening_counts_not_ours() -> None:
    moment = datetime.fromisoformat("2024-07-04T22:00:00+00:00")
    assert last_finished(moment, "Asia/Seoul", time(15, 30), WEEK) == date(2024, 7, 4)
    moment = datetime.fromisoformat("2024-07-05T07:00:00+00:00")
    assert last_finished(moment, "Asia/Seoul", time(15, 30), WEEK) == date(2024, 7, 5)


def test_a_coins_day_is_published_after_midnight() -> None:
    every = frozenset(range(7))
    moment = datetime.fromisoformat("2024-07-06T00:10:00+00:00")
    assert last_finished(moment, "UTC", time(23, 59), every) == date(2024, 7, 4)
    moment = datetime.fromisoformat("2024-07-06T00:40:00+00:00")
    assert last_finished(moment, "UTC", time(23, 59), every) == date(2024, 7, 5)

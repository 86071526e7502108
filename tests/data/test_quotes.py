from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pandas as pd
import pytest

from forecast.data.quotes import Quotes, extended, missing
from tests.data.yahoo_server import series


def quotes(rows: int = 30, fetched: str = "2024-02-12T22:00:00+00:00") -> Quotes:
    table = series(rows).rename(columns={"adjusted": "factor"})
    table["factor"] = 0.98
    return Quotes("X", table, "America/New_York", time(16), datetime.fromisoformat(fetched))


def part(whole: Quotes, rows: slice) -> Quotes:
    return replace(whole, table=whole.table.iloc[rows])


def test_new_sessions_follow_the_old_ones() -> None:
    whole = quotes(30)
    old, recent = part(whole, slice(0, 20)), part(whole, slice(15, 30))
    longer = extended(old, recent)
    assert longer is not None
    pd.testing.assert_frame_equal(longer.table, whole.table, check_freq=False)


def test_a_volume_corrected_later_replaces_the_first() -> None:
    whole = quotes(30)
    recent = part(whole, slice(15, 30))
    recent.table.loc[recent.table.index[2], "volume"] = 77.0
    longer = extended(part(whole, slice(0, 20)), recent)
    assert longer is not None
    assert longer.table["volume"].iloc[17] == 77.0


@pytest.mark.parametrize(
    "change",
    [
        {"close": 0.5},
        {"factor": 0.999},
        {"close": 1 + 2e-4},
    ],
    ids=str,
)
def test_a_changed_past_asks_for_the_whole(change: dict[str, float]) -> None:
    whole = quotes(30)
    recent = part(whole, slice(15, 30))
    table = recent.table.copy()
    for name, factor in change.items():
        table[name] *= factor
    assert extended(part(whole, slice(0, 20)), replace(recent, table=table)) is None


def test_rounding_is_no_change() -> None:
    whole = quotes(30)
    recent = part(whole, slice(15, 30))
    rounded = replace(recent, table=recent.table.assign(close=recent.table["close"].round(4)))
    assert extended(part(whole, slice(0, 20)), rounded) is not None


def test_what_does_not_meet_or_lacks_sessions_asks_for_the_whole() -> None:
    whole = quotes(30)
    old = part(whole, slice(0, 20))
    assert extended(old, part(whole, slice(20, 30))) is None
    gap = replace(whole, table=whole.table.iloc[15:].drop(whole.table.index[17]))
    assert extended(old, gap) is None


def test_missing_sessions_are_counted_up_to_the_last_one_known() -> None:
    whole = quotes(30)
    assert missing(part(whole, slice(0, 20)), part(whole, slice(3, 30))) == 3
    assert missing(part(whole, slice(0, 20)), whole) == 0
    assert missing(part(whole, slice(5, 20)), whole) == -5


@pytest.mark.parametrize(
    ("now", "fresh"),
    [
        ("2024-02-12T23:00:00+00:00", True),
        ("2024-02-13T20:00:00+00:00", True),
        ("2024-02-13T21:31:00+00:00", False),
        ("2024-02-20T12:00:00+00:00", False),
        ("2024-02-12T21:30:00+00:00", True),
        ("2024-02-12T20:00:00+00:00", False),
        ("2010-01-01T00:00:00+00:00", False),
    ],
)
def test_fresh_until_the_next_session_is_finished(now: str, fresh: bool) -> None:
    assert quotes(30).table.index[-1] == pd.Timestamp("2024-02-12")
    assert quotes(30).fresh(datetime.fromisoformat(now)) is fresh


def test_a_holiday_is_asked_about_every_two_hours() -> None:
    asked = datetime(2024, 2, 14, 0, 0, tzinfo=UTC)
    kept = quotes(30, asked.isoformat())
    assert kept.fresh(asked + timedelta(hours=1))
    assert not kept.fresh(asked + timedelta(hours=3))


def test_adjusted_prices_are_raw_ones_times_the_factor() -> None:
    prices = quotes(30).prices("cache", ("a",))
    raw = quotes(30).table
    np.testing.assert_array_equal(prices.table["open"], raw["open"] * 0.98)
    np.testing.assert_array_equal(prices.table["volume"], raw["volume"])
    assert prices.receipt.notes == ("a",)
    assert prices.receipt.fetched == "2024-02-12T22:00:00Z"

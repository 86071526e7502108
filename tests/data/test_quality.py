"""Odd prices are found, with their first session; ordinary ones are left in peace."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data import known, quality, samples
from forecast.data.quality import Finding, findings

ROWS = 300


def table(**columns: np.ndarray) -> pd.DataFrame:
    """Ordinary prices of 300 weekdays, with some columns replaced."""
    close = 100 * np.exp(0.01 * np.random.default_rng(5).standard_normal(ROWS).cumsum())
    usual = {"open": close, "high": close * 1.01, "low": close * 0.99, "close": close}
    usual["volume"] = np.full(ROWS, 1000.0)
    index = pd.bdate_range("2020-01-01", periods=ROWS, name="date")
    return pd.DataFrame({**usual, **columns}, index=index)


def of(kind: quality.Kind, found: tuple[Finding, ...]) -> list[Finding]:
    return [each for each in found if each.kind == kind]


def test_ordinary_prices_have_nothing_odd() -> None:
    assert findings(table(), today=date(2021, 6, 1)) == ()


def test_high_below_low_is_counted_and_the_first_is_named() -> None:
    odd = table()
    odd.loc[odd.index[[10, 20]], "high"] = 1.0
    (found,) = findings(odd)
    assert found.kind == "high_below_low"
    assert found.date == odd.index[10]
    assert found.sentence == "High is below low in 2 sessions, first on 2020-01-15."


def test_a_close_outside_its_session_is_found() -> None:
    odd = table()
    odd.loc[odd.index[10], "high"] = odd["close"].iloc[10] * 0.995
    (found,) = findings(odd)
    assert found.sentence == "Close is outside low to high in 1 session, first on 2020-01-15."


def test_rounding_is_not_odd() -> None:
    close = table()["close"].to_numpy()
    assert findings(table(high=close * (1 - 1e-8), low=close * (1 + 1e-8))) == ()


def test_closes_alone_are_enough() -> None:
    assert findings(table()[["close"]]) == ()


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1 / 2, "fell to 0.500 of the last close on 2020-05-20, as after a 2:1 split; if it was"),
        (1 / 20, "fell to 0.050 of the last close on 2020-05-20, as after a 20:1 split"),
        (2 / 3, "fell to 0.667 of the last close on 2020-05-20, as after a 3:2 split"),
        (10, "rose to 10.000 of the last close on 2020-05-20, as after a 1:10 split"),
        (0.6, "fell to 0.600 of the last close on 2020-05-20, which no split explains; check it"),
        (1000, "rose to 1000.000 of the last close on 2020-05-20, which no split explains"),
    ],
)
def test_a_jump_is_found_and_the_split_that_explains_it(factor: float, words: str) -> None:
    after = np.where(np.arange(ROWS) >= 100, factor, 1.0)
    close = np.full(ROWS, 50.0) * after + np.arange(ROWS) * 1e-9
    (found,) = of("split", findings(table()[["close"]].assign(close=close)))
    assert found.severity == "warning"
    assert words in found.sentence
    assert found.date == pd.Timestamp("2020-05-20")


def test_a_move_that_a_session_can_make_is_no_jump() -> None:
    restless = np.where(np.arange(ROWS) % 2, 100.0, 75.0)
    assert findings(table()[["close"]].assign(close=restless)) == ()


def test_many_jumps_are_counted_after_the_fifth() -> None:
    wild = table()[["close"]].assign(close=np.where(np.arange(ROWS) % 2, 100.0, 10.0))
    jumps = of("split", findings(wild))
    assert len(jumps) == 5
    assert [("more such" in each.sentence) for each in jumps] == [False] * 4 + [True]
    assert jumps[-1].sentence.endswith("; 294 more such jumps follow.")


def test_gaps_of_more_than_ten_days_are_found() -> None:
    gapped = table().drop(pd.bdate_range("2020-03-02", "2020-03-31"))
    (found,) = findings(gapped)
    assert found.sentence == (
        "1 gap of more than 10 days between sessions, the first from 2020-02-28 to 2020-04-01,"
        " the longest 33 days."
    )


@pytest.mark.parametrize(("days", "odd"), [(10, False), (11, True)])
def test_ten_days_are_no_gap(days: int, odd: bool) -> None:
    prices = table()
    late = prices.index[100:] + pd.Timedelta(days=days - 1)
    shifted = prices.set_index(prices.index[:100].append(late))
    assert bool(of("gap", findings(shifted))) == odd


def test_a_series_that_never_moves_is_a_warning_and_a_pause_a_notice() -> None:
    (flat,) = of("constant", findings(table()[["close"]].assign(close=7.0)))
    assert flat.severity == "warning"
    assert flat.sentence == "The close is 7 in every session; there is nothing to learn."
    close = table()["close"].to_numpy().copy()
    close[50:62] = close[50]
    (pause,) = of("constant", findings(table()[["close"]].assign(close=close)))
    assert pause.severity == "notice"
    assert pause.sentence == "The close stays the same for 12 sessions from 2020-03-11 on."


def test_no_volume_at_all_is_noticed() -> None:
    (found,) = findings(table(volume=np.zeros(ROWS)))
    assert (found.kind, found.severity, found.date) == ("no_volume", "notice", None)


def test_weekends_are_noticed() -> None:
    daily = table().set_index(pd.date_range("2020-01-01", periods=ROWS))
    (found,) = findings(daily)
    assert found.severity == "notice"
    assert found.sentence.startswith("86 sessions on a weekend; a year has more sessions")


def test_a_short_series_is_noticed() -> None:
    (found,) = findings(table().iloc[:249])
    assert found.sentence == "249 sessions are less than a year; scores will say little."
    assert findings(table().iloc[:250]) == ()


def test_sessions_after_tomorrow_are_found_only_by_those_who_know_the_day() -> None:
    prices = table()
    last = prices.index[-1].date()
    before = prices.index[-3].date()
    assert findings(prices) == findings(prices, today=last) == ()
    assert findings(prices, today=prices.index[-2].date()) == ()
    (found,) = findings(prices, today=before)
    assert found.kind == "future"
    assert found.sentence == "2 sessions later than tomorrow, first on 2021-02-22."


def test_a_column_that_knows_the_next_change_is_noticed_and_one_that_knows_this_one_is_not() -> (
    None
):
    random, prices = np.random.default_rng(0), table()
    change = np.diff(np.log(prices["close"].to_numpy()), prepend=0.0)
    honest, leaky = change, np.roll(change, -1)
    noise = 0.02 * random.standard_normal(ROWS)
    assert of("foretelling", findings(prices.assign(other=honest))) == []
    assert of("foretelling", findings(prices.assign(other=noise, still=1.0))) == []
    # As changes, and as levels whose changes tell it.
    for column in (leaky + noise, 50 + np.cumsum(leaky)):
        (found,) = of("foretelling", findings(prices.assign(other=column)))
        assert found.sentence.startswith("Column other goes along with the next session's change")


def test_warnings_come_first() -> None:
    odd = table(volume=np.zeros(ROWS)).drop(pd.bdate_range("2020-03-02", "2020-03-31"))
    assert [each.severity for each in findings(odd)] == ["warning", "notice"]


@given(
    st.lists(st.floats(1e-6, 1e30), min_size=1, max_size=30),
    st.lists(st.integers(1, 400), min_size=30, max_size=30),
)
def test_any_prices_can_be_looked_at(closes: list[float], gaps: list[int]) -> None:
    days = np.datetime64("1990-01-01", "s") + 86_400 * np.cumsum(gaps)[: len(closes)]
    found = findings(
        pd.DataFrame({"close": closes}, pd.DatetimeIndex(days)), today=date(2000, 1, 1)
    )
    assert all(each.sentence.endswith(".") for each in found)


def test_the_samples_hold_one_jump_and_no_other_warning() -> None:
    warnings = [
        (ticker, each.kind, each.date)
        for ticker in known.bundled()
        for each in findings(samples.load(ticker).table)
        if each.severity == "warning"
    ]
    assert warnings == [("AAPL", "split", pd.Timestamp("2000-09-29"))]

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.features.alongside import joined
from forecast.settings import InputKind
from tests.made import prices, table

OWN = prices(60, ticker="OWN")


def other(rows: "slice | list[int]" = slice(None), ticker: str = "SPY") -> Prices:
    return Prices.of(ticker, table(60, seed=9).iloc[rows])


@given(
    kept=st.sets(st.integers(0, 59), min_size=8).map(sorted),
    lag=st.integers(0, 2),
    kind=st.sampled_from(["changes", "level"]),
)
def test_each_session_has_what_was_known_at_its_close(
    kept: list[int], lag: int, kind: InputKind
) -> None:
    kept = [*kept[:-1], 59]
    theirs = other(kept).table["close"]

    def known(date: pd.Timestamp) -> float:
        before = theirs[theirs.index <= date]
        return float(before.iloc[-1 - lag]) if len(before) > lag else np.nan

    closes = np.array([known(date) for date in OWN.table.index])
    wanted = closes if kind == "level" else np.diff(np.log(closes), prepend=np.nan)
    told = joined(OWN, [other(kept)], lag=lag, kind=kind).table
    rows = np.isfinite(wanted)
    assert told.index.equals(OWN.table.index[rows])
    np.testing.assert_array_equal(told["SPY"].to_numpy(), wanted[rows])


def test_nothing_of_the_other_after_a_row_moves_that_row() -> None:
    wild = other().table.copy()
    wild.iloc[40:] *= 3
    calm, shocked = (joined(OWN, [each]).table for each in (other(), Prices.of("SPY", wild)))
    assert calm[calm.index < wild.index[40]].equals(shocked[shocked.index < wild.index[40]])
    assert not calm.equals(shocked)


def test_a_session_without_news_has_a_change_of_zero_and_is_told_of() -> None:
    gap = [row for row in range(60) if row not in (30, 31)]
    told = joined(OWN, [other(gap)])
    dates = OWN.table.index
    assert told.table.loc[[dates[30], dates[31]], "SPY"].tolist() == [0, 0]
    closes = other().table["close"]
    assert told.table.loc[dates[32], "SPY"] == np.log(closes.iloc[32]) - np.log(closes.iloc[29])
    [note] = told.receipt.notes
    assert "SPY (without news on 2); sessions before their first: 1, left out" in note


def test_bars_within_a_day_do_not_know_its_close() -> None:
    daily = other(slice(0, 8))
    days = pd.DatetimeIndex(daily.table.index)
    bars = [day + pd.Timedelta(hours=hour) for day in days[2:] for hour in (10, 12, 14)]
    own = Prices.of("OWN", table(60).iloc[: len(bars)].set_axis(pd.DatetimeIndex(bars)))
    told = joined(own, [daily], kind="level").table["SPY"]
    closes = daily.table["close"].to_numpy()
    assert told.to_numpy().tolist() == np.repeat(closes[1:-1], 3).tolist()


def test_several_are_joined_and_none_leaves_the_prices_as_they_are() -> None:
    both = joined(OWN, [other(), other(slice(10, None), "^VIX")])
    assert list(both.table.columns[-2:]) == ["SPY", "^VIX"]
    assert both.table.index[0] == OWN.table.index[11]
    assert joined(OWN, []) is OWN


def test_a_series_that_ends_early_or_starts_too_late_or_clashes_is_refused() -> None:
    with pytest.raises(DataError, match="SPY ends 2020-03-03, 15 sessions before OWN"):
        joined(OWN, [other(slice(0, 45))])
    late = Prices.of("SPY", table(60).set_axis(pd.bdate_range("2021-01-01", periods=60), axis=0))
    with pytest.raises(DataError, match="SPY has no sessions before OWN ends"):
        joined(OWN, [late])
    with pytest.raises(DataError, match="there is a column 'SPY' already"):
        joined(OWN, [other(), other()])

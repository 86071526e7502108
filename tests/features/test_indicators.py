"""Each indicator against its definition, written out as loops over plain numbers."""

import math
import statistics
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from forecast.errors import DataError, SettingError
from forecast.features.indicators import INDICATORS, indicators
from tests.made import table

WHOLE = table(90, seed=3)
OPEN, HIGH, LOW, CLOSE, VOLUME = (WHOLE[name].tolist() for name in WHOLE.columns)


def _level(values: list[float], weight: float) -> list[float]:
    levels = [values[0]]
    for value in values[1:]:
        levels.append(weight * value + (1 - weight) * levels[-1])
    return levels


def _wilder(values: list[float], n: int) -> list[float]:
    """Element i belongs to values[n - 1 + i]."""
    levels = [sum(values[:n]) / n]
    for value in values[n:]:
        levels.append((levels[-1] * (n - 1) + value) / n)
    return levels


def _rsi(t: int, n: int) -> float:
    steps = [b - a for a, b in pairwise(CLOSE)]
    gain = _wilder([max(step, 0.0) for step in steps], n)[t - n]
    loss = _wilder([max(-step, 0.0) for step in steps], n)[t - n]
    return 100 - 100 / (1 + gain / loss)


def _atr(t: int, n: int) -> float:
    ranges = [
        max(HIGH[i] - LOW[i], abs(HIGH[i] - CLOSE[i - 1]), abs(LOW[i] - CLOSE[i - 1]))
        for i in range(1, len(CLOSE))
    ]
    return _wilder(ranges, n)[t - n] / CLOSE[t]


def _bollinger(t: int, n: int) -> float:
    lately = CLOSE[t - n + 1 : t + 1]
    middle, spread = statistics.fmean(lately), statistics.pstdev(lately)
    return (CLOSE[t] - (middle - 2 * spread)) / (4 * spread)


def _stochastic(t: int, n: int) -> float:
    bottom, top = min(LOW[t - n + 1 : t + 1]), max(HIGH[t - n + 1 : t + 1])
    return (CLOSE[t] - bottom) / (top - bottom)


def _volatility(t: int, n: int) -> float:
    squares = [math.log(CLOSE[i] / CLOSE[i - 1]) ** 2 for i in range(t - n + 1, t + 1)]
    return math.sqrt(sum(squares) / n)


def _activity(t: int, n: int) -> float:
    return math.log((1 + VOLUME[t]) / (1 + statistics.fmean(VOLUME[t - n + 1 : t + 1])))


def _macd(t: int, n: int) -> float:
    fast, slow = (_level(CLOSE, 2 / (rows + 1)) for rows in (n, round(n * 26 / 12)))
    return (fast[t] - slow[t]) / CLOSE[t]


# The definition at row t, and the first row that has one.
DEFINITIONS: dict[str, tuple[Callable[[int, int], float], Callable[[int], int]]] = {
    "momentum": (lambda t, n: math.log(CLOSE[t] / CLOSE[t - n]), lambda n: n),
    "sma": (
        lambda t, n: math.log(CLOSE[t] / statistics.fmean(CLOSE[t - n + 1 : t + 1])),
        lambda n: n - 1,
    ),
    "ema": (lambda t, n: math.log(CLOSE[t] / _level(CLOSE, 2 / (n + 1))[t]), lambda n: n - 1),
    "macd": (_macd, lambda n: round(n * 26 / 12) - 1),
    "rsi": (_rsi, lambda n: n),
    "bollinger": (_bollinger, lambda n: n - 1),
    "atr": (_atr, lambda n: n),
    "stochastic": (_stochastic, lambda n: n - 1),
    "volatility": (_volatility, lambda n: n),
    "activity": (_activity, lambda n: n - 1),
}


@pytest.mark.parametrize("length", [2, 12])
@pytest.mark.parametrize("name", INDICATORS)
def test_an_indicator_is_its_definition(name: str, length: int) -> None:
    define, first = DEFINITIONS[name]
    column = indicators(WHOLE, [f"{name}:{length}"])[f"{name}:{length}"]
    start = first(length)
    assert column.iloc[:start].isna().all()
    wanted = [define(row, length) for row in range(start, len(WHOLE))]
    np.testing.assert_allclose(column.iloc[start:], wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", INDICATORS)
def test_an_indicator_knows_nothing_after_its_row_and_has_no_scale(name: str) -> None:
    whole, early = (indicators(each, [name]) for each in (WHOLE, WHOLE.iloc[:60]))
    pd.testing.assert_frame_equal(whole.iloc[:60], early, check_exact=True, check_freq=False)
    grown = WHOLE.assign(**{each: 7.668 * WHOLE[each] for each in ("open", "high", "low", "close")})
    np.testing.assert_allclose(indicators(grown, [name]), whole, atol=1e-9)


def test_a_series_that_stands_still_has_middling_indicators() -> None:
    flat = pd.DataFrame(dict.fromkeys(("high", "low", "close"), [5.0] * 30))
    told = indicators(flat, ["rsi:5", "bollinger:5", "stochastic:5", "sma:5"]).iloc[-1]
    assert told.tolist() == [50.0, 0.5, 0.5, 0.0]


def test_the_usual_length_is_named_and_too_few_rows_are_nan() -> None:
    told = indicators(WHOLE.iloc[:10], ["rsi", "momentum"])
    assert list(told.columns) == ["rsi:14", "momentum:10"]
    assert told.isna().all(axis=None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rsy", "no indicator is named 'rsy'; did you mean rsi"),
        ("rsi:", "from 2 to 1000; got 'rsi:'"),
        ("rsi:1", "from 2 to 1000"),
        ("rsi:9999", "from 2 to 1000"),
        ("rsi:5.5", "from 2 to 1000"),
    ],
)
def test_a_wrong_name_or_length_is_refused(name: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        indicators(WHOLE, [name])


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match="no column 'volume', which an indicator needs"):
        indicators(WHOLE[["close"]], ["activity"])

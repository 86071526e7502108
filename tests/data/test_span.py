import pandas as pd
import pytest

from forecast.data.span import Span
from forecast.errors import DataError, SettingError
from forecast.source_settings import Source

TABLE = pd.DataFrame({"close": range(2000)}, pd.bdate_range("2016-01-04", periods=2000))


def cut(**chosen: str) -> pd.DataFrame:
    return Span.of(Source(**chosen)).cut("X", TABLE)


def test_both_ends_are_included() -> None:
    kept = cut(start="2017-01-02", end="2017-01-06")
    assert kept.index.strftime("%m-%d").tolist() == ["01-02", "01-03", "01-04", "01-05", "01-06"]


def test_ends_need_not_be_sessions() -> None:
    kept = cut(start="2017-01-07", end="2017-01-15")
    assert kept.index.strftime("%m-%d").tolist() == [f"01-{day:02}" for day in range(9, 14)]


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("5d", "2023-08-28"),
        ("1wk", "2023-08-25"),
        ("1mo", "2023-08-01"),
        ("6mo", "2023-03-01"),
        ("1y", "2022-09-01"),
        ("ytd", "2023-01-02"),
        ("max", "2016-01-04"),
        ("", "2016-01-04"),
        ("99y", "2016-01-04"),
        ("9999mo", "2016-01-04"),
        ("9999d", "2016-01-04"),
    ],
)
def test_a_period_reaches_back_from_the_last_session(period: str, first: str) -> None:
    assert f"{TABLE.index[-1]:%Y-%m-%d}" == "2023-09-01"
    assert f"{cut(period=period).index[0]:%Y-%m-%d}" == first


def test_a_period_reaches_back_from_the_end_that_was_asked_for() -> None:
    kept = cut(period="5d", end="2017-01-08")
    assert (len(kept), f"{kept.index[-1]:%Y-%m-%d}") == (5, "2017-01-06")


@pytest.mark.parametrize(
    "chosen",
    [
        {"start": "2024-13-01"},
        {"start": "yesterday"},
        {"end": "2024-02-30"},
        {"end": "2024-01-01T00:00"},
        {"start": "\uff12\uff10\uff12\uff14-01-01"},
        {"period": "5 y"},
        {"period": "0d"},
        {"period": "-5d"},
        {"period": "5Y"},
        {"period": "100000d"},
        {"period": "5y\n"},
        {"start": "2024-01-02", "end": "2024-01-01"},
        {"start": "2024-01-02", "period": "5d"},
    ],
    ids=str,
)
def test_a_span_that_makes_no_sense_is_refused(chosen: dict[str, str]) -> None:
    with pytest.raises(SettingError) as caught:
        Span.of(Source(**chosen))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "chosen", [{"start": "2030-01-01"}, {"end": "1999-01-01"}, {"end": "0001-01-01"}]
)
def test_an_empty_span_names_what_there_is(chosen: dict[str, str]) -> None:
    with pytest.raises(DataError, match="prices cover 2016-01-04 to 2023-09-01"):
        cut(**chosen)

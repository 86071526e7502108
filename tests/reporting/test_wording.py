"""Text from outside is safe to show, and dates that nobody gave are said to be none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data import csv
from forecast.reporting.wording import change, origin, plain, price
from forecast.source_settings import Csv


@given(st.text(), st.integers(10, 100))
def test_no_text_moves_the_cursor_or_grows(text: str, longest: int) -> None:
    shown = plain(text, longest)
    assert len(shown) <= longest
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("two\nlines\r", r"two\nlines\r"),
        ("right\u202eleft", r"right\u202eleft"),
        ("삼성 005930.KS", "삼성 005930.KS"),
        ("x" * 100, "x" * 77 + "..."),
    ],
)
def test_control_characters_are_escaped_and_letters_kept(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (72300.4, "72,300"),
        (9999.999, "10,000.00"),
        (1.005, "1.00"),
        (0.5, "0.5000"),
        (0.00004217, "0.00004217"),
        (0.0, "0.000"),
        (-806.1871, "-806.19"),
        (float("nan"), "n/a"),
    ],
)
def test_a_price_keeps_the_digits_that_matter(value: float, shown: str) -> None:
    assert price(value) == shown


def test_a_change_has_its_sign() -> None:
    assert [change(each) for each in (0.001, -0.001)] == ["+0.10 %", "-0.10 %"]


def test_placeholders_for_dates_are_called_so(tmp_path: Path) -> None:
    path = tmp_path / "undated.csv"
    path.write_text("open,close\n" + "".join(f"{i},{i + 1}\n" for i in range(10, 40)))
    prices = csv.read(path, Csv(no_dates=True, oldest_first=True))
    assert origin(prices.receipt).startswith("CSV file undated.csv, ")
    assert origin(prices.receipt).endswith(", dates are placeholders")

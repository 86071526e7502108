"""Cells that should be numbers: read right, or refused in one line."""

from pathlib import Path

import pytest

from forecast.source_settings import Csv
from tests.data.sheets import CLOSES, GOOD, HEADER, ROWS, read, refusal, with_close


def number(cell: str, complaint: str) -> str:
    return f":3: column 'Close': {cell} {complaint}. Fix: remove the row or pass --na drop."


def missing(cell: str) -> str:
    fix = "remove the row or pass --na drop or --na ffill"
    return f":3: column 'Close': {cell}. Fix: {fix}."


REFUSED = {
    "10-empty": (with_close(""), missing("no number")),
    "10-nan": (with_close("NaN"), missing("'NaN' is a missing number")),
    "10-null": (with_close("null"), missing("'null' is a missing number")),
    "10-n/a": (with_close("N/A"), missing("'N/A' is a missing number")),
    "10-dash": (with_close("-"), missing("'-' is a missing number")),
    "10-excel-first": (
        "Close,Date\n1,2024-01-02\n#N/A,2024-01-03\n2,2024-01-04\n",
        missing("'#N/A' is a missing number"),
    ),
    "16-excel-first": (
        "Close,Date\n1,2024-01-02\n#DIV/0!,2024-01-03\n",
        number("'#DIV/0!'", "is not a number"),
    ),
    "12-inf": (with_close("inf"), number("'inf'", "is not finite")),
    "12-minus-inf": (with_close("-Infinity"), number("'-Infinity'", "is not finite")),
    "12-1e999": (with_close("1e999"), number("'1e999'", "is too large for float32")),
    "12-digits": (
        with_close("9" * 100_000),
        number(f"'{'9' * 40}'...", "is too large for float32"),
    ),
    "13-1e39": (with_close("1e39"), number("'1e39'", "is too large for float32")),
    "13-1e-310": (
        with_close("1e-310"),
        ":3: column 'Close': 1e-310 is too small for float32. Fix: correct or remove the row.",
    ),
    "14-negative": (
        with_close("-3.5"),
        ":3: column 'Close': -3.5 is not above 0, which log changes need."
        " Fix: correct or remove the row.",
    ),
    "14-zero": (
        with_close("0"),
        ":3: column 'Close': 0 is not above 0, which log changes need."
        " Fix: correct or remove the row.",
    ),
    "14-volume": (
        GOOD.replace(",200", ",-200"),
        ":3: column 'Volume': -200 is below 0. Fix: correct or remove the row.",
    ),
    "16-text": (with_close("abc"), number("'abc'", "is not a number")),
    "16-long": (with_close("x" * 60), number(f"'{'x' * 40}'...", "is not a number")),
    "16-ansi": (with_close("\x1b[31m"), number(r"'\x1b[31m'", "is not a number")),
    "16-many": (
        HEADER + "".join(f"2024-01-{day:02d},a,1,1,1,1\n" for day in range(2, 12)),
        ":2: column 'Open': 'a' is not a number; line 3: column 'Open': 'a' is not a number;"
        " line 4: column 'Open': 'a' is not a number; line 5: column 'Open': 'a' is not a number;"
        " line 6: column 'Open': 'a' is not a number; and 5 more."
        " Fix: remove the row or pass --na drop.",
    ),
    "17-dollar": (
        with_close("$11.5"),
        ":3: column 'Close': '$11.5' has a currency sign. Fix: pass --strip-currency.",
    ),
    "17-won": (
        with_close("₩11"),
        ":3: column 'Close': '₩11' has a currency sign. Fix: pass --strip-currency.",
    ),
    "18-thousands-wrong": (with_close('"1,21.5"'), number("'1,21.5'", "is not a number")),
    "18-thousands-cut": (with_close('"1,234,56"'), number("'1,234,56'", "is not a number")),
    "18-unclear": (
        'Date,Close\n2024-01-02,"1,234"\n2024-01-03,"1,345"\n',
        ":2: column 'Close': '1,234' could be 1234 or 1.234."
        " Fix: pass --decimal ',' or --thousands ','.",
    ),
    "18-unclear-point": (
        "Date;Close\n2024-01-02;1.234\n2024-01-03;1.345\n",
        ":2: column 'Close': '1.234' could be 1234 or 1.234."
        " Fix: pass --decimal '.' or --thousands '.'.",
    ),
    "18-bond": (
        with_close("110'160"),
        ":3: column 'Close': \"110'160\" could be 110160 or 110 and 16/32. Fix: write prices with a"
        ' decimal point, or pass --thousands "\'".',
    ),
    "18-bond-with-a-quarter": (
        with_close("110'167"),
        ":3: column 'Close': \"110'167\" could be 110167 or 110 and 16.75/32. Fix: write prices"
        ' with a decimal point, or pass --thousands "\'".',
    ),
    "18-bond-of-two-digits": (with_close("110'16"), number('"110\'16"', "is not a number")),
    "18-lone-blank": (
        with_close("100 101"),
        ":3: column 'Close': '100 101' could be 100101 or 100 and 101."
        " Fix: correct the row or pass --thousands ' '.",
    ),
    "22-million": (
        GOOD.replace(",300", ",1.1M"),
        ":4: column 'Volume': '1.1M' has a suffix. Fix: pass --si to read K, M, B and T.",
    ),
    "22-percent": (with_close("3%"), number("'3%'", "is a percentage, not a number")),
    "60-full-width": (with_close("\uff11"), number("'\uff11'", "is not a number")),
    "60-underscore": (with_close("1_1.5"), number("'1_1.5'", "is not a number")),
    "60-hex": (with_close("0x1F"), number("'0x1F'", "is not a number")),
    "60-true": (with_close("True"), number("'True'", "is not a number")),
    "80-formula": (with_close("=1+1"), number("'=1+1'", "is not a number")),
}

ASKED = {
    "10-nothing-to-carry": (
        HEADER + "2024-01-02,10,11,9,,100\n" + ROWS[1],
        Csv(na="ffill"),
        ":2: column 'Close': no number. Fix: remove the row or pass --na drop or --na ffill.",
    ),
    "10-text-is-not-carried": (
        with_close("abc"),
        Csv(na="ffill"),
        number("'abc'", "is not a number"),
    ),
    "22-suffix-of-words": (
        GOOD.replace(",300", ",1.1 of M"),
        Csv(si=True),
        ":4: column 'Volume': '1.1 of M' is not a number. Fix: remove the row or pass --na drop.",
    ),
    "17-currency-within": (
        with_close("(11€)"),
        Csv(strip_currency=True),
        number("'(11€)'", "is not a number"),
    ),
    "10-nothing-left": (
        "Date,Close\n2024-01-02,\n",
        Csv(na="drop"),
        ":2: 0 rows in which every number can be read. Fix: export the prices again.",
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_malformed_file_gets_one_line(row: str, tmp_path: Path) -> None:
    content, expected = REFUSED[row]
    assert refusal(tmp_path, content) == expected


@pytest.mark.parametrize("row", ASKED)
def test_a_choice_that_does_not_fit_the_file_gets_one_line(row: str, tmp_path: Path) -> None:
    content, how, expected = ASKED[row]
    assert refusal(tmp_path, content, how) == expected


READ = {
    "18-quoted-thousands": (with_close('"1,211.5"'), Csv(), 1211.5),
    "18-no-thousands": (with_close("1211.5"), Csv(), 1211.5),
    "18-asked": (with_close('"1,234"'), Csv(thousands=","), 1234),
    "18-apostrophe": (with_close("1'211.5"), Csv(), 1211.5),
    "18-space": (with_close("1 211.5"), Csv(), 1211.5),
    "17-dollar": (with_close("$11.25"), Csv(strip_currency=True), 11.25),
    "17-us-dollar": (with_close("US$11.25"), Csv(strip_currency=True), 11.25),
    "17-won-after": (with_close("11.25 ₩"), Csv(strip_currency=True), 11.25),
    "22-million": (with_close("1.1M"), Csv(si=True), 1_100_000),
    "22-thousand": (with_close("5K"), Csv(si=True), 5_000),
    "22-million-apart": (with_close("1.1 M"), Csv(si=True), 1_100_000),
    "60-exponent": (with_close("1.125e1"), Csv(), 11.25),
    "60-plus": (with_close("+11.25"), Csv(), 11.25),
    "60-bare-point": (with_close(".5"), Csv(), 0.5),
    "60-padded": (with_close('" 11.25 "'), Csv(), 11.25),
}


@pytest.mark.parametrize("row", READ)
def test_a_number_is_read_however_it_is_written(row: str, tmp_path: Path) -> None:
    content, how, close = READ[row]
    assert read(tmp_path, content, how).table["close"].tolist()[1] == close


@pytest.mark.parametrize(
    ("cells", "closes"),
    [
        (("1.234,5", "1.300,25"), [1234.5, 1300.25]),
        (("12,5", "13"), [12.5, 13]),
        (("0,125", "1,250"), [0.125, 1.25]),
        (("1 234,56", "1\u202f300,25"), [1234.56, 1300.25]),
        (("1'234.5", "1'300.25"), [1234.5, 1300.25]),
        (("1234.5", "1.300"), [1234.5, 1.3]),
    ],
    ids=str,
)
def test_the_decimal_sign_is_the_one_that_most_numbers_show(
    cells: tuple[str, str], closes: list[float], tmp_path: Path
) -> None:
    content = f"Date;Close\n2024-01-02;{cells[0]}\n2024-01-03;{cells[1]}\n"
    assert read(tmp_path, content).table["close"].tolist() == closes


@pytest.mark.parametrize(
    ("cells", "closes"),
    [
        (("110'160", "1'110'160"), [110_160, 1_110_160]),
        (("110'160", "109'990"), [110_160, 109_990]),
        (("110'160", "109'160.50"), [110_160, 109_160.5]),
        (("110\u2019160", "950\u2019990"), [110_160, 950_990]),
        (("100 101", "99 812"), [100_101, 99_812]),
        (("100 101", "99 812.5"), [100_101, 99_812.5]),
        (("100\xa0101", "999"), None),
        (("110'160", "110'000"), None),
    ],
    ids=str,
)
def test_groups_are_thousands_where_the_column_shows_it(
    cells: tuple[str, str], closes: list[float] | None, tmp_path: Path
) -> None:
    content = f"Date;Close\n2024-01-02;{cells[0]}\n2024-01-03;{cells[1]}\n"
    if closes is None:
        assert "could be 1" in refusal(tmp_path, content)
        how = Csv(thousands="'" if "'" in cells[0] else " ")
        assert read(tmp_path, content, how).table["close"].iloc[0] > 100_000
    else:
        assert read(tmp_path, content).table["close"].tolist() == closes


def test_a_decimal_comma_is_said(tmp_path: Path) -> None:
    prices = read(tmp_path, "Date;Close;Volume\n2024-01-02;10,5;1.000\n2024-01-03;10,7;1.100\n")
    assert prices.table["volume"].tolist() == [1000, 1100]
    assert prices.receipt.notes == ("The decimal sign is a comma.",)


def test_points_between_thousands_are_known_in_a_file_with_commas(tmp_path: Path) -> None:
    content = "Date,Close\n2024-01-02,15.077.000\n2024-01-03,15.188.000\n"
    assert read(tmp_path, content).table["close"].tolist() == [15_077_000, 15_188_000]


def test_a_decimal_sign_asked_for_is_used(tmp_path: Path) -> None:
    content = "Date;Close\n2024-01-02;1.234\n2024-01-03;1.345\n"
    assert read(tmp_path, content, Csv(decimal=".")).table["close"].tolist() == [1.234, 1.345]
    assert read(tmp_path, content, Csv(thousands=".")).table["close"].tolist() == [1234, 1345]


@pytest.mark.parametrize("cell", ["", "abc", "1e999"])
def test_rows_without_a_number_are_dropped_when_asked(cell: str, tmp_path: Path) -> None:
    prices = read(tmp_path, with_close(cell), Csv(na="drop"))
    assert prices.table["close"].tolist() == [10.5, 11.5]
    assert prices.receipt.notes == ("Line 3: 1 row without a number left out from here on.",)


def test_the_last_number_is_carried_forward_when_asked(tmp_path: Path) -> None:
    prices = read(tmp_path, with_close(""), Csv(na="ffill"))
    assert prices.table["close"].tolist() == [10.5, 10.5, 11.5]
    assert prices.receipt.notes == (
        "Line 3: 1 missing number carried forward from the row before.",
    )


def test_a_volume_of_zero_stays_and_a_column_of_zeros_goes(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD.replace(",200", ",0")).table["volume"].tolist() == [100, 0, 300]
    prices = read(tmp_path, "Date,Close,Volume\n2024-01-02,1,0\n2024-01-03,1.1,0\n")
    assert list(prices.table.columns) == ["close"]
    assert prices.receipt.notes == ("The volume was left out: it is 0 in every row.",)


def test_a_volume_beyond_64_bits_is_a_float(tmp_path: Path) -> None:
    prices = read(tmp_path, GOOD.replace(",300", ",92233720368547758070"))
    assert prices.table["volume"].iloc[-1] == 92233720368547758070.0


def test_an_adjusted_close_adjusts_all_four_prices(tmp_path: Path) -> None:
    rows = [f"{row.strip()},{close / 2}\n" for row, close in zip(ROWS, CLOSES, strict=True)]
    prices = read(tmp_path, HEADER.strip() + ",Adj Close\n" + "".join(rows))
    plain = read(tmp_path, GOOD)
    four = ["open", "high", "low", "close"]
    assert (prices.table[four] * 2).to_numpy().tolist() == plain.table[four].to_numpy().tolist()
    assert prices.table["volume"].tolist() == plain.table["volume"].tolist()
    assert prices.receipt.notes == (
        "Prices were adjusted: each was multiplied by 'Adj Close' / 'Close'.",
    )
    assert prices.receipt.adjusted
    assert not plain.receipt.adjusted


def test_an_adjusted_close_alone_is_the_close(tmp_path: Path) -> None:
    prices = read(tmp_path, "Date,Open,Adj Close\n2024-01-02,20,10\n2024-01-03,22,11\n")
    assert prices.table["close"].tolist() == [10, 11]
    assert list(prices.table.columns) == ["close"]
    assert prices.receipt.adjusted
    assert prices.receipt.notes == ("Column 'Open' was left out: it is not adjusted.",)

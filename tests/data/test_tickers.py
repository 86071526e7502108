import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.data.tickers import check, folder_name, hint, is_ticker
from forecast.errors import SettingError

REAL = [
    *("GOOG", "^GSPC", "BRK-B", "005930.KS", "EURUSD=X", "BTC-USD", "0700.HK", "ES=F"),
    *("^KS11", "RDSA.AS", "700.HK", "A", "7203.T", "M6E=F", "000001.SS"),
]
HOSTILE = [
    *("", " ", "\t", ".", "..", "../x", "..\\x", "/etc/passwd", "a/b", "a\\b", "A\0", "A" * 21),
    *("A" * 10_000, "GOOG\n", "\nGOOG", "$(id)", ";rm", "`id`", "|", "A|B", "A&B", "-rf", "--help"),
    *(
        "=cmd",
        "http://x",
        "file:x",
        "\uff27\uff2f\uff2f\uff27",
        "\u202eGOOG",
        "삼성전자",
        "GOOG\x1b[31m",
    ),
    *("A%2F", "A B", "A?b=c", "A#b", "<b>", "'", '"', "A:B", "A@b", "%5EGSPC", "\u017fX"),
]


@pytest.mark.parametrize("ticker", REAL)
def test_real_tickers_pass_unchanged(ticker: str) -> None:
    assert check(ticker) == ticker


def test_case_is_one() -> None:
    assert check("goog") == check("GooG") == "GOOG"


@pytest.mark.parametrize("ticker", HOSTILE, ids=ascii)
def test_anything_else_is_refused_in_one_plain_line(ticker: str) -> None:
    with pytest.raises(SettingError) as caught:
        check(ticker)
    message = str(caught.value)
    assert message.isascii()
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize("several", ["GOOG MSFT", "GOOG,MSFT", "GOOG, MSFT;IBM", "GOOG\tMSFT"])
def test_several_tickers_are_asked_for_one_by_one(several: str) -> None:
    with pytest.raises(SettingError, match="one ticker per argument"):
        check(several)


@given(st.text(max_size=25))
def test_a_ticker_never_holds_a_sign_of_paths_or_addresses(text: str) -> None:
    if is_ticker(text):
        assert not set(text) & set("/\\:?#%&+ \0\n\"'<>|;$`@")
        assert 1 <= len(text) <= 20


@given(st.text())
def test_a_folder_name_is_one_plain_name(name: str) -> None:
    folder = folder_name(name)
    assert folder.isascii()
    assert folder.isprintable()
    assert 1 <= len(folder) <= 160
    assert not set(folder) & set('/\\:*?"<>| ')
    assert folder[0] not in ".-~"
    assert not folder.endswith(".")


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("GOOG", "GOOG"),
        ("^GSPC", "%5EGSPC"),
        ("BRK-B", "BRK-B"),
        ("005930.KS", "005930.KS"),
        ("EURUSD=X", "EURUSD%3DX"),
        ("CON", "_CON"),
        ("aux", "_aux"),
        ("NUL.L", "_NUL.L"),
        ("COM1", "_COM1"),
        ("COM", "COM"),
        ("index.html", "_index.html"),
        ("text", "_text"),
        ("Translate", "_Translate"),
        ("texts", "texts"),
        ("CONX", "CONX"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("A.", "A%2E"),
        ("-rf", "%2Drf"),
        ("~", "%7E"),
        ("", "_"),
        ("a/b", "a%2Fb"),
        ("\udcff", "%ED%B3%BF"),
    ],
)
def test_folder_names(name: str, folder: str) -> None:
    assert folder_name(name) == folder


@given(st.sampled_from(REAL), st.sampled_from(REAL))
def test_two_tickers_never_share_a_folder(one: str, other: str) -> None:
    assert (folder_name(one) == folder_name(other)) == (one == other)


def test_long_names_that_begin_alike_have_folders_of_their_own() -> None:
    name = "삼성전자 보통주 일별 시세 "
    assert folder_name(f"{name}2023") != folder_name(f"{name}2024")


def test_a_dot_before_a_share_class_is_meant_as_a_dash() -> None:
    assert hint("BRK.B") == "BRK-B"
    assert hint("VOD.L") == ""
    assert hint("GOOG") == ""

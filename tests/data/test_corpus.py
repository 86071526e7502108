import gzip
from pathlib import Path

import pytest

from forecast.data.corpus import bundled, read
from forecast.errors import DataError, SettingError

KOREAN = "나는 학교에 간다.\n너는?\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_unicode_form_is_read_without_being_named(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "korean.txt").write_bytes(KOREAN.encode(encoding))
    corpus = read(tmp_path / "korean.txt")
    assert (corpus.name, corpus.text) == ("korean", KOREAN)


def test_another_encoding_is_read_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "korean.txt").write_bytes(KOREAN.encode("cp949"))
    assert read(tmp_path / "korean.txt", "cp949").text == KOREAN


def test_lines_end_alike_wherever_they_were_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\r\nb\rc\n")
    assert read(tmp_path / "a.txt").text == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty; a corpus holds text"),
        (b" \n", "is empty"),
        (
            KOREAN.encode("cp949"),
            ":1: not UTF-8 text after the first 0 bytes of the file",
        ),
        (gzip.compress(b"text", mtime=0), "is gzip, not text; export it as plain text"),
        (b"%PDF-1.4 text", "is PDF, not text"),
        (b"ab\0c", ":1: a NUL character"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(DataError, match=reason) as error:
        read(tmp_path / "odd")
    assert "\n" not in str(error.value)


def test_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    with pytest.raises(SettingError, match="encoding is one that Python knows; got 'klingon'"):
        read(tmp_path / "a", "klingon")


def test_a_missing_file_names_those_that_are_bundled(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read: .*avengers, hihello, ship, want"):
        read(tmp_path / "none.txt")


def test_every_bundled_corpus_can_be_read() -> None:
    assert all(read(name).text for name in bundled())
    assert read("avengers").text == "We are going to watch Avengers End Game"

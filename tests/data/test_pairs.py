from pathlib import Path

import pytest

from forecast.data.pairs import Pairs, read
from forecast.errors import DataError, SettingError


def _file(folder: Path, content: str | bytes, name: str = "pairs.tsv") -> Path:
    data = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(data)
    return folder / name


def test_a_tab_stands_between_sentence_and_translation(tmp_path: Path) -> None:
    pairs = read(_file(tmp_path, "Go.\t가.\tCC-BY\n\nHi.\t안녕.\n"))
    assert pairs.sources == ("Go.", "Hi.")
    assert pairs.targets == ("가.", "안녕.")
    assert pairs.swapped().sources == pairs.targets
    assert pairs.name == "pairs"


def test_two_files_go_line_by_line(tmp_path: Path) -> None:
    german, english = _file(tmp_path, "ein hut\r\n\r\nein hund", "a.de"), tmp_path / "a.en"
    english.write_text("a hat\n\na dog\n")
    assert read(german, english).targets == ("a hat", "a dog")


def test_marks_and_decomposed_hangul_read_as_written_plainly(tmp_path: Path) -> None:
    plain, odd = "\ufeffGo.\t가".encode(), "Go.\t\u1100\u1161\n".encode()
    assert read(_file(tmp_path, plain)).sha256 == read(_file(tmp_path, odd)).sha256


def test_a_mark_at_the_start_says_the_encoding(tmp_path: Path) -> None:
    path = _file(tmp_path, "Go.\t가.\r\nHi.\t안녕.\r\n".encode("utf-16"))
    assert read(path).targets == ("가.", "안녕.")


def test_a_mark_that_says_less_than_the_truth_is_not_to_be_mended_by_a_name(tmp_path: Path) -> None:
    path = _file(tmp_path, b"\xff\xfeG")
    for encoding in ("", "cp949"):
        with pytest.raises(DataError, match=r":1: not utf-16-le text .* Fix: export it again\."):
            read(path, encoding=encoding)


def test_lines_may_end_as_on_an_old_mac(tmp_path: Path) -> None:
    assert read(_file(tmp_path, "Go.\t가.\rHi.\t안녕.\r")).targets == ("가.", "안녕.")


def test_another_encoding_can_be_named(tmp_path: Path) -> None:
    path = _file(tmp_path, "Go.\t가.".encode("cp949"))
    assert read(path, encoding="cp949").targets == ("가.",)
    with pytest.raises(SettingError, match="klingon"):
        read(path, encoding="klingon")
    with pytest.raises(SettingError, match="one that Python knows"):
        read(path, encoding="a\0b")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Go.\t가.\nHi. 안녕.\n", "line 2: no tab in 'Hi. 안녕.'"),
        ("Go.\t\n", "line 1: no translation beside the tab"),
        ("\t가\n", "line 1: no sentence beside the tab"),
        ("\n \n", "is empty"),
        ("", "is empty"),
        (
            "Go.\t가.\nHi.\t안녕.".encode("cp949"),
            ":1: not UTF-8 text after the first 4 bytes",
        ),
        (b"\0\0\t\1", ":1: a NUL character"),
        (b"PK\3\4a\tb\n", "is a zip archive, not text"),
    ],
)
def test_a_file_without_pairs_is_refused_in_one_line(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(_file(tmp_path, content))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    german = _file(tmp_path, "ein hut\nein hund\n", "a.de")
    with pytest.raises(DataError, match=r"2 lines and .* 1;"):
        read(german, _file(tmp_path, "a hat\n", "a.en"))
    with pytest.raises(DataError, match=r"'[^']*a.en', line 2 is empty"):
        read(german, _file(tmp_path, "a hat\n\n", "a.en"))
    with pytest.raises(DataError, match="No such file"):
        read(tmp_path / "nothing.tsv")


def test_pairs_at_hand_have_two_sides() -> None:
    with pytest.raises(DataError, match="2 sentences, 1 translations"):
        Pairs(sources=("a", "b"), targets=("c",))

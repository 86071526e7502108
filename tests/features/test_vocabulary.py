import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import DataError, SettingError
from forecast.features import words
from forecast.features.vocabulary import SPECIALS, UNKNOWN, Vocabulary, learn

KOREAN = "나는 학교에 간다.\n너는 집에 있니?\t  네, 있어요! 👩‍👩‍👧 é"
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def _levels() -> list[str]:
    try:
        import tokenizers  # noqa: F401, PLC0415
    except ImportError:
        return ["char", "word"]
    return ["char", "word", "bpe"]


@pytest.mark.parametrize("level", _levels())
def test_any_script_comes_back_as_it_was(level: str) -> None:
    vocabulary = learn([KOREAN], level, specials=SPECIALS)
    assert vocabulary.decode(vocabulary.encode(KOREAN)) == KOREAN


@given(ANY)
def test_any_text_comes_back_from_words(text: str) -> None:
    assert words.join(words.split(text)) == text


@given(st.text(f"{words.JOINER} ab'-,.\n", max_size=12))
def test_even_the_joiner_itself_comes_back(text: str) -> None:
    assert words.join(words.split(text)) == text


@settings(max_examples=30)
@given(ANY)
def test_byte_pairs_know_every_text_whatever_they_learned_from(text: str) -> None:
    pytest.importorskip("tokenizers")
    vocabulary = learn(["We are going to watch <unk> <pad>"], "bpe", most=270, specials=SPECIALS)
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_a_word_is_one_token_wherever_it_stands() -> None:
    vocabulary = learn(["so, so\nso"], "word")
    assert vocabulary.names[0] == "so"
    assert (vocabulary.encode("so, so\nso") == 0).sum() == 3


@pytest.mark.parametrize("level", _levels())
def test_it_comes_back_from_json(level: str) -> None:
    vocabulary = learn([KOREAN], level, specials=SPECIALS)
    again = Vocabulary.from_json(json.loads(json.dumps(vocabulary.as_json())))
    assert again == vocabulary
    np.testing.assert_array_equal(again.encode(KOREAN), vocabulary.encode(KOREAN))


def test_rare_tokens_become_unknown_ones() -> None:
    vocabulary = learn(["a a a b b c"], "word", least=2, specials=[UNKNOWN])
    assert vocabulary.names == (UNKNOWN, "a", "b")
    assert vocabulary.decode(vocabulary.encode("a c b")) == "a <unk> b"


def test_the_most_frequent_are_kept() -> None:
    assert learn(["a a a b b c"], "word", most=2).names == ("a", "b")


def test_special_tokens_come_first_and_are_not_written() -> None:
    vocabulary = learn(["ab"], "char", specials=SPECIALS)
    assert [vocabulary.place(name) for name in SPECIALS] == [0, 1, 2, 3]
    assert vocabulary.decode([2, 4, 5, 3, 0]) == "ab"


@pytest.mark.parametrize("level", _levels())
def test_a_text_cannot_smuggle_in_a_special_token(level: str) -> None:
    text = "a <eos> <unk> b"
    vocabulary = learn([text], level, specials=SPECIALS)
    assert vocabulary.encode(text).min() >= len(SPECIALS)
    assert vocabulary.decode(vocabulary.encode(text)) == text


def test_what_is_not_known_is_named() -> None:
    vocabulary = learn(["hihello"], "char")
    with pytest.raises(DataError, match=r"1 of 3 tokens are not among the 5 .*'!'"):
        vocabulary.encode("hi!")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"level": "letter", "tokens": ("a",)}, "level is one of char, word, bpe; got 'letter'"),
        ({"level": "char", "tokens": ("a", "a")}, "a token comes twice"),
        ({"level": "char", "tokens": (), "specials": ("<bos>",)}, "got <bos>"),
    ],
)
def test_a_vocabulary_that_cannot_be_is_refused(wrong: dict, reason: str) -> None:
    with pytest.raises(SettingError, match=reason):
        Vocabulary(**wrong)


def test_too_few_byte_pairs_are_refused() -> None:
    with pytest.raises(SettingError, match="at least 256"):
        learn(["a"], "bpe", most=10)

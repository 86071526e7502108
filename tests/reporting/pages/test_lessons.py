"""The pages of models of text and translators say how good they are, and escape what they wrote."""

import numpy as np

from forecast.reporting.pages.lessons import summary
from tests.reporting.pages.made import KNOWN, shown, text_lesson, translator_lesson


def test_a_text_is_judged_beside_the_frequencies_of_its_tokens() -> None:
    page = shown(text_lesson())
    assert b"1.44 bits a character of the part held back: 50 % less than by frequencies" in page
    worse = shown(text_lesson(KNOWN | {"nats_per_character": 3.0}))
    assert b"50 % more than by frequencies alone" in worse
    assert b'class="verdict bad"' in worse
    assert b"cannot be said" in shown(text_lesson({}))


def test_a_translator_says_whether_it_has_learned_from_its_examples() -> None:
    page = shown(translator_lesson())
    assert b"1 of 2 examples are word for word as they should be; it has not learned" in page
    assert b"fell from 5.00 to 2.00 nats" in page
    assert b"it has learned from them" in shown(translator_lesson(np.full(20, np.nan)))


def test_every_page_of_a_lesson_ends_with_how_to_repeat_it() -> None:
    for page in (shown(text_lesson()), shown(translator_lesson())):
        end = page[page.index(b">How to repeat it</h2>") :]
        assert b"forecast text fit ship --epochs 60" in end
        assert b"learning-rate" in end
        assert b"<script" not in page
        assert len(page) < 600_000


def test_shares_of_attention_are_shapes_that_follow_the_night() -> None:
    page = shown(translator_lesson())
    assert b"<image" not in page
    assert page.count(b"<path") >= 8


def test_a_notebook_sees_how_good_it_is_and_what_it_writes() -> None:
    assert "50 % less than by frequencies" in summary(text_lesson())
    told = summary(translator_lesson())
    assert "1 of 2 examples" in told
    assert "<script>" not in told

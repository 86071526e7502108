"""The pages of models of text and translators say how good they are, and escape what they wrote."""

import math

from forecast.reporting.pages.lessons import Known
from tests.reporting.pages.made import of_a_translator, of_text


def test_a_text_is_judged_beside_the_frequencies_of_its_tokens() -> None:
    page = of_text()
    assert b"1.44 bits a character of the part held back: 50 % less than by frequencies" in page
    worse = of_text(Known(3.0, 4.3, 20.0, 2.0))
    assert b"50 % more than by frequencies alone" in worse
    assert b'class="verdict bad"' in worse
    assert b"cannot be said" in of_text(None)


def test_a_translator_says_whether_it_has_learned_from_its_examples() -> None:
    page = of_a_translator()
    assert b"1 of 2 examples are word for word as they should be; it has not learned" in page
    assert b"fell from 5.00 to 2.00 nats" in page
    assert b"it has learned from them" in of_a_translator((math.nan, math.nan))


def test_every_page_of_a_lesson_ends_with_how_to_repeat_it() -> None:
    for page in (of_text(), of_a_translator()):
        end = page[page.index(b">How to repeat it</h2>") :]
        assert b"forecast text fit ship --epochs 60" in end
        assert b"learning-rate" in end
        assert b"<script" not in page
        assert len(page) < 600_000


def test_shares_of_attention_are_shapes_that_follow_the_night() -> None:
    page = of_a_translator()
    assert b"<image" not in page
    assert page.count(b"<path") >= 8

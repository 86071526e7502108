"""A page is complete in itself, escapes what comes from outside, and follows light and dark."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from forecast.reporting.pages.document import (
    THEME,
    Facts,
    Link,
    Orders,
    Picture,
    Sample,
    Section,
    Table,
    Verdict,
    page,
)
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.colours import NAMED, contrast, dark, deep
from forecast.reporting.pictures.lettering import drawable

HOSTILE = "<script>alert(1)</script>\" onload='x' \x1b[31m $\\frac{1}$ </style> {{ 7*7 }} &amp;"


class Outline(HTMLParser):
    """The tags, attributes and ids of a page."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def drawn(title: str = "Loss", points: int = 50) -> Figure:
    with canvas.styled():
        figure = canvas.sheet(title, "of each epoch", "a note")
        axes = canvas.panel(figure, (0.1, 0.1, 0.8, 0.6))
        axes.plot(np.sin(np.arange(points)), marker="o")
        canvas.label_ends(axes, {drawable(title): (0.0, NAMED["lstm"])})
    return figure


def everything(text: str) -> bytes:
    table = Table(text, (text, "b"), [(text, Link(text, "a.html"))], sentences=[text])
    parts = [
        text,
        Verdict(text, "bad"),
        table,
        Orders({text: table, "b": table}),
        Sample(f"{text}\nsecond", text),
        Facts([(text, text)]),
        Picture(drawn(text), text),
    ]
    return page(text, [Section(text, parts)] * 3, kind=text, lead=text)


def test_nothing_from_outside_becomes_markup() -> None:
    html = everything(HOSTILE)
    outline = Outline(html)
    names = {tag for tag, _ in outline.tags}
    assert not names & {"script", "iframe", "object", "embed", "base", "form"}
    assert not [key for _, attributes in outline.tags for key in attributes if key[:2] == "on"]
    assert html.count(b"</style>") == 1
    assert b"\x1b" not in html
    assert b"{{ 7*7 }}" in html
    assert b"&lt;script&gt;" in html


def test_the_policy_names_the_one_style_and_allows_nothing_else() -> None:
    html = everything("GOOG")
    style = re.search(rb"<style>(.*?)</style>", html, re.DOTALL)
    policy = re.search(rb'Content-Security-Policy" content="([^"]*)"', html)
    assert style is not None
    assert policy is not None
    digest = base64.b64encode(hashlib.sha256(style[1]).digest())
    assert b"style-src 'sha256-" + digest + b"'" in policy[1]
    assert policy[1].startswith(b"default-src 'none'")
    assert b"unsafe" not in policy[1]
    assert not [name for _, each in Outline(html).tags for name in each if name == "style"]
    assert not re.search(rb"(?:src|href)=\"(?:https?:)?//", html)


def test_headings_captions_and_names_of_pictures_are_there_for_a_screen_reader() -> None:
    outline = Outline(everything("GOOG"))
    identities = [each["id"] for _, each in outline.tags if "id" in each]
    assert len(identities) == len(set(identities))
    assert ("html", {"lang": "en"}) in outline.tags
    for tag, attributes in outline.tags:
        for named in (attributes.get("aria-labelledby") or "").split():
            assert named in identities, (tag, named)
        if tag == "a":
            target = str(attributes["href"])
            assert not target.startswith("#") or target[1:] in identities
    tags = [tag for tag, _ in outline.tags]
    assert tags.count("table") == tags.count("caption") > 0
    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    assert [each for tag, each in outline.tags if tag == "svg" and each["role"] != "img"] == []


def test_the_same_sections_give_the_same_bytes_and_leave_the_figure_alone() -> None:
    figure = drawn()
    before = canvas.png(figure)
    made = [page("A", [Section("B", [Picture(figure)])]) for _ in range(2)]
    assert made[0] == made[1]
    assert canvas.png(figure) == before


@pytest.mark.parametrize("colour", [*NAMED.values(), "#000000"])
def test_words_can_be_read_by_day_and_by_night(colour: str) -> None:
    word = to_hex(deep(colour))
    assert contrast(word, "#ffffff") >= 4.5
    assert contrast(dark(word), dark("#ffffff")) >= 4.5


@pytest.mark.parametrize("role", ["ink", "quiet", "accent", "good", "bad"])
def test_the_page_s_words_can_be_read_by_day_and_by_night(role: str) -> None:
    for ground in ("paper", "wash"):
        assert contrast(THEME[role], THEME[ground]) >= 4.5
        assert contrast(dark(THEME[role]), dark(THEME[ground])) >= 4.5


@pytest.mark.parametrize("colour", NAMED.values())
def test_lines_stand_out_by_night(colour: str) -> None:
    assert contrast(dark(colour), dark("#ffffff")) >= 3

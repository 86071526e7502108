"""A page from sections of paragraphs, tables and figures: one HTML file, complete in itself.

The page carries its own style, whose digest a Content-Security-Policy names, and nothing else is
allowed to load or run. All text is escaped; pictures are drawn as SVG in two themes.

>>> table = Table("Losses", ("epoch", "loss"), [("1", "0.5")])
>>> made = page("A model", [Section("Learning", ["It <fell>.", table])])
>>> b"It &lt;fell&gt;." in made
True
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from forecast.reporting.pages.inline import Styles, inline, words
from forecast.reporting.pictures.colours import FAINT, INK, QUIET, dark
from forecast.reporting.wording import plain

HERE = Path(__file__).parent
LONGEST = 20_000
THEME = {
    "paper": "#ffffff",
    "ink": INK,
    "quiet": QUIET,
    "faint": FAINT,
    "wash": "#f4f5f6",
    "accent": "#005b8e",
    "good": "#006b4a",
    "bad": "#9c3a00",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another of our pages; `target` is a relative address."""

    words: str
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a head; the first cell of a row names it.

    `sentences` has one for each row, shown below it, or is empty. Columns whose number is
    in `worded` hold words, the others numbers, which are set to the right.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str | Link]]
    sentences: Sequence[str] = ()
    worded: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Orders:
    """One table in several orders, each a link away; the first is shown at first."""

    tables: Mapping[str, Table]


@dataclass(frozen=True, slots=True)
class Sample:
    """Lines as they are, such as text that a model wrote or a command."""

    lines: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, each with a value or a sentence."""

    pairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence to be seen first; `news` is good, bad or neither (empty)."""

    sentence: str
    news: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure with what it shows in words, for those who cannot see it.

    The same figure on a `slim` sheet takes its place where a page is narrow.
    """

    figure: Figure
    told: str = ""
    slim: Figure | None = None


@dataclass(frozen=True, slots=True)
class Gallery:
    """Pictures on slim sheets, two side by side where there is room for them."""

    pictures: Sequence[Picture]


Part = str | Table | Orders | Sample | Facts | Verdict | Picture | Gallery


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the parts under it, in their order."""

    title: str
    parts: Sequence[Part] = field(default_factory=tuple)


def page(title: str, sections: Sequence[Section], *, kind: str = "", lead: str = "") -> bytes:
    """The HTML of a page: the same sections give the same bytes.

    `kind` says above the title what sort of page it is, `lead` below it what it is about.
    """
    styles = Styles()
    drawn = [
        [_prepared(part, f"p{row}-{place}", styles) for place, part in enumerate(section.parts)]
        for row, section in enumerate(sections)
    ]
    css = _theme() + styles.css() + (HERE / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode("ascii")
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            title=title,
            kind=kind,
            lead=lead,
            sections=list(zip(sections, drawn, strict=True)),
            css=Markup(css),
            digest=digest,
        )
    )
    return html.encode("utf-8", "replace")


def card(title: str, parts: Sequence[Part]) -> str:
    """The HTML of a few parts under a title, for a notebook, which has its own style."""
    styles = Styles()
    mark = hashlib.sha256(repr((title, parts)).encode()).hexdigest()[:8]
    drawn = [_prepared(part, f"f{mark}-{place}", styles) for place, part in enumerate(parts)]
    template = _environment().get_template("card.html.j2")
    return template.render(title=title, parts=drawn)


def _prepared(part: Part, name: str, styles: Styles) -> dict[str, Any]:
    """A part as the template takes it, with its kind."""
    if isinstance(part, Picture):
        said = words(part.figure)
        subtitle = said.get("words", "")
        drawn = [("wide" if part.slim else "", Markup(inline(part.figure, name, styles)))]
        if part.slim:
            drawn.append(("slim", Markup(inline(part.slim, name, styles, mark="s"))))
        return {
            "kind": "picture",
            "name": name,
            "drawn": drawn,
            "told": part.told or subtitle,
            "title": said.get("title", "Picture"),
            "lines": subtitle.split("\n"),
        }
    if isinstance(part, Gallery):
        parts = [_prepared(each, f"{name}-{at}", styles) for at, each in enumerate(part.pictures)]
        return {"kind": "gallery", "parts": parts}
    kind = "paragraph" if isinstance(part, str) else type(part).__name__.lower()
    return {"kind": kind, "name": name, "it": part}


def _theme() -> str:
    light = "".join(f"--{name}:{colour};" for name, colour in THEME.items())
    night = "".join(f"--{name}:{dark(colour)};" for name, colour in THEME.items())
    media = "@media screen and (prefers-color-scheme:dark)"
    return f":root{{{light}}}\n{media}{{:root{{{night}}}}}\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _harmless(value: Any) -> Any:
    """Text without control characters; markup of ours as it is."""
    return plain(value, LONGEST) if type(value) is str else value

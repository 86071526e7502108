"""A figure as part of a page: its lines as SVG in the page's two themes, its words for the page.

What a browser may show under a strict Content-Security-Policy has no style attributes, so each
set of declarations becomes a class, and each colour a variable with a light and a dark value.
"""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from matplotlib.figure import Figure

from forecast.reporting.pages.paths import compact, number
from forecast.reporting.pictures import canvas
from forecast.reporting.pictures.colours import dark
from forecast.reporting.pictures.slim import is_slim

WIDE = 8.4  # inches; narrower than a sheet of its own, so that words are larger beside the page's
ABOVE, BELOW = 0.135, 0.985  # the part of a wide sheet between its title and its note
INHERITED = re.compile(r"(?:(?:fill|stroke)[a-z-]*: [^;]+(?:; )?)+")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FONT = re.compile(r"font: (?P<weight>(?:\d+ )?)[^;]*?(?P<size>[\d.]+px) [^;]*")
_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_REFERENCE = re.compile(r"#([\w-]+)")
_LONG_NUMBER = re.compile(r"-?\d+\.\d+")
_LENGTHS = ("x", "y", "width", "height", "viewBox", "transform")


@dataclass(frozen=True, slots=True)
class Styles:
    """The declarations that the pictures of a page share, each under a short class."""

    classes: dict[str, str] = field(default_factory=dict[str, str])
    colours: dict[str, str] = field(default_factory=dict[str, str])

    def name(self, declarations: str) -> str:
        """The class for these declarations."""
        return self.classes.setdefault(declarations, f"s{len(self.classes)}")

    def variable(self, colour: str) -> str:
        """The variable that stands for a colour such as `#1a1a1a`."""
        return self.colours.setdefault(colour, f"--c{len(self.colours)}")

    def css(self) -> str:
        """Rules for all classes, and their colours in both themes."""
        rules = [
            f".{name}{{{_COLOUR.sub(lambda found: f'var({self.variable(found[0])})', text)}}}"
            for text, name in self.classes.items()
        ]
        light = "".join(f"{name}:{colour};" for colour, name in self.colours.items())
        night = "".join(f"{name}:{dark(colour)};" for colour, name in self.colours.items())
        media = "@media screen and (prefers-color-scheme:dark)"
        return f":root{{{light}}}\n{media}{{:root{{{night}}}}}\n" + "\n".join(rules) + "\n"


def words(figure: Figure) -> dict[str, str]:
    """Title, subtitle and note of a sheet; empty where the figure is no sheet of ours."""
    return {str(text.get_gid()): text.get_text() for text in figure.texts if text.get_gid()}


def inline(figure: Figure, name: str, styles: Styles, mark: str = "") -> str:
    """The drawing of a figure as an `svg` element, without the sheet's words.

    `name` and `mark` are in what the element's parts are called, and must be others for each
    drawing of a page. The figure stays as it was. The element is labelled by the ids `name-title`
    and `name-text`, which the page has to hold.
    """
    root = ElementTree.fromstring(_drawn(figure))
    known = {identity: f"{name}-{mark}{at}" for at, identity in enumerate(_referenced(root))}
    tree = _cleaned(root, known, styles)[0]
    _, _, width, height = map(float, root.get("viewBox", "0 0 1 1").split())
    framed = words(figure) and not is_slim(figure)
    above, below = (ABOVE, BELOW) if framed else (0.0, 1.0)
    box = (0.0, above * height, width, (below - above) * height)
    tree.attrib = {
        "viewBox": " ".join(map(number, box)),
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-text",
    }
    return ElementTree.tostring(tree, encoding="unicode")


def _drawn(figure: Figure) -> bytes:
    """The SVG of the figure at the width of a page, on nothing and without the sheet's words."""
    wide, high = map(float, figure.get_size_inches())
    hidden = [figure.patch, *(text for text in figure.texts if text.get_gid())]
    hidden += [axes.patch for axes in figure.axes]
    seen = [each.get_visible() for each in hidden]
    try:
        if not is_slim(figure):
            figure.set_size_inches(WIDE, high)
        for each in hidden:
            each.set_visible(False)
        return canvas.svg(figure)
    finally:
        if not is_slim(figure):
            figure.set_size_inches(wide, high)
        for each, visible in zip(hidden, seen, strict=True):
            each.set_visible(visible)


def _referenced(root: Element) -> list[str]:
    found = (
        match
        for element in root.iter()
        for name, value in element.attrib.items()
        if name.endswith("href") or name == "clip-path"
        for match in _REFERENCE.findall(value)
    )
    return list(dict.fromkeys(found))


def _cleaned(element: Element, known: dict[str, str], styles: Styles) -> list[Element]:
    """The element without what a page does not need; an empty group is replaced by its children."""
    tag = element.tag.rpartition("}")[2]
    if tag in ("metadata", "style"):
        return []
    children = [new for child in element for new in _cleaned(child, known, styles)]
    if tag in ("g", "defs") and not children:
        return []
    attributes = _attributes(element, known, styles)
    if tag == "g" and not attributes:
        return children
    new = Element(tag, attributes)
    new.text = element.text if tag in ("text", "tspan") else None
    new.extend(children)
    if tag == "g":
        _share_class(new, styles)
    return [new]


def _attributes(element: Element, known: dict[str, str], styles: Styles) -> dict[str, str]:
    kept = dict[str, str]()
    for key, value in element.attrib.items():
        name = key.rpartition("}")[2]
        if name == "style":
            if told := _declarations(value):
                kept["class"] = styles.name(told)
        elif name == "d":
            kept["d"] = compact(value)
        elif name == "id":
            kept |= {"id": known[value]} if value in known else {}
        elif name in ("href", "clip-path"):
            kept[name] = _REFERENCE.sub(lambda found: f"#{known.get(found[1], found[1])}", value)
        elif name in _LENGTHS and not value.startswith("rotate(-0 "):
            kept[name] = _LONG_NUMBER.sub(lambda found: f"{float(found[0]):.1f}", value)
    return kept


def _declarations(style: str) -> str:
    """Declarations without the font family, which is the page's; often none are left."""
    style = _FONT.sub(
        lambda found: f"font-size: {found['size']}; font-weight: {found['weight'] or 400}", style
    )
    return _FAMILY.sub("", style).strip("; ")


def _share_class(group: Element, styles: Styles) -> None:
    """Move the class that all children share to their group, where it is inherited."""
    said = {child.get("class", "") for child in group}
    told = {name: text for text, name in styles.classes.items()}
    if len(said) == 1 and not group.get("class"):
        only = said.pop()
        if only and INHERITED.fullmatch(told[only]):
            group.set("class", only)
            for child in group:
                del child.attrib["class"]

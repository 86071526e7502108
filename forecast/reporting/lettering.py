"""Text from outside as the fonts at hand can draw it."""

import unicodedata
from functools import cache

from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ft2font import FT2Font

from forecast.reporting.wording import plain

FONT = "DejaVu Sans"
HANGUL_FONTS = ("Noto Sans CJK KR", "NanumGothic", "Malgun Gothic", "AppleGothic")


def drawable(text: str, longest: int = 80) -> str:
    """`plain` text in which what no font here can draw is romanised (Hangul) or named by number."""
    text = plain(text, longest)
    return text if text.isascii() else "".join(map(_drawn, text))


@cache
def _drawn(character: str) -> str:
    for family in (FONT, *hangul_font()):
        path = fontManager.findfont(FontProperties(family=family))
        if FT2Font(path).get_char_index(ord(character)):
            return character
    name = unicodedata.name(character, "")
    if name.startswith("HANGUL SYLLABLE "):
        return name.removeprefix("HANGUL SYLLABLE ").capitalize()
    return f"U+{ord(character):04X}"


@cache
def hangul_font() -> list[str]:
    """The first font installed that can draw Hangul, if any."""
    installed = set(fontManager.get_font_names())
    return [name for name in HANGUL_FONTS if name in installed][:1]

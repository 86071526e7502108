"""Text from outside as the fonts at hand can draw it; what they cannot is said once, in the log."""

import logging
import unicodedata
from contextlib import suppress
from functools import cache

from matplotlib.font_manager import (
    FontProperties,
    findSystemFonts,  # pyright: ignore[reportUnknownVariableType] - half typed
    fontManager,
)
from matplotlib.ft2font import FT2Font

from forecast.reporting.wording import plain

_log = logging.getLogger(__name__)
FONT = "DejaVu Sans"
HANGUL_FONTS = ("Noto Sans CJK KR", "NanumGothic", "Malgun Gothic", "AppleGothic")
HAN_FONTS = ("Noto Sans CJK SC", "WenQuanYi Zen Hei", "Microsoft YaHei", "PingFang SC", "SimHei")


def drawable(text: str, longest: int = 80) -> str:
    """`plain` text in which what no font here can draw is romanised (Hangul) or named by number."""
    text = plain(text, longest)
    return text if text.isascii() else "".join(map(_drawn, text))


@cache
def _drawn(character: str) -> str:
    for family in (FONT, *further_fonts()):
        path = fontManager.findfont(FontProperties(family=family))
        if FT2Font(path).get_char_index(ord(character)):
            return character
    name = unicodedata.name(character, "")
    if name.startswith("HANGUL SYLLABLE "):
        _say("Korean syllables, which pictures romanise")
        return name.removeprefix("HANGUL SYLLABLE ").capitalize()
    _say("some characters, which pictures name by their numbers")
    return f"U+{ord(character):04X}"


@cache
def _say(what: str) -> None:
    _log.warning("no font here can draw %s; install Noto Sans CJK for them", what)


@cache
def further_fonts() -> list[str]:
    """The first fonts installed that can draw Hangul, and Chinese characters, if any."""
    found = _installed()
    if not found:
        _renew()
        found = _installed()
    return found


def _installed() -> list[str]:
    names = set(fontManager.get_font_names())
    found = [[name for name in each if name in names][:1] for each in (HANGUL_FONTS, HAN_FONTS)]
    return [*found[0], *found[1]]


def _renew() -> None:
    """Let matplotlib know of fonts that were installed after it had made its list of them."""
    known = {font.fname for font in fontManager.ttflist}
    for path in sorted({*findSystemFonts()} - known):
        with suppress(OSError, RuntimeError, ValueError):  # one that it cannot read
            fontManager.addfont(path)

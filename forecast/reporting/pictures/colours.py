"""Colours: one for each forecaster, the same in every picture, and what each becomes at night.

They are those of Okabe and Ito (2008), told apart in all common forms of colour blindness, and
three dark ones for baselines that they have no room for.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.colors import to_hex, to_rgb

INK, QUIET, FAINT = "#1a1a1a", "#5f6368", "#dfe2e6"
LAST_CLOSE = "#767b84"
READABLE = 4.5
NIGHT, INK_AT_NIGHT, DARKEST, BRIGHT, STRONG = 0.2, 0.935, 0.218, 0.68, 0.09
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_LMS = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_OKLAB = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
NAMED = {
    **dict(zip(("lstm", "gru", "rnn", "drift", "ridge", "boosting"), PALETTE, strict=True)),
    "last": LAST_CLOSE,
    "logdrift": "#8a4a76",
    "weekday": "#5b5b00",
    "smoothing": "#7a4a1e",
    "har": "#2f5d50",
    "ewma": "#7d5fb2",
    "garch": "#8c2d2d",
}


def colours(forecasters: Sequence[str]) -> dict[str, str]:
    """A colour for each forecaster: always the same for names of ours, else the next one free."""
    free = [each for each in PALETTE if each not in {NAMED.get(name) for name in forecasters}]
    unnamed = [name for name in forecasters if name not in NAMED]
    chosen = {name: (free or PALETTE)[i % len(free or PALETTE)] for i, name in enumerate(unnamed)}
    return {name: NAMED.get(name) or chosen[name] for name in forecasters}


def tint(colour: str, share: float) -> tuple[float, float, float]:
    """An opaque mix of `share` of a colour and the rest white."""
    red, green, blue = to_rgb(colour)
    return 1 - share * (1 - red), 1 - share * (1 - green), 1 - share * (1 - blue)


def deep(colour: str) -> tuple[float, float, float]:
    """A colour darkened for words on white, until they have the contrast of 4.5 that WCAG asks."""
    red, green, blue = to_rgb(colour)
    shares = np.arange(0.8, 0.0, -0.05)
    mixes = [(float(each * red), float(each * green), float(each * blue)) for each in shares]
    return next(mix for mix in mixes if contrast(to_hex(mix), "#ffffff") >= READABLE)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21, as WCAG 2.2 defines it ("contrast ratio").

    >>> round(contrast("#ffffff", "#000000"), 6)
    21.0
    """
    low, high = sorted(float(_linear(each) @ _LUMINANCE) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def dark(colour: str) -> str:
    """What a colour drawn on white becomes on a dark page: its hue, the lightness turned round.

    Lightness is that of Oklab (Ottosson, 2020). A strong colour stays bright, so that thin lines
    of it can be seen.

    >>> dark("#ffffff"), dark("#1a1a1a")
    ('#161616', '#e9e9e9')
    """
    lightness, a, b = _OKLAB @ np.cbrt(_LMS @ _linear(colour))
    turned = NIGHT + (1 - lightness) * (INK_AT_NIGHT - NIGHT) / (1 - DARKEST)
    strong = np.hypot(a, b) > STRONG
    lab = np.array([max(turned, BRIGHT) if strong else turned, a, b])
    linear = np.clip(np.linalg.solve(_LMS, np.linalg.solve(_OKLAB, lab) ** 3), 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return to_hex(tuple(np.clip(rgb, 0, 1)))


def _linear(colour: str) -> Float[np.ndarray, "channel"]:
    """Red, green and blue in proportion to light (IEC 61966-2-1)."""
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)

"""Colours: one for each forecaster, the same in every picture.

They are those of Okabe and Ito (2008), told apart in all common forms of colour blindness, and
three dark ones for baselines that they have no room for.
"""

from collections.abc import Sequence

from matplotlib.colors import to_rgb

INK, QUIET, FAINT = "#1a1a1a", "#5f6368", "#dfe2e6"
LAST_CLOSE = "#767b84"
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
NAMED = {
    **dict(zip(("lstm", "gru", "rnn", "drift", "ridge", "boosting"), PALETTE, strict=True)),
    "last": LAST_CLOSE,
    "logdrift": "#8a4a76",
    "weekday": "#5b5b00",
    "smoothing": "#7a4a1e",
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
    """A colour darkened for words, which need more contrast than lines."""
    red, green, blue = to_rgb(colour)
    return 0.8 * red, 0.8 * green, 0.8 * blue

"""Why a figure of a score table is missing, in words."""

import math
from collections.abc import Mapping
from typing import Any

from forecast.evaluation.answers import COVERAGES

BASELINE = "a baseline, makes no claim"
NO_INTERVALS = "no intervals, because too few errors lie before them"
TOO_FEW = "too few"
SHARED = "forecasts share sessions"
UNVARIED = "the changes forecast, or those that came, never vary"

INTERVALS = tuple(
    f"{what}{100 * share:.0f}" for what in ("coverage", "width") for share in COVERAGES
)
NAMES = {
    **{
        f"{what}{100 * share:.0f}": f"{what} {100 * share:.0f} %"
        for what in ("coverage", "width", "winkler")
        for share in COVERAGES
    },
    "p_holm": "p after Holm",
    "cw_p": "Clark-West",
    "cw_holm": "Clark-West after Holm",
    "gw_p": "Giacomini-White",
    "direction_p": "Pesaran-Timmermann",
    "correlation_p": "p of the correlation",
    "spa_p": "superior ability",
    "mcs_p": "confidence set",
    "log_p": "p on logs",
    "log_holm": "p on logs after Holm",
    **{
        f"{name}{100 * share:.0f}_p": f"{name.title()} {100 * share:.0f} %"
        for share in COVERAGES
        for name in ("kupiec", "christoffersen")
    },
}


def too_few(n: int, needed: int, what: str = "forecasts") -> str:
    """The reason of a test that has too little to work on.

    >>> too_few(3, 10)
    'too few forecasts: 3; needs 10'
    """
    return f"{TOO_FEW} {what}: {n}; needs {needed}"


def lacking(figures: Mapping[str, Any], whys: Mapping[str, str]) -> dict[str, str]:
    """The reason from `whys` for each figure that is NaN.

    >>> lacking({"skill": math.nan, "r2": 0.1}, {"skill": "flat", "r2": "flat"})
    {'skill': 'flat'}
    """
    return {name: why for name, why in whys.items() if math.isnan(figures[name])}


def in_words(whys: Mapping[str, str]) -> str:
    """Each reason once, after the names of the figures that are missing for it.

    >>> in_words({"cw_p": "short", "skill": "flat", "gw_p": "short", "mcs_p": ""})
    'Clark-West, Giacomini-White: short; skill: flat'
    """
    names = dict[str, list[str]]()
    for column, why in whys.items():
        if why:
            names.setdefault(why, []).append(NAMES.get(column, column.replace("_", " ")))
    return "; ".join(f"{', '.join(each)}: {why}" for why, each in names.items())

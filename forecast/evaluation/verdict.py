"""The verdict on a forecaster, in fixed words, by one claim rule.

"better than the last close" is said only where the one-sided Diebold-Mariano test, Holm-corrected
over all the models tried, now and before, is below 0.05 and errors are smaller in the mean, too.
Where it is not said, the smallest R2 is named that would be claimed four times in five. A test of
fewer than 750 forecasts finds a realistic daily R2 (0.5 %) less often than one time in four, so
without a claim it is "too short to tell", unless the forecaster is clearly worse: then more
sessions would not have helped it.

Directions and volatilities have rivals of their own. There the skill is what R2 is for closes: the
share of a squared error, or of what nears one, that is removed.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from forecast.evaluation.missing import BASELINE, TOO_FEW

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Rival:
    """The reference a forecaster has to beat, and how many forecasts that takes.

    With fewer than `enough` of them, without overlap, what is realistic would seldom be found.
    """

    name: str
    measure: str
    enough: int = 0


LAST_CLOSE = Rival("the last close", "R2", enough=750)
BASE_RATE = Rival("the share of rises so far", "skill", enough=750)
HAR = Rival("HAR's forecast of volatility", "skill")


def verdict(row: Mapping[str, Any], rival: Rival = LAST_CLOSE) -> str:
    """One row of the score table in words.

    >>> row = {"n": 981, "overlap": 1, "tests": 1, "reason": "", "skill": -0.004}
    >>> verdict(row | {"p_value": 0.61, "p_holm": 0.61})
    'no better than the last close (skill -0.4 %, p = 0.61; smallest detectable R2 about 3 %)'
    """
    if row["reason"].startswith("identical"):
        return f"{row['reason']} ({_detectable(row, rival)})"
    if not row["tests"]:
        return BASELINE
    if row["p_holm"] < LEVEL and row["skill"] > 0:
        return f"better than {rival.name} ({_evidence(row)})"
    clearly_worse = row["p_value"] > 1 - LEVEL
    short = row["n"] // row["overlap"] < rival.enough or row["reason"].startswith(TOO_FEW)
    if short and not clearly_worse:
        return f"too short to tell ({_length(row)}; {_detectable(row, rival)})"
    return f"no better than {rival.name} ({_evidence(row)}; {_detectable(row, rival)})"


def signal(row: Mapping[str, Any]) -> str:
    """Evidence of signal, which is less than a better forecast; empty where there is none.

    >>> signal({"cw_holm": 0.012, "tests": 2})
    'evidence of signal (Clark-West p = 0.012, Holm over 2 claims)'
    """
    if not row["cw_holm"] < LEVEL:
        return ""
    return f"evidence of signal (Clark-West p {_p(row['cw_holm'])}{_family(int(row['tests']))})"


def _evidence(row: Mapping[str, Any]) -> str:
    """Skill and p-value, uncorrected where even that is no evidence; or why there is none."""
    skill, single = row["skill"], row["p_value"]
    removed = f"{100 * skill:z.1f} %" if math.isfinite(skill) else "n/a"
    if row["reason"]:
        return f"skill {removed}, p n/a: {row['reason']}"
    tests = int(row["tests"])
    if not single < LEVEL:
        return f"skill {removed}, p {_p(single)}{' uncorrected' if tests > 1 else ''}"
    return f"skill {removed}, p {_p(row['p_holm'])}{_family(tests)}"


def _family(tests: int) -> str:
    """How many were tried, ever; each ticker's and each horizon's model counts as one."""
    return f", Holm over {tests} claims" if tests > 1 else ""


def _length(row: Mapping[str, Any]) -> str:
    apart = row["n"] // row["overlap"]
    return f"n = {apart}{' without overlap' if row['overlap'] > 1 else ''}"


def needed(tests: int) -> float:
    """What n R2 has to be for a claim four times in five, among so many claims.

    The statistic of Diebold and Mariano is sqrt(n R2) / 2 in the mean, if the R2 is known without
    error, and has to pass 5 % over the claims (Bonferroni).

    >>> [round(needed(tests)) for tests in (1, 4, 100)]
    [25, 38, 68]
    """
    normal = NormalDist()
    return (2 * (normal.inv_cdf(1 - LEVEL / tests) + normal.inv_cdf(0.8))) ** 2


def _detectable(row: Mapping[str, Any], rival: Rival) -> str:
    apart, least = row["n"] // row["overlap"], needed(max(int(row["tests"]), 1))
    if apart <= least:
        return f"no {rival.measure} is detectable"
    least = float(f"{100 * least / apart:.1g}")
    return f"smallest detectable {rival.measure} about {least:g} %"


def _p(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {float(f'{p_value:.2g}'):g}"

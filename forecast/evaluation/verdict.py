"""The verdict on a forecaster, in fixed words, by one claim rule.

"better than the last close" is said only where the one-sided Diebold-Mariano test, Holm-corrected
over all the models tried, now and before, is below 0.05 and errors are smaller in the mean, too.
Where it is not said, the smallest R2 is named that so many sessions could have shown. A test of
fewer than 750 forecasts finds a realistic daily R2 (0.5 %) less often than one time in four, so
without a claim it is "too short to tell", unless the forecaster is clearly worse: then more
sessions would not have helped it.
"""

import math
from collections.abc import Mapping
from typing import Any

LEVEL = 0.05
ENOUGH = 750
# Clark-West finds an R2 of about this, divided by the number of forecasts, four times in five.
DETECTABLE = 8


def verdict(row: Mapping[str, Any]) -> str:
    """One row of the score table in words.

    >>> row = {"n": 981, "overlap": 1, "tests": 1, "reason": "", "skill": -0.004}
    >>> verdict(row | {"p_value": 0.61, "p_holm": 0.61})
    'no better than the last close (skill -0.4 %, p = 0.61; smallest detectable R2 about 0.8 %)'
    """
    if row["reason"].startswith("identical"):
        return f"{row['reason']} ({_detectable(row)})"
    if not row["tests"]:
        return "a baseline, makes no claim"
    if row["p_holm"] < LEVEL and row["skill"] > 0:
        return f"better than the last close ({evidence(row)})"
    clearly_worse = row["p_value"] > 1 - LEVEL
    if row["n"] // row["overlap"] < ENOUGH and not clearly_worse:
        return f"too short to tell ({_length(row)}; {_detectable(row)})"
    return f"no better than the last close ({evidence(row)}; {_detectable(row)})"


def signal(row: Mapping[str, Any]) -> str:
    """Evidence of signal, which is less than a better forecast; empty where there is none.

    >>> signal({"cw_holm": 0.012, "tests": 2})
    'evidence of signal (Clark-West p = 0.012, Holm over 2 models)'
    """
    if not row["cw_holm"] < LEVEL:
        return ""
    return f"evidence of signal (Clark-West p {_p(row['cw_holm'])}{_family(int(row['tests']))})"


def evidence(row: Mapping[str, Any]) -> str:
    """Skill and p-value; the uncorrected one, where even that is no evidence."""
    skill, single = row["skill"], row["p_value"]
    removed = f"{100 * skill:z.1f} %" if math.isfinite(skill) else "n/a"
    if not single < LEVEL:
        return f"skill {removed}, p {_p(single)}"
    return f"skill {removed}, p {_p(row['p_holm'])}{_family(int(row['tests']))}"


def _family(tests: int) -> str:
    """How many were tried, ever; each ticker's and each horizon's model counts as one."""
    return f", Holm over {tests} models" if tests > 1 else ""


def _length(row: Mapping[str, Any]) -> str:
    apart = row["n"] // row["overlap"]
    return f"n = {apart}{' without overlap' if row['overlap'] > 1 else ''}"


def _detectable(row: Mapping[str, Any]) -> str:
    apart = row["n"] // row["overlap"]
    if apart <= DETECTABLE:
        return "no R2 is detectable"
    return f"smallest detectable R2 about {float(f'{100 * DETECTABLE / apart:.1g}'):g} %"


def _p(p_value: float) -> str:
    if not math.isfinite(p_value):
        return "n/a"
    return "< 0.001" if p_value < 0.001 else f"= {float(f'{p_value:.2g}'):g}"

"""The significance tests of each forecaster, by the column of their p-value."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from forecast.evaluation.answers import COVERAGES, values_of
from forecast.evaluation.bootstrap import usual_block, usual_shares
from forecast.evaluation.calibration import christoffersen, kupiec
from forecast.evaluation.missing import BASELINE, SHARED, too_few
from forecast.evaluation.significance import (
    Test,
    clark_west,
    correlated,
    diebold_mariano,
    giacomini_white,
    pesaran_timmermann,
)
from forecast.evaluation.superiority import FEWEST_BLOCKS, confidence_set, superior
from forecast.shapes import Mask, Series

CALIBRATION = tuple(
    f"{name}{100 * share:.0f}_p" for share in COVERAGES for name in ("kupiec", "christoffersen")
)
APART = ("direction_p", "correlation_p", *CALIBRATION)
TESTS = ("p_value", "cw_p", "gw_p", *APART[:2], "spa_p", "mcs_p", *CALIBRATION)


def single_tests(part: pd.DataFrame, overlap: int, *, rolling: bool) -> dict[str, Test]:
    """The tests of one forecaster at one horizon against the last close, and of its intervals.

    Diebold-Mariano and Giacomini-White in money, as the errors shown; the others on log returns,
    as the R2. `rolling` says that all histories were of one length.
    """
    actual, forecast, last = values_of(part)
    changes, said = np.log(actual / last), np.log(forecast / last)
    tests = {
        "p_value": diebold_mariano(actual, forecast, last, overlap),
        "cw_p": clark_west(changes, said, np.zeros_like(said), overlap),
        "gw_p": giacomini_white(actual, forecast, last, overlap, rolling=rolling),
    }
    if overlap > 1:
        return tests | dict.fromkeys(APART, Test(reason=SHARED))
    tests["direction_p"] = pesaran_timmermann(changes, said)
    tests["correlation_p"] = correlated(changes, said)
    for share in COVERAGES:
        inside = _inside(part, share)
        tests[f"kupiec{100 * share:.0f}_p"] = kupiec(inside, share)
        tests[f"christoffersen{100 * share:.0f}_p"] = christoffersen(inside)
    return tests


def _inside(part: pd.DataFrame, share: float) -> Mask:
    """Whether each interval held its actual, over the rows that have one."""
    actual, lower, upper = (
        part[name].to_numpy("float64") for name in ("actual", *COVERAGES[share])
    )
    known = np.isfinite(lower) & np.isfinite(upper)
    return ((lower <= actual) & (actual <= upper))[known]


def joint_tests(
    losses: Mapping[str, Series], claimed: Sequence[str], overlap: int
) -> dict[str, dict[str, Test]]:
    """The tests that compare all forecasters of one ticker and horizon, by forecaster.

    `losses` are squared errors in money over the same targets, the last close's under "last". The
    claimed ones share one test of superior ability; baselines have none.
    """
    naive, n = losses["last"], len(losses["last"])
    block = usual_block(n, overlap)
    if n < FEWEST_BLOCKS * block:
        short = Test(reason=too_few(n, FEWEST_BLOCKS * block))
        return {name: {"spa_p": short, "mcs_p": short} for name in losses}
    draws = usual_shares(n, overlap)
    levels = confidence_set(np.column_stack(list(losses.values())), draws)
    found = {
        name: {"spa_p": Test(reason=BASELINE), "mcs_p": Test(p_value=float(level))}
        for name, level in zip(losses, levels, strict=True)
    }
    mine = [name for name in losses if name in claimed]
    if mine:
        best = superior(np.column_stack([losses[name] for name in mine]), naive, draws, block)
        for name in mine:
            found[name]["spa_p"] = best
    return found

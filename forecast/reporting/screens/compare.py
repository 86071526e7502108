"""Many tickers and models in one table: the skill of each model on each ticker."""

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from forecast.evaluation.losses import MEASURES
from forecast.reporting.screens.panel import table
from forecast.reporting.wording import change, plain
from forecast.settings import TargetName

LEVEL = 0.05
CELL = 12


def screen(scores: pd.DataFrame, pooled: pd.DataFrame, target: TargetName) -> str:
    """A line for each ticker and horizon, a column for each forecaster but the reference.

    `scores` are as `forecast.evaluation.judge` makes them, `pooled` those of all tickers. A star
    marks what is better than the reference by more than chance, all claims counted (Holm).
    """
    measure = MEASURES[target]
    itself = measure.baseline or ("base" if target == "direction" else "last")
    names = [name for name in dict.fromkeys(scores["forecaster"]) if name != itself]
    several = len(set(scores["horizon"])) > 1
    lines = [f"{'skill':<{CELL}}" + "".join(f"{plain(name, 11):>{CELL}}" for name in names)]
    for (ticker, horizon), rows in scores.groupby(["ticker", "horizon"], sort=False):
        own = {row["forecaster"]: row for row in rows.to_dict("records")}
        ahead = f" {horizon}" if several else ""
        cells = "".join(f"{_cell(own[name]):>{CELL}}" for name in names)
        lines.append(f"{plain(str(ticker), 9) + ahead:<{CELL}}{cells}".rstrip())
    note = f"skill: share of the {measure.skilled} removed; *: better by more than chance (Holm)"
    return "\n".join([*lines, note, "", *table(pooled, target)]) + "\n"


def _cell(row: Mapping[Hashable, Any]) -> str:
    if not math.isfinite(row["skill"]):
        return "-"
    better = row["p_holm"] < LEVEL and row["skill"] > 0
    return f"{change(row['skill'])}{'*' if better else ' '}"

"""The same past with another future: tables that differ from a given one after a row only.

A forecast that was made at that row must not tell them apart.
"""

import numpy as np
import pandas as pd

from forecast.data.prices import COLUMNS
from forecast.shapes import Series, Table

# What the log steps of a future do, in turn: nothing but loud noise, a climb, a slide, steps that
# go on, steps that turn back. The last two change which of several models has the smaller error.
KINDS = 5
STEP = 0.05
LOUD = 0.5
# Farthest that a path goes in logs: a forecast in money must not fall below zero on the way.
FAR = 1.5


def shocked(table: pd.DataFrame, after: int, seed: int) -> pd.DataFrame:
    """Every number after a row replaced by another, so that extremes, means and signs move too.

    Prices and volume are multiplied by noise of their own around a path of the kind whose turn it
    is, by seed; covariates are moved by about three times what they vary.
    """
    values, random = table.to_numpy(dtype="float64").copy(), np.random.default_rng([seed, after])
    late = values[after + 1 :]
    noise = random.standard_normal(late.shape)
    loud = np.sign(noise) * LOUD + LOUD * noise if seed % KINDS == 0 else 0.2 * STEP * noise
    path = np.cumsum(_steps(len(late), seed % KINDS, random))[:, None]
    path *= FAR / max(FAR, np.abs(path).max(initial=0.0))
    ours = np.array([name in COLUMNS for name in table.columns])
    spread = np.nanstd(values, axis=0) + 1.0
    moved = np.where(ours, late * np.exp(path + loud), late + 3 * spread * noise)
    values[after + 1 :] = moved
    return _consistent(_like(table, values))


def _steps(count: int, kind: int, random: np.random.Generator) -> Series:
    shocks = STEP * random.standard_normal(count)
    if kind in (1, 2):
        return np.full(count, (0.0, STEP, -STEP)[kind])
    if kind == 0:
        return np.zeros(count)
    pull, steps = (0.9 if kind == 3 else -0.9), np.empty(count)
    before = STEP
    for row, shock in enumerate(shocks.tolist()):
        steps[row] = before = pull * before + shock
    return steps


def mixed(table: pd.DataFrame, other: pd.DataFrame, rows: range) -> pd.DataFrame:
    """The table with these rows taken from another of the same shape."""
    values = table.to_numpy(dtype="float64").copy()
    values[rows.start : rows.stop] = other.to_numpy(dtype="float64")[rows.start : rows.stop]
    return _like(table, values)


def gapped(table: pd.DataFrame, row: int) -> pd.DataFrame:
    """The table with nothing known about one session."""
    values = table.to_numpy(dtype="float64").copy()
    values[row] = np.nan
    return _like(table, values)


def scaled(table: pd.DataFrame, factor: float) -> pd.DataFrame:
    """The prices as another adjustment would have them; volume and covariates stay."""
    prices = [name for name in COLUMNS if name in table.columns and name != "volume"]
    return table.assign(**{name: factor * table[name] for name in prices})


def whispered(table: pd.DataFrame, row: int, share: float) -> pd.DataFrame:
    """The table with the numbers of one session larger by a small share."""
    values = table.to_numpy(dtype="float64").copy()
    values[row] *= 1 + share
    return _like(table, values)


def reordered(table: pd.DataFrame, after: int) -> list[pd.DataFrame]:
    """Two tables: later rows in reverse order, and the steps between later rows in reverse.

    The first has the extremes and means that the table has, the second those of its changes.
    """
    values = table.to_numpy(dtype="float64")
    rows, steps = values.copy(), values.copy()
    rows[after + 1 :] = values[:after:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = values[after + 1 :] / values[after:-1]
    steps[after + 1 :] = values[after] * np.cumprod(ratios[::-1], axis=0)
    return [_like(table, each) for each in (rows, np.nan_to_num(steps))]


def _like(table: pd.DataFrame, values: Table) -> pd.DataFrame:
    return pd.DataFrame(values, index=table.index, columns=table.columns)


def _consistent(table: pd.DataFrame) -> pd.DataFrame:
    """High and low hold the other prices of their session again."""
    prices = [name for name in ("open", "high", "low", "close") if name in table.columns]
    ends = {"high": table[prices].max(axis=1), "low": table[prices].min(axis=1)}
    return table.assign(**{name: each for name, each in ends.items() if name in table.columns})

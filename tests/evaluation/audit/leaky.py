"""One honest pipeline, and eight that each look ahead in one of the usual ways.

Each is handed the whole table and the cutoffs, learns from the rows up to the first cutoff, and
forecasts the next close at every cutoff by least squares on the last five log changes.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

LAGS = 5


def _design(inputs: np.ndarray) -> np.ndarray:
    """For each row, the last five inputs and a one; the first rows are filled with zeros."""
    padded = np.concatenate([np.zeros(LAGS - 1), inputs])
    return np.column_stack([sliding_window_view(padded, LAGS), np.ones(len(inputs))])


def _changes(closes: np.ndarray) -> np.ndarray:
    return np.diff(np.log(closes), prepend=np.log(closes[0]))


def _learned(inputs: np.ndarray, targets: np.ndarray, rows: np.ndarray, ridge: float = 1e-3):
    """The answer at every row, learned from these rows; `targets[row]` follows `row`."""
    design = _design(inputs)
    x, y = design[rows], targets[rows]
    return design @ np.linalg.solve(x.T @ x + ridge * np.eye(LAGS + 1), x.T @ y)


def _early(cutoffs: np.ndarray) -> np.ndarray:
    """Rows whose next close is known at the first cutoff."""
    return np.arange(LAGS, cutoffs[0])


def _pipeline(table: pd.DataFrame, cutoffs: np.ndarray, inputs, rows, targets=None):
    closes = table["close"].to_numpy()
    following = np.append(_changes(closes)[1:], 0.0)
    answers = _learned(inputs, following if targets is None else targets, rows)
    return closes[cutoffs] * np.exp(answers[cutoffs])


def clean(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    changes = _changes(table["close"].ffill().to_numpy())
    spread = changes[: cutoffs[0] + 1].std()
    return _pipeline(table.ffill(), cutoffs, changes / spread, _early(cutoffs))


def scaled_on_all_rows(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    changes = _changes(table["close"].to_numpy())
    scaled = (changes - changes.min()) / (changes.max() - changes.min())
    return _pipeline(table, cutoffs, scaled, _early(cutoffs))


def scaled_by_its_own_rows(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    """The usual tutorial: levels, the sessions to be forecast scaled by their own extremes."""
    closes = table["close"].to_numpy()
    split = cutoffs[0]
    parts = [closes[:split], closes[split:]]
    scaled = np.concatenate([(each - each.min()) / (np.ptp(each) + 1e-7) for each in parts])
    answers = _learned(scaled, np.append(scaled[1:], 0.0), np.arange(LAGS, split - 1))
    low, spread = closes[split:].min(), np.ptp(closes[split:])
    return low + spread * answers[cutoffs]


def shuffled(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    rows = np.random.default_rng(0).permutation(np.arange(LAGS, len(table) - 1))
    return _pipeline(table, cutoffs, _changes(table["close"].to_numpy()), rows[: cutoffs[0]])


def smoothed(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    logs = np.log(table["close"])
    level = logs.rolling(5, center=True, min_periods=1).mean().to_numpy()
    return _pipeline(table, cutoffs, level - logs.to_numpy(), _early(cutoffs))


def back_filled(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    return clean(table.bfill(), cutoffs)


def off_by_one(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    changes = _changes(table["close"].to_numpy())
    return _pipeline(table, cutoffs, np.append(changes[1:], 0.0), _early(cutoffs))


def selected_on_the_test(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    closes = table["close"].to_numpy()
    changes = _changes(closes)
    following = np.append(changes[1:], 0.0)
    tried = [_learned(changes, following, _early(cutoffs), ridge) for ridge in (1e-5, 1e-3, 1e-1)]
    errors = [np.mean((each - following)[cutoffs] ** 2) for each in tried]
    return closes[cutoffs] * np.exp(tried[int(np.argmin(errors))][cutoffs])


def detrended(table: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    logs = np.log(table["close"].to_numpy())
    rows = np.arange(len(logs))
    trend = np.polyval(np.polyfit(rows, logs, 1), rows)
    off = logs - trend
    steps = np.append(np.diff(off), 0.0)
    answers = _learned(off, steps, _early(cutoffs)) + np.append(np.diff(trend), 0.0)
    return np.exp(logs + answers)[cutoffs]


LEAKY: dict[str, tuple[Callable[..., np.ndarray], str]] = {
    "scaler fitted on all rows": (scaled_on_all_rows, "scaling"),
    "test rows scaled by their own minimum and maximum": (scaled_by_its_own_rows, "scaling"),
    "random shuffled split": (shuffled, "shuffling"),
    "centred smoothing of the inputs": (smoothed, "window"),
    "back-fill of gaps": (back_filled, "back-fill"),
    "target in its own window": (off_by_one, "answer"),
    "model selected on the test": (selected_on_the_test, "selection"),
    "trend fitted on all rows": (detrended, "trend"),
}

"""Answers with the look of a real run, made from bundled prices without any learning."""

from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecast.data.prices import Prices
from forecast.evaluation.answers import COLUMNS, COVERAGES, QUANTILES
from forecast.evaluation.trading import trading
from forecast.reporting.run import Run
from forecast.settings import Settings

DATASETS = Path(__file__).parents[2] / "datasets"
NORMAL = {name: float(ndtri(level)) for name, level in QUANTILES.items()}
FORECASTERS = ("lstm", "last", "drift", "ridge")


def closes(ticker: str = "GOOG") -> pd.Series:
    table = pd.read_csv(DATASETS / f"{ticker}.csv", index_col="date", parse_dates=True)
    return table["adj_close"].rename("close")


def answers(
    close: pd.Series,
    *,
    count: int = 645,
    horizon: int = 1,
    forecasters: tuple[str, ...] = FORECASTERS,
    ticker: str = "GOOG",
) -> pd.DataFrame:
    """Known answers for the last `count` cutoffs, and then those for the sessions to come."""
    parts = [
        _of_one(close, count, ahead, name, seed)
        for seed, name in enumerate(forecasters)
        for ahead in range(1, horizon + 1)
    ]
    table = pd.concat(parts, ignore_index=True)
    table.insert(0, "ticker", ticker)
    return table[list(COLUMNS)]


def _of_one(close: pd.Series, count: int, ahead: int, name: str, seed: int) -> pd.DataFrame:
    log = np.log(close.to_numpy())
    change = np.diff(log, prepend=log[0])
    variance = pd.Series(change**2).ewm(alpha=0.06).mean().to_numpy()
    noise = np.random.default_rng(seed).normal(0, 0.0006, len(log))
    move = {
        "last": 0.0 * noise,
        "drift": 0.0 * noise + change.mean(),
        "logdrift": 0.0 * noise + np.log1p(change.mean()),
    }.get(name, change.mean() + 0.03 * change + noise)
    rows = np.arange(len(log) - count - ahead, len(log))
    rows = np.r_[rows[:count], rows[-1]]
    dates = close.index.append(
        pd.bdate_range(close.index[-1] + pd.Timedelta(days=1), periods=ahead)
    )
    actual = np.r_[close.to_numpy(), np.full(ahead, np.nan)]
    table = pd.DataFrame(
        {
            "forecaster": name,
            "cutoff": close.index[rows],
            "date": dates[rows + ahead],
            "horizon": ahead,
            "last": close.to_numpy()[rows],
            "actual": actual[rows + ahead],
            "forecast": close.to_numpy()[rows] * np.exp(move[rows] * ahead),
        }
    )
    width = np.sqrt(variance[rows] * ahead) * 1.05
    for quantile, factor in NORMAL.items():
        table[quantile] = table["forecast"] * np.exp(factor * width)
    table["capped"] = False
    return table


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Rough scores: the columns are right, the tests of significance are made up."""
    known = table.dropna(subset="actual")
    rows = []
    for (ticker, name, horizon), group in known.groupby(
        ["ticker", "forecaster", "horizon"], sort=False
    ):
        error = group["actual"] - group["forecast"]
        naive = group["actual"] - group["last"]
        move, truth = group["forecast"] / group["last"] - 1, group["actual"] / group["last"] - 1
        row = {
            "ticker": ticker,
            "forecaster": name,
            "horizon": horizon,
            "n": len(group),
            "rmse": float(np.sqrt((error**2).mean())),
            "mae": float(error.abs().mean()),
            "skill": float(1 - error.abs().mean() / naive.abs().mean()),
            "skill_rmse": float(1 - np.sqrt((error**2).mean() / (naive**2).mean())),
            "r2": float(1 - ((truth - move) ** 2).sum() / (truth**2).sum()),
            "mase": float(error.abs().mean() / 4.0),
            "mase_last": float(naive.abs().mean() / 4.0),
            "direction": float("nan") if name == "last" else float((move * truth > 0).mean()),
            "up_rate": float((truth > 0).mean()),
            "p_value": float("nan") if name == "last" else 0.41,
            "p_holm": float("nan") if name == "last" else 0.82,
            "cw_p": float("nan") if name == "last" else 0.3,
            "lag": 1,
            "correlation": 0.02,
        }
        for level, (low, high) in COVERAGES.items():
            held = (group["actual"] >= group[low]) & (group["actual"] <= group[high])
            row[f"coverage{level * 100:.0f}"] = float(held.mean())
        for level, (low, high) in COVERAGES.items():
            row[f"width{level * 100:.0f}"] = float((group[high] - group[low]).mean())
        rows.append(row)
    return pd.DataFrame(rows)


def curves(
    table: pd.DataFrame, *, refit: int = 20, forecasters: tuple[str, ...] = ("lstm",), seed: int = 0
) -> pd.DataFrame:
    """Losses that fall and level off, one curve for each refit, stopped early here and there."""
    random = np.random.default_rng(seed)
    parts = []
    for name in forecasters:
        cutoffs = table.loc[table["forecaster"] == name, "cutoff"].drop_duplicates()
        for cutoff in cutoffs.iloc[::refit]:
            epochs = np.arange(1, 30 + int(random.integers(0, 120)))
            start, floor = random.normal(0.031, 0.001), random.normal(0.0195, 0.0008)
            fall = (start - floor) * np.exp(-epochs / 12)
            wobble = random.normal(0, 0.0001, len(epochs))
            part = pd.DataFrame({"cutoff": cutoff, "epoch": epochs})
            part.insert(0, "forecaster", name)
            part["training"] = floor + fall
            part["validation"] = 0.85 * floor + fall + wobble + 2e-6 * epochs
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def run(**chosen: object) -> Run:
    """A run of three forecasters on bundled prices; `chosen` replaces fields."""
    close = closes()
    table = answers(close, count=120)
    prices = Prices.of("GOOG", close.to_frame(), source="sample", notes=("bundled sample used",))
    fields = {
        "ticker": "GOOG",
        "receipt": prices.receipt,
        "settings": Settings(),
        "answers": table,
        "scores": scores(table),
        "trading": trading(table, trials=3),
        "trials": 3,
        "curves": curves(table),
        "converted": table.head(0),
        "verdict": "no better than the last close (skill +0.2 %, p = 0.41)",
    }
    return Run(**(fields | chosen))

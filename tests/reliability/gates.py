"""The gates of the forecasts themselves, each measured and told with its number.

Gates 9 to 11 are campaigns of their own: kills, foreign models, the same command twice.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.data.synthetic import garch
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.audit.audit import audit
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.catalogue import LEARNING, NAIVE, baselines, by_name
from forecast.forecasters.naive import Last
from forecast.settings import Inputs, Settings, Target, Training, WalkForward
from tests.benchmarks.planted import LSTM, PLANS, Plan, outcomes
from tests.evaluation.audit.leaky import LEAKY
from tests.made import prices
from tests.reliability.trial import Finding

ROOT = Path(__file__).parents[2]
SAID = ["forecast", *QUANTILES]
ORIGINS = WalkForward(first=120, refit=40)
ORACLES = ("test_metrics.py", "test_significance.py", "test_superiority.py", "test_trading.py")


def settings(kind: str) -> Settings:
    """Every model on inputs of this kind, quickly learned."""
    inputs, training = Inputs(inputs="level" if kind == "level" else "changes"), Training(epochs=3)
    return Settings(models=(*LEARNING, *NAIVE), inputs=inputs, training=training)


def future(_: Path, times: int) -> Finding:
    """Gate 1: change everything after an origin, and compare what was said until then."""
    chance, moved, compared, calm = np.random.default_rng(0), 0, 0, prices(240)
    for kind in ("changes", "level"):
        before = walk_forward(calm, by_name(settings(kind)), ORIGINS)
        for origin in chance.integers(120, 239, times):
            table = calm.table.copy()
            table.iloc[origin:] *= chance.uniform(0.2, 5)
            after = walk_forward(Prices.of("TEST", table), by_name(settings(kind)), ORIGINS)
            known = (before["cutoff"] < table.index[origin]).to_numpy()
            was, now = (each.loc[known, SAID].to_numpy("float64") for each in (before, after))
            moved += int((was.view("int64") != now.view("int64")).sum())
            compared += was.size
    told = f"{compared:,} numbers of {len(settings('level').models)} models compared, {moved} moved"
    return Finding("G1 the future moves no bit", 2 * times, moved, told)


def leaks(_: Path, __: int) -> Finding:
    """Gate 2: hand every leaky pipeline to the audit."""
    missed = [name for name, (pipeline, _) in LEAKY.items() if audit(pipeline).passed]
    told = f"{len(LEAKY) - len(missed)} of {len(LEAKY)} caught"
    return Finding("G2 leaks are caught", len(LEAKY), len(missed), told)


def walks(_: Path, times: int) -> Finding:
    """Gate 3: claims on walks that nothing can forecast; 31 of 400 is the 99 % bound of 5 %."""
    names = ("random walk, ridge", "GARCH-t walk, ridge")
    found = [outcomes(Plan(PLANS[name].series, PLANS[name].forecaster, times)) for name in names]
    claims = [int(each["claimed"].sum()) for each in found]
    lost = sum(each > max(2, times * 31 / 400) for each in claims)
    told = f"{claims[0]} and {claims[1]} of {times} (Gaussian, GARCH-t) claimed by ridge"
    return Finding("G3 noise is not claimed", 2 * times, lost, told)


def planted(_: Path, times: int) -> Finding:
    """Gate 4: an AR(1) of 0.5 is learned to near its optimum, and found."""
    found = outcomes(Plan(PLANS["AR(1) .5"].series, LSTM, times))
    median, most = 1 + found["excess"].median(), 1 + found["excess"].max()
    lost = int(median > 1.03 or most > 1.06 or not found["dm"].all())
    told = f"error over the least possible: median {median:.3f}, most {most:.3f};"
    told += f" DM rejects {int(found['dm'].sum())} of {times}"
    return Finding("G4 what is there is found", times, lost, told)


def scale(_: Path, __: int) -> Finding:
    """Gate 5: prices in another unit give the same forecasts in that unit."""
    calm, worst, factors = prices(240), 0.0, (1e-3, 7.668, 1e6)
    named = by_name(settings("changes"))
    before = walk_forward(calm, named, ORIGINS)["forecast"].to_numpy()
    for factor in factors:
        table = calm.table.copy()
        table[["open", "high", "low", "close"]] *= factor
        after = walk_forward(Prices.of("TEST", table), named, ORIGINS)["forecast"].to_numpy()
        worst = max(worst, float(np.abs(after / factor / before - 1).max()))
    told = f"largest relative difference {worst:.1e} over {len(named)} models"
    return Finding("G5 no unit matters", len(factors), int(worst > 1e-5), told)


def coverage(_: Path, times: int) -> Finding:
    """Gate 6: intervals on GARCH-t walks hold what they say."""
    every = [garch(1_000, seed, close_only=True).prices for seed in range(times)]
    answers = walk_forward(every, {"last": Last()}, WalkForward(first=500, refit=0))
    names = {round(level, 4): name for name, level in QUANTILES.items()}
    shares = [_inside(answers, names[low], names[1 - low]) for low in (0.1, 0.025)]
    room = (0.015, 0.01) if times >= 100 else (0.03, 0.02)
    off = [abs(share - level) for share, level in zip(shares, (0.8, 0.95), strict=True)]
    told = f"80 % held {100 * shares[0]:.1f} %, 95 % held {100 * shares[1]:.1f} %"
    lost = sum(each > most for each, most in zip(off, room, strict=True))
    return Finding("G6 intervals hold what they say", times, lost, told)


def _inside(answers: pd.DataFrame, low: str, high: str) -> float:
    return float(answers["actual"].between(answers[low], answers[high]).mean())


def oracles(_: Path, __: int) -> Finding:
    """Gate 7: scores and tests equal those of the usual libraries."""
    return _tests("G7 scores equal their oracles", [f"evaluation/{name}" for name in ORACLES])


def malformed(_: Path, __: int) -> Finding:
    """Gate 8: every row of bad inputs gets what it must."""
    files = ["data", "cli/test_commands.py", "cli/test_settings.py", "reliability/test_rows.py"]
    return _tests("G8 bad inputs get one line", files)


def _tests(title: str, files: list[str]) -> Finding:
    paths = [str(ROOT / "tests" / name) for name in files]
    command = [sys.executable, "-m", "pytest", "-q", *paths]
    told = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT).stdout
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", told)
    }
    lost = counts.get("failed", 0) + counts.get("error", 0)
    passed = counts.get("passed", 0)
    return Finding(title, passed + lost, lost + (not passed), f"{passed:,} tests passed")


def baseline(_: Path, __: int) -> Finding:
    """Gate 12: whatever is asked for, the naive forecasts stand beside it."""
    targets = [Target(target=name) for name in ("close", "return", "direction", "volatility")]
    asked = [(each, model) for each in targets for model in ("ridge", "last", "lstm")]
    missing = [
        (each, model)
        for each, model in asked
        if not set(baselines(each)) <= set(by_name(Settings(models=(model,), target=each)))
    ]
    told = "last close, drift and log drift (HAR, EWMA, last for volatility) in every table"
    return Finding("G12 naive is always there", len(asked), len(missing), told)

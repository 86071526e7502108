"""The gates of the forecasts themselves, each measured and told with its number.

What chance allows (3, 4, 6) is in `odds`; 9 to 11 are campaigns of their own: kills, foreign
models, the same command twice.
"""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.audit.audit import audit
from forecast.evaluation.walk_forward import walk_forward
from forecast.features.covariates import with_covariates
from forecast.forecasters.catalogue import LEARNING, NAIVE, baselines, by_name
from forecast.settings import Covariates, Inputs, Settings, Target, Training, WalkForward
from tests.evaluation.audit.leaky import LEAKY
from tests.made import table
from tests.reliability.trial import Finding

ROOT = Path(__file__).parents[2]
SAID = ["forecast", *QUANTILES]
ROWS, FIRST = 240, 120
ORIGINS = WalkForward(first=FIRST, refit=40)
# Each kind of inputs, each way of refitting.
VARIANTS = {
    "changes": Settings(walk_forward=ORIGINS),
    "level": Settings(inputs=Inputs(inputs="level"), walk_forward=ORIGINS),
    "rolling": Settings(walk_forward=replace(ORIGINS, span=100)),
    "covariates": Settings(
        covariates=Covariates(indicators="rsi,sma:10", calendar="weekday"), walk_forward=ORIGINS
    ),
}
ORACLES = ("test_metrics.py", "test_significance.py", "test_superiority.py", "test_trading.py")


def every(settings: Settings) -> Settings:
    """The same with every model, quickly learned."""
    return replace(settings, models=(*LEARNING, *NAIVE), training=Training(epochs=3))


def answered(calm: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """What every model answers on a table, with the covariates that the settings ask for."""
    prices = with_covariates(Prices.of("TEST", calm), settings.covariates, 1)
    return walk_forward(prices, by_name(every(settings)), settings.walk_forward)


def future(_: Path, times: int) -> Finding:
    """Gate 1: change everything from an origin on, and compare what was said until then."""
    chance, moved, compared, calm = np.random.default_rng(0), 0, 0, table(ROWS)
    origins = np.linspace(FIRST, ROWS - 1, times).astype(int)
    for variant in VARIANTS.values():
        before = answered(calm, variant)
        for origin in origins:
            other = calm.copy()
            other.iloc[origin:] *= chance.uniform(0.5, 2)
            after = answered(other, variant)
            known = (before["cutoff"] < calm.index[origin]).to_numpy()
            was, now = (each.loc[known, SAID].to_numpy("float64") for each in (before, after))
            moved += int((was.view("int64") != now.view("int64")).sum())
            compared += was.size
    models = len(every(VARIANTS["level"]).models)
    told = f"{compared:,} numbers of {models} models, {' '.join(VARIANTS)}, compared, {moved} moved"
    return Finding("G1 the future moves no bit", len(VARIANTS) * times, moved, told)


def leaks(_: Path, __: int) -> Finding:
    """Gate 2: hand every leaky pipeline to the audit."""
    missed = [name for name, (pipeline, _) in LEAKY.items() if audit(pipeline).passed]
    told = f"{len(LEAKY) - len(missed)} of {len(LEAKY)} caught"
    return Finding("G2 leaks are caught", len(LEAKY), len(missed), told)


def scale(_: Path, __: int) -> Finding:
    """Gate 5: prices in another unit give the same forecasts in that unit."""
    calm, worst, factors = table(ROWS), 0.0, (1e-3, 7.668, 1e6)
    before = answered(calm, VARIANTS["changes"])["forecast"].to_numpy()
    for factor in factors:
        other = calm.copy()
        other[["open", "high", "low", "close"]] *= factor
        after = answered(other, VARIANTS["changes"])["forecast"].to_numpy()
        worst = max(worst, float(np.abs(after / factor / before - 1).max()))
    told = f"largest relative difference {worst:.1e} over {len((*LEARNING, *NAIVE))} models"
    return Finding("G5 no unit matters", len(factors), int(worst > 1e-5), told)


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

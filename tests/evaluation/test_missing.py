"""No figure of a score table is missing without a reason, however odd the series."""

import math

import numpy as np
import pandas as pd
import pytest

from forecast.data.prices import Prices
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.correction import History
from forecast.evaluation.judge import judged, verdict_of
from forecast.evaluation.missing import NAMES
from forecast.evaluation.pooled import pooled
from forecast.evaluation.walk_forward import walk_forward
from forecast.forecasters.catalogue import by_name
from forecast.settings import Settings, Target, TargetName, WalkForward
from tests.evaluation.test_scores import ask

CHANGES = np.random.default_rng(0).normal(0, 0.01, 400)
SERIES = {
    "usual": CHANGES,
    "ever up": np.abs(CHANGES),
    "flat in the end": np.where(np.arange(400) < 250, CHANGES, 0.0),
    "straight": np.full(400, 0.001),
    "short": CHANGES[:262],
    "of one forecast": CHANGES[:252],
}


def closes_of(changes: np.ndarray) -> dict[str, pd.Series]:
    dates = pd.bdate_range("2020-01-01", periods=len(changes), name="date")
    return {"A": pd.Series(100 * np.exp(np.cumsum(changes)), dates)}


def answers_of(closes: dict[str, pd.Series], horizon: int, *, intervals: bool) -> pd.DataFrame:
    answers = ask(closes, {"model": 0.3, "same": 0.0}, horizon=horizon, intervals=intervals)
    same = answers["forecaster"] == "same"
    return answers.assign(forecast=answers["last"].where(same, answers["forecast"]))


def unexplained(scores: pd.DataFrame) -> list[str]:
    """Figures without a value and without a reason, by forecaster and column."""
    found = list[str]()
    for row in scores.to_dict("records"):
        told = ", ".join(part.split(": ")[0] for part in row["missing"].split("; "))
        for column, value in row.items():
            if isinstance(value, float) and math.isnan(value):
                name = NAMES.get(column, column.replace("_", " "))
                why = name in told.split(", ") or (column == "p_value" and row.get("reason"))
                found += [] if why else [f"{row['forecaster']} {column}"]
    return found


@pytest.mark.parametrize("rolling", [False, True])
@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("target", ["close", "return", "direction"])
def test_whatever_is_missing_says_why(
    target: TargetName, series: str, horizon: int, *, rolling: bool
) -> None:
    closes = closes_of(np.append(SERIES[series], np.full(horizon - 1, 0.01)))
    for intervals in (True, False):
        answers = answers_of(closes, horizon, intervals=intervals)
        scores = judged(answers, closes, ["model", "same"], target, History(rolling=rolling))
        assert unexplained(scores) == []
        assert all(verdict_of(row, target) for row in scores.to_dict("records"))


@pytest.mark.parametrize("horizon", [1, 30])
@pytest.mark.parametrize("series", ["usual", "straight"])
def test_whatever_is_missing_of_a_volatility_says_why(series: str, horizon: int) -> None:
    prices = Prices.of("A", closes_of(SERIES[series])["A"].to_frame("close"))
    target, setting = Target(target="volatility"), WalkForward(first=0.85, horizon=horizon)
    settings = Settings(models=("last",), target=target)
    answers = walk_forward(prices, by_name(settings), setting, target)
    for each in (answers, answers.assign(**dict.fromkeys(QUANTILES, np.nan))):
        scores = judged(each, {}, ["last"], "volatility")
        assert unexplained(scores) == []


@pytest.mark.parametrize("series", SERIES)
def test_whatever_is_missing_of_all_tickers_together_says_why(series: str) -> None:
    for tickers in ("A", "AB", "ABC"):
        parts = []
        for shift, ticker in enumerate(tickers):
            closes = {ticker: closes_of(np.roll(SERIES[series], shift))["A"]}
            parts.append(answers_of(closes, 1, intervals=False))
        scores = pooled(pd.concat(parts))
        assert unexplained(scores) == []
    same = scores.set_index("forecaster").loc["same", "missing"]
    alone = pooled(parts[0]).set_index("forecaster").loc["same", "missing"]
    if series == "usual":
        assert "p value: identical to the last close" in same
        assert "each day all changes forecast, or all that came, are alike" in same
        assert "rank correlation, rank t: fewer than 3 tickers a day" in alone


def test_a_reason_is_the_true_one() -> None:
    closes = closes_of(SERIES["usual"])
    answers = answers_of(closes, 1, intervals=False)
    scores = judged(answers, closes, ["model", "same"], "close").set_index("forecaster")
    same, drift = scores.loc["same"], scores.loc["drift"]
    assert same["reason"] == "identical to the last close"
    assert "Clark-West, p after Holm, Clark-West after Holm: identical" in same["missing"]
    assert "direction, mcc, Pesaran-Timmermann: no change is ever forecast" in same["missing"]
    assert "p after Holm, Clark-West after Holm: a baseline, makes no claim" in drift["missing"]
    assert "coverage 80 %" in drift["missing"]
    assert drift["missing"].count("no intervals, because too few errors lie before them") == 1


def test_a_chance_that_nobody_could_tell_has_a_row_that_says_so() -> None:
    closes = closes_of(SERIES["usual"])
    answers = answers_of(closes, 1, intervals=False)
    scores = judged(answers, closes, ["model"], "direction").set_index("forecaster")
    row = scores.loc["model"]
    assert row["n"] == 0
    assert row["reason"] == "no chances, because too few errors lie before them"
    assert verdict_of(row.to_dict(), "direction").startswith("too short to tell (n = 0;")
    assert scores.loc["base", "n"] == 149

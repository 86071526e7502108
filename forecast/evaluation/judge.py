"""Scores and verdicts by target."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from forecast.evaluation import direction, scores, verdict, volatility
from forecast.evaluation.answers import PRICES, QUANTILES
from forecast.evaluation.correction import History, corrected
from forecast.settings import TargetName

FLAT = 100.0
# Each column of p-values with that of the corrected ones.
CORRECTED = scores.PAIRS | volatility.PAIRS


def judged(
    answers: pd.DataFrame,
    closes: Mapping[str, pd.Series],
    claimed: Sequence[str],
    target: TargetName,
    history: History | None = None,
) -> pd.DataFrame:
    """The score table of an answers table, by the measures of its target.

    Raises:
        DataError: nothing to score, or no answers of a baseline.
    """
    history = history or History()
    if target == "volatility":
        return volatility.score(answers, claimed, history.earlier)
    if target == "direction":
        return direction.score(direction.chances(answers, closes), claimed, history.earlier)
    found = scores.score(answers, closes, claimed, history)
    if target == "return":
        # From the same last close of 100, errors of closes are errors of returns in per cent.
        level = scores.score(rebased(answers), closes, claimed, history)
        return level.assign(lag=found["lag"])
    return found


def with_verdicts(
    scores: pd.DataFrame, claimed: Sequence[str], target: TargetName, earlier: int
) -> pd.DataFrame:
    """Scores of many tickers, corrected once for all of them, with a verdict for each row."""
    pairs = {one: all_ for one, all_ in CORRECTED.items() if one in scores.columns}
    scores = corrected(scores, claimed, pairs, earlier)
    rows = ({str(name): value for name, value in row.items()} for row in scores.to_dict("records"))
    return scores.assign(verdict=[verdict_of(row, target) for row in rows])


def converted(
    answers: pd.DataFrame, closes: Mapping[str, pd.Series], target: TargetName
) -> pd.DataFrame:
    """The answers in the unit of the target: returns or chances where these were asked for."""
    if target == "return":
        return returns(answers)
    return direction.chances(answers, closes) if target == "direction" else answers


def rebased(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers as if every last close had been 100."""
    names = [name for name in (*PRICES, *QUANTILES) if name in answers.columns]
    factor = FLAT / answers["last"].to_numpy("float64")
    return answers.assign(**{name: answers[name] * factor for name in names})


def returns(answers: pd.DataFrame) -> pd.DataFrame:
    """The answers as changes from the last close, in per cent; `last` is then 0."""
    found = rebased(answers)
    names = [name for name in (*PRICES, *QUANTILES) if name in answers.columns]
    return found.assign(**{name: (found[name] - FLAT).round(12) for name in names})


def verdict_of(row: Mapping[str, Any], target: TargetName) -> str:
    """One row of the score table in words."""
    rivals = {"volatility": verdict.HAR, "direction": verdict.BASE_RATE}
    return verdict.verdict(row, rivals.get(target, verdict.LAST_CLOSE))


def signal_of(row: Mapping[str, Any], target: TargetName) -> str:
    """Evidence of signal, which is less than a better forecast; empty where there is none."""
    return verdict.signal(row) if target in ("close", "return") else ""

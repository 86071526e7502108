"""The whole way from prices to results: learn, walk forward, score, and say what was found."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecast.data.prices import Prices, expect
from forecast.data.quality import Finding, findings
from forecast.data.sessions import a_year
from forecast.errors import SettingError
from forecast.evaluation.audit.imported import imported
from forecast.evaluation.audit.subjects import WithCovariates
from forecast.evaluation.correction import History
from forecast.evaluation.folds import rolling
from forecast.evaluation.judge import converted, judged, signal_of, verdict_of
from forecast.evaluation.pooled import pooled
from forecast.evaluation.trading import trading
from forecast.evaluation.usable import refuse_unusable
from forecast.evaluation.walk_forward import Walk, walk
from forecast.features.covariates import with_covariates
from forecast.forecasters.base import Learned, keeping
from forecast.forecasters.catalogue import baselines, by_name
from forecast.machine import versions
from forecast.progress import Progress
from forecast.reporting import notebook, trials
from forecast.reporting.command import repeating
from forecast.reporting.run import CURVES, Run
from forecast.result import Result, place_of
from forecast.settings import Settings, TargetName

__all__ = ["fit", "fit_many", "place_of", "subjects", "together"]
_log = logging.getLogger(__name__)


def together(results: Sequence[Result]) -> pd.DataFrame:
    """The scores of several tickers as one; see `forecast.evaluation.pooled`."""
    target = results[0].run.settings.target.target
    runs = [each.run for each in results]
    every = pd.concat([each.converted if target == "direction" else each.answers for each in runs])
    # Where errors are too few for any chance of a rise, there is nothing to score.
    told = every[["actual", "forecast"]].notna().all(axis=1).any()
    return pooled(every, target) if told else pd.DataFrame()


def fit(
    prices: Prices,
    settings: Settings | None = None,
    progress: Progress | None = None,
    out: Path | str | None = None,
) -> Result:
    """Walk forward through one ticker, score it beside the baselines, forecast what comes next.

    `progress` is told how far it is; without it a notebook shows a bar, and nothing else does.
    Whatever was tried before on the ticker, as the results in `out` tell, makes a claim harder.

    Raises:
        DataError: no prices, or too few for the settings, or the close never changes.
        OutputError: what was tried before cannot be read.
        SettingError: no settings, a model that does not exist, or a device that is not there.
        TrainingError: learning diverged.
    """
    return fit_many([prices], settings, progress, out)[0]


def fit_many(
    prices: Sequence[Prices],
    settings: Settings | None = None,
    progress: Progress | None = None,
    out: Path | str | None = None,
    kept: Path | None = None,
) -> list[Result]:
    """As `fit`, for several tickers that are learned together; their claims are tested together.

    In the folder `kept`, networks keep what they have learned, portion by portion.
    """
    settings = settings or Settings()
    expect(prices)
    _expect(settings)
    tried = [trials.tried(place_of(each.ticker, out) if out else None, settings) for each in prices]
    odd = [findings(each.table) for each in prices]
    covariates, horizon = settings.covariates, settings.walk_forward.horizon
    prices = [with_covariates(each, covariates, horizon) for each in prices]
    refuse_unusable(prices, settings)
    named = keeping(by_name(settings, progress or notebook.progress("learning")), kept)
    _log.info("walking forward through %d tickers with %s", len(prices), ", ".join(named))
    found = walk(prices, named, settings.walk_forward, settings.target)
    claimed = [name for name in settings.models if name not in baselines(settings.target)]
    closes = {each.ticker: each.table["close"] for each in prices}
    history = History(
        sum(each.earlier_claims for each in tried),
        rolling=all(rolling(each.table, settings.walk_forward) for each in prices),
    )
    _log.info("scoring %d answers", len(found.answers))
    scores = judged(found.answers, closes, claimed, settings.target.target, history)
    results = [
        _result(each, about, settings, found, scores, count.configurations)
        for each, about, count in zip(prices, odd, tried, strict=True)
    ]
    shared = together(results) if len(results) > 1 else pd.DataFrame()
    return [replace(each, run=replace(each.run, pooled=shared)) for each in results]


def _expect(settings: Any) -> None:
    if not isinstance(settings, Settings):
        raise SettingError(f"settings are a forecast.Settings; got a {type(settings).__name__}")


def _result(
    prices: Prices,
    odd: Sequence[Finding],
    settings: Settings,
    found: Walk,
    scores: pd.DataFrame,
    tried: int,
) -> Result:
    ticker, first = prices.ticker, settings.models[0]
    parts = [found.answers, found.upcoming]
    answers = pd.concat([each[each["ticker"] == ticker] for each in parts], ignore_index=True)
    own = scores[scores["ticker"] == ticker].reset_index(drop=True)
    run = Run(
        ticker=ticker,
        receipt=prices.receipt,
        settings=settings,
        answers=answers,
        scores=own,
        trading=_traded(answers, prices, settings, tried),
        trials=tried,
        curves=_curves(found.learned(ticker)),
        verdict="",
        findings=tuple(each.sentence for each in odd),
        command=repeating(ticker, prices.receipt, settings),
        versions=versions(),
        converted=_converted(answers, prices, settings.target.target),
    )
    headline = run.score
    target = settings.target.target
    foretold = [each.sentence for each in odd if each.kind == "foretelling"]
    notes = [*foretold, signal_of(headline, target), found.diverged(ticker)]
    verdict = verdict_of(headline, target)
    if foretold and verdict.startswith("better"):
        verdict += "; but see the first note"
    told = replace(run, verdict=verdict, notes=tuple(note for note in notes if note))
    return Result(prices, told, list(found.fitted[ticker, first].values())[-1])


def _traded(answers: pd.DataFrame, prices: Prices, settings: Settings, tried: int) -> pd.DataFrame:
    """What trading on the closes forecast would have earned; no rows for volatilities."""
    closes = answers.head(0) if settings.target.target == "volatility" else answers
    year = a_year(pd.DatetimeIndex(prices.table.index))
    return trading(closes, settings.trading.cost, tried, year)


def _converted(answers: pd.DataFrame, prices: Prices, target: TargetName) -> pd.DataFrame:
    """The answers as returns or chances of a rise; no rows for the other targets."""
    if target in ("close", "volatility"):
        return answers.head(0)
    return converted(answers, {prices.ticker: prices.table["close"]}, target)


def _curves(learned: Iterable[tuple[str, pd.Timestamp, Learned]]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "forecaster": name,
                "cutoff": cutoff,
                "epoch": np.arange(len(fit.curve.training)),
                "training": fit.curve.training,
                "validation": fit.curve.validation,
            }
        )
        for name, cutoff, fit in learned
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(CURVES))


def subjects(settings: Settings, named: str | None = None) -> dict[str, Any]:
    """What is to be audited, by name: an object `MODULE:NAME`, else the models of the settings.

    Raises:
        SettingError: there is no such object, or no such model.
    """
    if named:
        return {named: imported(named, Path.cwd())}
    ours, setting = by_name(settings), settings.covariates
    return {name: WithCovariates(ours[name], setting) for name in dict.fromkeys(settings.models)}

"""What a saved model says of prices that it has not seen; nothing is learned."""

from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.errors import CheckpointError, DataError, SettingError
from forecast.evaluation.asked import asked
from forecast.evaluation.coverage import with_quantiles
from forecast.evaluation.walk_forward import answer_rows
from forecast.features.covariates import dressed
from forecast.forecasters.recurrent import restore
from forecast.pipeline import beside
from forecast.reporting import folder as folders
from forecast.settings import Covariates, Settings, Source, TargetName
from forecast.training.checkpoint import Checkpoint
from forecast.training.checkpoint import load as load_checkpoint


def predict(folder: Path | str, prices: Prices) -> pd.DataFrame:
    """The sessions after the last one, by the model saved in a result folder; nothing is learned.

    The answers table of one cutoff: closes, or volatilities where these were asked for. Its
    intervals rest on the folder's answers and on those that the model gives for the sessions it has
    not learned from.

    Raises:
        CheckpointError: the folder holds no model, or a damaged one.
        OutputError: the folder's answers cannot be read.
        DataError: the prices end before the model's own history, or have other columns.
    """
    folder = Path(folder)
    saved = load_checkpoint(folder / folders.MODEL)
    model, prices = restore(saved), dressed(prices, _covariates(saved))
    run = folders.read(folder)
    name = run.settings.models[0]
    dates = pd.DatetimeIndex(prices.table.index)
    learned = pd.Timestamp(run.answers["cutoff"].to_numpy().max())
    if dates[-1] < learned:
        raise DataError(
            f"{prices.ticker}: prices end {dates[-1]:%Y-%m-%d}; the model has learned until"
            f" {learned:%Y-%m-%d}; give newer prices or fit again"
        )
    rows = np.flatnonzero(dates >= learned)
    known = [prices.table.iloc[: row + 1] for row in rows]
    answered = model.forecast(known)
    target = run.settings.target
    series = asked(prices.table, answered.shape[1], target)
    new = answer_rows(prices.ticker, name, rows, answered, series)
    mine = (run.answers["forecaster"] == name) & (run.answers["cutoff"] < learned)
    old = run.answers[mine & run.answers["cutoff"].isin(dates)]
    if target.target != "volatility":
        old = _readjusted(old, prices.table["close"])
    told = with_quantiles(pd.concat([old, new], ignore_index=True), {prices.ticker: series})
    return told[told["cutoff"] == dates[-1]].reset_index(drop=True)


def beside_as_saved(folder: Path | str, prices: Prices, source: Source = Source()) -> Prices:
    """As `beside`, with what the model saved in a result folder read alongside when it learned.

    Raises:
        ForecastError: as `beside`; a CheckpointError where the folder holds no model.
    """
    saved = load_checkpoint(Path(folder) / folders.MODEL)
    inputs = restore(saved).inputs.settings
    return beside([prices], Settings(inputs=inputs, covariates=_covariates(saved)), source)[0]


def _covariates(saved: Checkpoint) -> Covariates:
    try:
        return Covariates(**saved.about.get("covariates", {}))
    except (TypeError, SettingError) as error:
        raise CheckpointError(
            f"the saved model read covariates that this version cannot make ({error}); fit it again"
        ) from error


def target_of(folder: Path | str) -> TargetName:
    """What the run in a result folder was asked for.

    Raises:
        OutputError: the folder cannot be read.
    """
    return folders.read(Path(folder)).target


def _readjusted(answers: pd.DataFrame, closes: pd.Series) -> pd.DataFrame:
    """Old answers in the scale of newer prices: a dividend since then changed what was before."""
    factor = closes[answers["cutoff"]].to_numpy() / answers["last"].to_numpy()
    return answers.assign(forecast=answers["forecast"] * factor)

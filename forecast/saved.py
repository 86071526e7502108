"""What a saved model says of prices that it has not seen; nothing is learned."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.errors import CheckpointError, DataError
from forecast.evaluation.outcomes import outcomes_ahead
from forecast.evaluation.quantiles import with_quantiles
from forecast.evaluation.walk_forward import answer_rows
from forecast.features.covariates import check, with_covariates
from forecast.features.gathering import beside
from forecast.forecasters.recurrent import FittedRecurrent, Recurrent, named, restore
from forecast.progress import silent
from forecast.reporting import folder as folders
from forecast.reporting.run import Run
from forecast.settings import Covariates, Settings
from forecast.source_settings import Source
from forecast.training.checkpoint import FOREIGN, MODEL, Checkpoint
from forecast.training.checkpoint import load as load_checkpoint


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """The model of a result folder with the run that it comes from."""

    run: Run
    model: FittedRecurrent
    covariates: Covariates

    @classmethod
    def open(cls, folder: Path | str) -> "Saved":
        """Read a result folder.

        Raises:
            CheckpointError: the folder holds no model, a damaged one, or that of another run.
            OutputError: the folder's answers cannot be read.
        """
        checkpoint = load_checkpoint(Path(folder) / MODEL)
        model, covariates = restore(checkpoint), _covariates(checkpoint)
        run = folders.read(Path(folder))
        _refuse_other(run, checkpoint, model)
        return cls(run, model, covariates)

    def beside(self, prices: Prices, source: Source = Source()) -> Prices:
        """As `beside`, with what the model read alongside when it learned.

        Raises:
            ForecastError: as `beside`.
        """
        settings = Settings(inputs=self.model.inputs.settings, covariates=self.covariates)
        return beside([prices], settings, source)[0]

    def predict(self, prices: Prices) -> pd.DataFrame:
        """As `forecast.saved.predict`.

        Raises:
            CheckpointError: the prices have other columns than the model learned from.
            DataError: the prices end before the model's own history.
        """
        prices = with_covariates(prices, self.covariates, self.model.inputs.horizon)
        answers = self.run.answers
        dates = pd.DatetimeIndex(prices.table.index)
        learned = pd.Timestamp(answers["cutoff"].to_numpy().max())
        if dates[-1] < learned:
            raise DataError(
                f"{prices.ticker}: prices end {dates[-1]:%Y-%m-%d}; the model has learned until"
                f" {learned:%Y-%m-%d}; give newer prices or fit again"
            )
        name, target = self.run.settings.models[0], self.run.settings.target
        rows = np.flatnonzero(dates >= learned)
        with np.errstate(over="ignore", invalid="ignore"):  # it is said below
            answered = self.model.forecast([prices.table.iloc[: row + 1] for row in rows])
        if not np.isfinite(answered).all():
            raise CheckpointError(
                f"{prices.ticker}: the saved model answers no number; fit it again"
            )
        series = outcomes_ahead(prices.table, answered.shape[1], target)
        new = answer_rows(prices.ticker, name, rows, answered, series)
        mine = (answers["forecaster"] == name) & (answers["cutoff"] < learned)
        old = answers[mine & answers["cutoff"].isin(dates)]
        if target.target != "volatility":
            old = _readjusted(old, prices.table["close"])
        told = with_quantiles(pd.concat([old, new], ignore_index=True), {prices.ticker: series})
        return told[told["cutoff"] == dates[-1]].reset_index(drop=True)


def predict(folder: Path | str, prices: Prices) -> pd.DataFrame:
    """The sessions after the last one, by the model saved in a result folder; nothing is learned.

    The answers table of one cutoff: closes, or volatilities where these were asked for. Its
    intervals rest on the folder's answers and on those that the model gives for the sessions it has
    not learned from.

    Raises:
        CheckpointError: the folder holds no model, a damaged one, or that of another run; or the
            prices have other columns than it learned from.
        OutputError: the folder's answers cannot be read.
        DataError: the prices end before the model's own history.
    """
    return Saved.open(folder).predict(prices)


def _covariates(saved: Checkpoint) -> Covariates:
    try:
        found = Covariates(**saved.about.get("covariates", {}))
        check(found)
    except FOREIGN as error:
        raise saved.refusal(error) from error
    return found


def _refuse_other(run: Run, saved: Checkpoint, model: FittedRecurrent) -> None:
    """Let pass a model that was written with the run.

    Raises:
        CheckpointError: it is of another one.
    """
    asked = named(run.settings.models[0], run.settings, silent)
    pairs = [*zip(_facts(model.settings), _facts(asked), strict=True)]
    try:
        pairs += [(("prices", saved.about["receipt"]["sha256"]), ("prices", run.receipt.sha256))]
    except FOREIGN as error:
        raise saved.refusal(error) from error
    if differ := [(name, mine, its) for (name, mine), (_, its) in pairs if mine != its]:
        told = ", ".join(f"{name} {mine} and not {its}" for name, mine, its in differ)
        raise CheckpointError(
            f"{saved.place} is of another run than the answers beside it ({told}); run forecast fit"
            " again"
        )


def _facts(how: Recurrent) -> list[tuple[str, object]]:
    records = (how.target, how.inputs, how.network, how.training)
    return [("cell", how.cell), *(fact for each in records for fact in asdict(each).items())]


def _readjusted(answers: pd.DataFrame, closes: pd.Series) -> pd.DataFrame:
    """Old answers in the scale of newer prices: a dividend since then changed what was before."""
    factor = closes[answers["cutoff"]].to_numpy() / answers["last"].to_numpy()
    return answers.assign(forecast=answers["forecast"] * factor)

"""What a run on one ticker found, and the way from there into its result folder."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from forecast.data.prices import Prices
from forecast.data.tickers import folder_name
from forecast.forecasters.base import Fitted, Learned
from forecast.reporting import folder as folders
from forecast.reporting.pages.report import summary
from forecast.reporting.pictures.figures import figures
from forecast.reporting.run import Run
from forecast.training.checkpoint import Checkpoint
from forecast.training.checkpoint import content as checkpoint_bytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """What a run on one ticker found; `model` is its first forecaster, fitted on everything."""

    prices: Prices
    run: Run
    model: Fitted

    def __repr__(self) -> str:
        return f"<Result of {self.run.headline.forecaster} on {self.run.ticker}: {self.verdict}>"

    @property
    def verdict(self) -> str:
        """Whether the first forecaster beats the last close, in words."""
        return self.run.verdict

    @property
    def scores(self) -> pd.DataFrame:
        """One row for each forecaster and horizon; see `forecast.evaluation.scores`."""
        return self.run.scores

    @property
    def answers(self) -> pd.DataFrame:
        """Every forecast whose actual is known; see `forecast.evaluation.answers`.

        In the unit of the target: closes; changes from the last close in per cent; chances of a
        rise, beside the base rate as `last`; or volatilities in per cent a session.
        """
        asked = self._asked
        return asked[asked["actual"].notna()]

    @property
    def upcoming(self) -> pd.DataFrame:
        """The first forecaster's answers for the sessions to come, its actuals NaN."""
        asked = self._asked
        mine = asked["forecaster"] == self.run.headline.forecaster
        return asked[mine & asked["actual"].isna()].reset_index(drop=True)

    @property
    def _asked(self) -> pd.DataFrame:
        return self.run.converted if len(self.run.converted) else self.run.answers

    def figures(self) -> Mapping[str, Figure]:
        """The pictures of the report, by name."""
        return figures(self.run)

    def _repr_html_(self) -> str:
        """What comes next, and whether to believe it, as a notebook shows it."""
        return summary(self.run)

    def report(self, out: Path | str = "reports", *, command: str = "") -> Path:
        """Write the result folder with its page, count this run there as tried, and return it.

        `command` is told as the one that repeats the run; without it, one made from the settings.

        Raises:
            OutputError: it cannot be written; what was there is untouched.
        """
        place = place_of(self.run.ticker, out)
        run = replace(self.run, command=command or self.run.command)
        _log.info("drawing %s", place)
        folders.write(place, run, datetime.now(UTC), self._saved())
        return place

    def _saved(self) -> bytes | None:
        if not isinstance(self.model, Learned):
            return None
        saved = self.model.checkpoint()
        about = {
            **saved.about,
            "ticker": self.run.ticker,
            "receipt": asdict(self.run.receipt),
            "covariates": asdict(self.run.settings.covariates),
        }
        return checkpoint_bytes(Checkpoint(saved.weights, about))


def place_of(ticker: str, out: Path | str) -> Path:
    """The result folder of a ticker."""
    return Path(out) / folder_name(ticker)

"""One run on one ticker: everything that its result folder holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from forecast.data.prices import Receipt
from forecast.reporting.selection import Selection, select
from forecast.settings import Settings, TargetName

CURVES = ("forecaster", "cutoff", "epoch", "training", "validation")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Run:
    """What was asked, from which prices, what was answered, how good it was.

    `answers` holds the known answers and those for sessions to come, their actuals NaN:
    volatilities where these are asked for, closes where close, return or direction is.
    `converted` holds the same as returns or chances of a rise, and has no rows for the other two
    targets. `scores`
    has one row for each forecaster and horizon; `trading` says what trading on the closes forecast
    would have earned, `pooled` scores all tickers of the same run as one, where there are several.
    `trials` counts the configurations ever tried on the ticker, this run's among them. `curves` has
    the columns of `CURVES`, one curve for each refit, and no rows where nothing learns in epochs.
    `notes` are sentences about the run, as the receipt's are about the prices, and `findings` are
    what is odd about these. `command` runs it again, and `versions` names what it ran with.
    """

    ticker: str
    receipt: Receipt
    settings: Settings
    answers: pd.DataFrame
    scores: pd.DataFrame
    curves: pd.DataFrame
    verdict: str
    converted: pd.DataFrame
    trading: pd.DataFrame = field(default_factory=pd.DataFrame)
    pooled: pd.DataFrame = field(default_factory=pd.DataFrame)
    trials: int = 1
    notes: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    command: str = ""
    versions: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def target(self) -> TargetName:
        """What was asked for: close, return, direction or volatility."""
        return self.settings.target.target

    @property
    def headline(self) -> Selection:
        """The answers of the first forecaster asked for, at the farthest horizon."""
        asked = [
            name for name in self.settings.models if (self.answers["forecaster"] == name).any()
        ]
        noun = "volatility" if self.target == "volatility" else "close"
        return select(self.answers, asked[0] if asked else None, noun=noun)

    @property
    def score(self) -> dict[str, Any]:
        """The headline's row of `scores`."""
        chosen, scores = self.headline, self.scores
        mine = (scores["forecaster"] == chosen.forecaster) & (scores["horizon"] == chosen.horizon)
        return {str(name): value for name, value in scores[mine].iloc[0].items()}

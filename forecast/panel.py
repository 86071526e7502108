"""Very many tickers in one run: walked, scored and let go of block after block.

What is kept are scores, forecasts of what comes next, and what scores over all tickers need: memory
hardly grows with the number of tickers. Nobody looks at thousands of pictures, so none is drawn.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.data.files import prepare, write_all
from forecast.data.prices import Prices
from forecast.errors import DataError, SettingError
from forecast.evaluation.correction import History, corrected
from forecast.evaluation.pooled import pooled
from forecast.evaluation.scores import score
from forecast.evaluation.usable import unusable
from forecast.evaluation.verdict import verdict
from forecast.evaluation.walk_forward import walks
from forecast.features.covariates import dressed
from forecast.forecasters.base import keeping
from forecast.forecasters.catalogue import BASELINES, by_name
from forecast.progress import Progress, silent
from forecast.reporting import formats
from forecast.settings import Settings

# What scores over all tickers are made of.
KEPT = ("ticker", "forecaster", "cutoff", "date", "horizon", "last", "actual", "forecast")
UPCOMING = ("ticker", "cutoff", "date", "horizon", "last", "forecast")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PanelResult:
    """What a run on very many tickers found.

    `scores` has a row for each ticker, forecaster and horizon, with the verdict of those that make
    a claim; `pooled` one for each forecaster and horizon over all tickers; `upcoming` the first
    forecaster's answers for the sessions to come. `left_out` are sentences.
    """

    settings: Settings
    scores: pd.DataFrame
    pooled: pd.DataFrame
    upcoming: pd.DataFrame
    left_out: Sequence[str]
    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def tickers(self) -> int:
        """How many tickers were scored."""
        return int(self.scores["ticker"].nunique())

    @property
    def better(self) -> list[str]:
        """The tickers on which the first forecaster is better than the last close."""
        mine = self.scores[self.scores["forecaster"] == self.settings.models[0]]
        return sorted(mine.loc[mine["verdict"].str.startswith("better"), "ticker"].unique())

    def as_json(self) -> dict[str, Any]:
        """The result without its long tables, as plain values."""
        told: dict[str, Any] = formats.finite(
            {
                "tickers": self.tickers,
                "forecaster": self.settings.models[0],
                "first": f"{self.first:%Y-%m-%d}",
                "last": f"{self.last:%Y-%m-%d}",
                "better": self.better,
                "pooled": formats.rows(self.pooled),
                "left_out": list(self.left_out),
                "settings": asdict(self.settings),
            }
        )
        return told

    def write(self, folder: Path) -> None:
        """Write panel.json, scores.csv and upcoming.csv into a folder.

        Raises:
            OutputError: it cannot be written; what was there is untouched.
        """
        prepare(folder)
        contents = {
            "scores.csv": formats.to_csv(self.scores),
            "upcoming.csv": formats.to_csv(self.upcoming),
            "panel.json": formats.to_json(self.as_json()),
        }
        write_all(folder, contents)


def fit_panel(
    prices: Sequence[Prices],
    settings: Settings | None = None,
    progress: Progress = silent,
    earlier: int = 0,
    kept: Path | None = None,
) -> PanelResult:
    """Walk forward through very many tickers; all claims of the run are tested together.

    With them `earlier` claims for each ticker, of configurations that were tried before.

    Tickers of too few rows, or whose close never changes, are left out, and said. Progress counts
    tickers. In the folder `kept`, networks keep what they have learned, portion by portion.

    Raises:
        DataError: no ticker can be used.
        SettingError: a model that does not exist, another target than the close, or one ticker
            comes twice.
        TrainingError: learning diverged, or does not fit into memory.
    """
    settings = settings or Settings()
    if settings.target.target != "close":
        raise SettingError(f"panels are scored on closes; got target {settings.target.target}")
    prices = [dressed(each, settings.covariates) for each in prices]
    left_out = [why for each in prices if (why := unusable(each, settings))]
    usable = [each for each in prices if not unusable(each, settings)]
    if not usable:
        raise DataError(f"none of {len(prices)} tickers can be used; {'; '.join(left_out[:1])}")
    claimed = [name for name in settings.models if name not in BASELINES]
    history = History(rolling=settings.walk_forward.span > 0)
    scores, parts, upcoming = (list[pd.DataFrame]() for _ in range(3))
    # Names are held once, and numbered.
    names = pd.CategoricalDtype([each.ticker for each in usable])
    numbered = {"ticker": names, "forecaster": pd.CategoricalDtype([*settings.models])}
    forecasters, done = keeping(by_name(settings), kept), 0
    for block, found in walks(usable, forecasters, settings.walk_forward):
        closes = {each.ticker: each.table["close"] for each in block}
        scores.append(score(found.answers, closes, claimed, history))
        asked = found.answers["forecaster"].isin(list(settings.models))
        parts.append(found.answers.loc[asked, list(KEPT)].astype(numbered))
        mine = found.upcoming["forecaster"] == settings.models[0]
        upcoming.append(found.upcoming.loc[mine, list(UPCOMING)])
        done += len(block)
        del found  # before the next block is learned
        progress(done, len(usable))
    answers = pd.concat(parts, ignore_index=True)
    return PanelResult(
        settings=settings,
        scores=_judged(pd.concat(scores, ignore_index=True), claimed, earlier * len(usable)),
        pooled=pooled(answers),
        upcoming=pd.concat(upcoming, ignore_index=True),
        left_out=left_out,
        first=answers["date"].min(),
        last=answers["date"].max(),
    )


def _judged(scores: pd.DataFrame, claimed: Sequence[str], earlier: int) -> pd.DataFrame:
    """Scores whose p-values are corrected over all tickers, and the verdict that follows."""
    scores = corrected(scores, claimed, {"p_value": "p_holm", "cw_p": "cw_holm"}, earlier)
    rows = ({str(name): value for name, value in row.items()} for row in scores.to_dict("records"))
    return scores.assign(verdict=[verdict(row) for row in rows])

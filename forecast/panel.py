"""Very many tickers in one run: walked, scored and let go of block after block.

What is kept are scores, forecasts of what comes next, and what scores over all tickers need: memory
hardly grows with the number of tickers. Nobody looks at thousands of pictures, so none is drawn.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from forecast.data.files import alone, prepare, write_all
from forecast.data.prices import Prices, expect
from forecast.errors import DataError
from forecast.evaluation.correction import History
from forecast.evaluation.direction import chances
from forecast.evaluation.folds import rolling
from forecast.evaluation.judge import converted, judged, with_verdicts
from forecast.evaluation.losses import MEASURES
from forecast.evaluation.pooled import pooled
from forecast.evaluation.usable import unusable
from forecast.evaluation.walk_forward import walk_blocks
from forecast.features.covariates import with_covariates
from forecast.forecasters.base import keeping
from forecast.forecasters.catalogue import baselines, by_name
from forecast.progress import Progress
from forecast.reporting import formats, notebook, trials
from forecast.reporting.glossary import meanings
from forecast.reporting.pages.document import Sample, card
from forecast.reporting.screens.panel import table
from forecast.reporting.wording import count
from forecast.settings import Settings

# What scores over all tickers are made of.
KEPT = ("ticker", "forecaster", "cutoff", "date", "horizon", "last", "actual", "forecast")
UPCOMING = ("ticker", "cutoff", "date", "horizon", "last", "forecast")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PanelResult:
    """What a run on very many tickers found.

    `scores` has a row for each ticker, forecaster and horizon, with the verdict of those that make
    a claim; `pooled` one for each forecaster and horizon over all tickers; `upcoming` the first
    forecaster's answers for the sessions to come. `left_out` are sentences,
    and so are `notes`, of tickers on which learning diverged.
    """

    settings: Settings
    scores: pd.DataFrame
    pooled: pd.DataFrame
    upcoming: pd.DataFrame
    left_out: Sequence[str]
    notes: Sequence[str]
    first: pd.Timestamp
    last: pd.Timestamp

    @property
    def tickers(self) -> int:
        """How many tickers were scored."""
        return int(self.scores["ticker"].nunique())

    @property
    def better(self) -> list[str]:
        """The tickers on which the first forecaster is better than the reference of its target."""
        mine = self.scores[self.scores["forecaster"] == self.settings.models[0]]
        return sorted(mine.loc[mine["verdict"].str.startswith("better"), "ticker"].unique())

    def _repr_html_(self) -> str:
        """The scores over all tickers, as a notebook shows them."""
        lines = "\n".join(table(self.pooled, self.settings.target.target))
        return card(count(self.tickers, "ticker"), [Sample(lines)])

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
                "meanings": meanings(self.settings.target.target, self.scores, self.pooled),
                "left_out": list(self.left_out),
                "notes": list(self.notes),
                "settings": asdict(self.settings),
            }
        )
        return told

    def write(self, folder: Path) -> None:
        """Write panel.json, scores.csv and upcoming.csv into a folder, and what was tried there.

        Raises:
            OutputError: it cannot be written; what was there is untouched.
        """
        prepare(folder)
        contents = {
            "scores.csv": formats.to_csv(self.scores),
            "upcoming.csv": formats.to_csv(self.upcoming),
            "panel.json": formats.to_json(self.as_json()),
        }
        with alone(folder):
            contents[trials.TRIALS] = trials.counted(folder, [self.settings])
            write_all(folder, contents)


def fit_panel(
    prices: Sequence[Prices],
    settings: Settings | None = None,
    progress: Progress | None = None,
    earlier: int = 0,
    kept: Path | None = None,
) -> PanelResult:
    """Walk forward through very many tickers; all claims of the run are tested together.

    With them `earlier` claims of configurations that were tried on these tickers before.

    Tickers of too few rows, or whose close never changes, are left out, and said. Progress counts
    tickers; without it a notebook shows a bar, and nothing else does. In the folder `kept`,
    networks keep what they have learned, portion by portion.

    Raises:
        DataError: no ticker can be used.
        SettingError: a model that does not exist, or one ticker comes twice.
        TrainingError: learning diverged, or does not fit into memory.
    """
    settings = settings or Settings()
    target = settings.target.target
    expect(prices)
    covariates, horizon = settings.covariates, settings.walk_forward.horizon
    prices = [with_covariates(each, covariates, horizon) for each in prices]
    whys = [unusable(each, settings) for each in prices]
    left_out = [why for why in whys if why]
    usable = [each for each, why in zip(prices, whys, strict=True) if not why]
    if not usable:
        raise DataError(f"none of {len(prices)} tickers can be used; {'; '.join(left_out[:1])}")
    claimed = [name for name in settings.models if name not in baselines(settings.target)]
    shown = dict.fromkeys((*settings.models, MEASURES[target].baseline or settings.models[0]))
    history = History(rolling=all(rolling(each.table, settings.walk_forward) for each in usable))
    scores, parts, upcoming = (list[pd.DataFrame]() for _ in range(3))
    # Names are held once, and numbered.
    names = pd.CategoricalDtype([each.ticker for each in usable])
    numbered = {"ticker": names, "forecaster": pd.CategoricalDtype([*shown])}
    notes = list[str]()
    forecasters, done = keeping(by_name(settings), kept), 0
    told = progress or notebook.progress("tickers")
    for block, found in walk_blocks(usable, forecasters, settings.walk_forward, settings.target):
        closes = {each.ticker: each.table["close"] for each in block}
        scores.append(judged(found.answers, closes, claimed, target, history))
        answers = chances(found.answers, closes) if target == "direction" else found.answers
        parts.append(answers.loc[answers["forecaster"].isin(shown), list(KEPT)].astype(numbered))
        ahead = found.upcoming[found.upcoming["forecaster"] == settings.models[0]]
        upcoming.append(converted(ahead, closes, target)[list(UPCOMING)])
        said = ((each.ticker, found.diverged(each.ticker)) for each in block)
        notes += [f"{ticker}: {note}" for ticker, note in said if note]
        done += len(block)
        del found  # before the next block is learned
        told(done, len(usable))
    answers = pd.concat(parts, ignore_index=True)
    return PanelResult(
        settings=settings,
        scores=with_verdicts(pd.concat(scores, ignore_index=True), claimed, target, earlier),
        pooled=pooled(answers, target),
        upcoming=pd.concat(upcoming, ignore_index=True),
        left_out=left_out,
        notes=notes,
        first=answers["date"].min(),
        last=answers["date"].max(),
    )

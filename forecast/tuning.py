"""Settings searched by walk-forward inside the history alone: the final block is never touched.

What `fit` would be scored on is cut off before anything begins. Inside of what is left the trials
walk forward, refitted a few times, and are compared by their squared error against that of the
reference of their target, as `MEASURES` tells them. All trials of one shape learn together, as one
stack.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd

from forecast.data.prices import Prices
from forecast.errors import SettingError
from forecast.evaluation.direction import chances
from forecast.evaluation.folds import Fold, folds
from forecast.evaluation.losses import MEASURES, Measure
from forecast.evaluation.outcomes import OutcomesAhead, outcomes_ahead
from forecast.evaluation.quantiles import with_quantiles
from forecast.evaluation.walk_forward import answer_rows
from forecast.features.covariates import with_covariates
from forecast.forecasters.base import Fitted
from forecast.forecasters.catalogue import by_name
from forecast.forecasters.recurrent import Recurrent, named
from forecast.progress import Progress, silent
from forecast.searches import SEARCHES, Point, Tell, nobody
from forecast.settings import CellKind, Search, Settings, WalkForward
from forecast.settings_file import text
from forecast.shapes import Series

# Trials that are asked for at once, where each is to learn from those before.
TOGETHER = 8


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """What a search found.

    `trials` has one row for each: trial, model, hidden, window, learning_rate, trust, r2, the best
    first; trial 0 is what the search began with. `tried` are their settings, in the order of their
    numbers. `last` is the last session that was seen, `n` the forecasts of each trial.
    """

    tried: Sequence[Settings]
    trials: pd.DataFrame
    last: pd.Timestamp
    n: int

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The choices of the best trial, by field."""
        best = {str(name): value for name, value in self.trials.iloc[0].items()}
        names = ("hidden", "window", "learning_rate", "trust")
        kinds = (int, int, float, float)
        found = {name: kind(best[name]) for name, kind in zip(names, kinds, strict=True)}
        return {"models": [best["model"]], **found}

    def toml(self) -> str:
        """The best trial as a file of settings."""
        return text(self.chosen)

    def _repr_html_(self) -> str:
        """The trials, as a notebook shows them."""
        return self.trials.to_html(index=False)


def tune(
    prices: Sequence[Prices],
    settings: Settings | None = None,
    search: Search = Search(),
    progress: Progress = silent,
    kept: Path | None = None,
) -> Tuned:
    """Search hidden, window, learning rate, trust and, of the networks named, the cell.

    In the folder `kept`, networks keep what they have learned, portion by portion: the same search
    finds it there, since it asks for the same trials.

    Raises:
        DataError: a history is too short to walk forward in.
        SettingError: no network is among the models, or optuna is asked for and not installed.
        TrainingError: every trial of one shape diverged.
    """
    settings = settings or Settings()
    cells = [name for name in settings.models if name in get_args(CellKind)]
    if not cells:
        raise SettingError(
            f"models names no network; there are {', '.join(get_args(CellKind))}; got"
            f" {', '.join(settings.models)}"
        )
    covariates, horizon = settings.covariates, settings.walk_forward.horizon
    whole = [with_covariates(each, covariates, horizon) for each in prices]
    inside = _Inside.of(whole, settings, search, kept)
    first = _point(cells[0], settings)
    turn: list[tuple[Point, Tell]] = [(first, nobody)]
    ask = SEARCHES[search.search](cells, search)
    points, found = list[Point](), list[float]()
    size = search.trials if search.search == "random" else TOGETHER
    while len(points) < search.trials:
        room = min(size, search.trials - len(points)) - len(turn)
        turn += [ask() for _ in range(room)]
        scores = _scores([point for point, _ in turn], inside)
        for (point, tell), score in zip(turn, scores, strict=True):
            tell(score)
            points.append(point)
            found.append(score)
        progress(len(points), search.trials)
        turn = []
    table = pd.DataFrame(points).assign(r2=found)
    table.insert(0, "trial", range(len(table)))
    return Tuned(
        tried=[_settings(point, settings) for point in points],
        trials=table.sort_values("r2", ascending=False, kind="stable", ignore_index=True),
        last=max(each.sessions[-1] for each in inside.known.values()),
        n=sum(len(fold.cutoffs) for path in inside.paths.values() for fold in path),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Inside:
    """The way that every trial walks: folds of the rows that no score of `fit` is made of.

    `known` is what is asked there and what came, `closes` all closes, by ticker; networks keep what
    they have learned in `kept`.
    """

    settings: Settings
    paths: Mapping[str, Sequence[Fold]]
    known: Mapping[str, OutcomesAhead]
    closes: Mapping[str, pd.Series]
    kept: Path | None

    @classmethod
    def of(
        cls, prices: Sequence[Prices], settings: Settings, search: Search, kept: Path | None
    ) -> "_Inside":
        walk, target = settings.walk_forward, settings.target
        tables = {
            each.ticker: each.table.iloc[: folds(each.table, walk)[0].stop] for each in prices
        }
        return cls(
            settings,
            {name: folds(table, _inner(table, walk, search)) for name, table in tables.items()},
            {name: outcomes_ahead(table, walk.horizon, target) for name, table in tables.items()},
            {name: table["close"] for name, table in tables.items()},
            kept,
        )

    @property
    def histories(self) -> list[pd.DataFrame]:
        """The history of each fold of each ticker."""
        return [fold.history for path in self.paths.values() for fold in path]

    def answers(self, name: str, fits: Iterable[Fitted]) -> pd.DataFrame:
        """What these fits, one for each history, answer on the way; chances for `direction`."""
        each, parts = iter(fits), list[pd.DataFrame]()
        for ticker, path in self.paths.items():
            told = np.concatenate([next(each).forecast(fold.known) for fold in path])
            rows = np.concatenate([fold.cutoffs for fold in path])
            parts.append(answer_rows(ticker, name, rows, told, self.known[ticker]))
        found = pd.concat(parts, ignore_index=True)
        if self.settings.target.target != "direction":
            return found
        return chances(with_quantiles(found, self.known), self.closes)


def _inner(table: pd.DataFrame, setting: WalkForward, search: Search) -> WalkForward:
    """The walk inside: the last share of the history, refitted as often as the search says."""
    share = 0.7
    cutoffs = -(-int((1 - share) * len(table)) // setting.step)
    return replace(setting, first=share, refit=max(1, -(-cutoffs // search.refits)), warm=False)


def _point(cell: str, settings: Settings) -> Point:
    """Where the search begins: the settings as they are."""
    return {
        "model": cell,
        "hidden": settings.network.hidden,
        "window": settings.inputs.window,
        "learning_rate": settings.training.learning_rate,
        "trust": settings.training.trust,
    }


def _settings(point: Point, settings: Settings) -> Settings:
    """The settings with what a point chooses."""
    return replace(
        settings,
        models=(point["model"],),
        inputs=replace(settings.inputs, window=point["window"]),
        network=replace(settings.network, hidden=point["hidden"]),
        training=replace(
            settings.training, learning_rate=point["learning_rate"], trust=point["trust"]
        ),
    )


def _scores(points: Sequence[Point], inside: _Inside) -> list[float]:
    """The R2 of each point against the reference; those of one shape learn together."""
    settings = inside.settings
    every = [named(point["model"], _settings(point, settings), silent) for point in points]
    if inside.kept:
        every = [each.keeping(inside.kept) for each in every]
    shapes = dict[Recurrent, list[int]]()
    for at, forecaster in enumerate(every):
        shapes.setdefault(forecaster.like, []).append(at)
    histories, horizon = inside.histories, settings.walk_forward.horizon
    measure = MEASURES[settings.target.target]
    theirs = None
    if measure.baseline:
        baseline = by_name(settings)[measure.baseline]
        theirs = inside.answers(measure.baseline, baseline.fit_many(histories, horizon))
    found = [0.0] * len(points)
    for members in shapes.values():
        trials = [every[at] for at in members]
        fits = trials[0].fit_trials(trials, histories, horizon)
        for at, own in zip(members, fits, strict=True):
            answers = inside.answers("trial", own)
            reference = answers["last"] if theirs is None else theirs["forecast"]
            found[at] = _r2(answers, reference.to_numpy("float64"), measure)
    return found


def _r2(answers: pd.DataFrame, reference: Series, measure: Measure) -> float:
    """Share of the reference's squared loss that is removed, all horizons alike.

    Of several tickers, each weighs by its loss.
    """
    actual, said = (answers[name].to_numpy("float64") for name in ("actual", "forecast"))
    losses = pd.DataFrame(
        {"own": measure.square(actual, said), "theirs": measure.square(actual, reference)}
    )
    sums = losses.dropna().groupby(answers["horizon"]).sum()
    return float(1 - (sums["own"] / sums["theirs"]).mean())

"""Walk-forward: every forecaster is asked at every cutoff, knowing what was known then.

Learning code is handed histories and nothing else, all folds of many tickers in one `fit_many`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.data.prices import Prices, expect
from forecast.data.sessions import following
from forecast.errors import DataError, SettingError
from forecast.evaluation.folds import Fold, final_fold, folds
from forecast.evaluation.outcomes import OutcomesAhead, outcomes_ahead
from forecast.evaluation.quantiles import with_quantiles
from forecast.forecasters.base import Fitted, Forecaster, Learned, Pooling, Refitting
from forecast.settings import Target, WalkForward
from forecast.shapes import Answers, Rows

# Fits in one block of tickers: enough to learn well together, few enough to be held at once.
FITS = 128


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """What a walk-forward found.

    `answers` are the forecasts whose actual close is known; `upcoming` those for the sessions
    after the last one, by forecasters fitted on everything. `fitted` holds, for each (ticker,
    forecaster), the fits in time order, by the last session that each has learned from.
    """

    answers: pd.DataFrame
    upcoming: pd.DataFrame
    fitted: Mapping[tuple[str, str], Mapping[pd.Timestamp, Fitted]]

    def learned(self, ticker: str) -> Iterator[tuple[str, pd.Timestamp, Learned]]:
        """Forecaster, time and fit of whatever learned a ticker epoch by epoch."""
        for (whose, name), fits in self.fitted.items():
            for last, fit in fits.items():
                if whose == ticker and isinstance(fit, Learned):
                    yield name, last, fit

    def diverged(self, ticker: str) -> str:
        """The sentence that tells what diverged on a ticker, or nothing."""
        lost = [
            f"{name} at {last:%Y-%m-%d}"
            for name, last, fit in self.learned(ticker)
            if fit.curve.diverged
        ]
        return (
            f"learning diverged and kept its last good weights: {', '.join(lost)}" if lost else ""
        )


def walk_forward(
    prices: Prices | Sequence[Prices],
    forecasters: Mapping[str, Forecaster],
    setting: WalkForward | None = None,
    target: Target | None = None,
) -> pd.DataFrame:
    """The answers table of these forecasters on these prices; see `forecast.evaluation.answers`.

    Raises:
        DataError: no prices, or a series is too short for the first history.
        SettingError: one ticker comes twice.
    """
    every = [prices] if isinstance(prices, Prices) else list(prices)
    expect(every)
    setting = setting or WalkForward()
    blocks = walk_blocks(every, forecasters, setting, target, ahead=False)
    return pd.concat([found.answers for _, found in blocks], ignore_index=True)


def walk(
    prices: Sequence[Prices],
    forecasters: Mapping[str, Forecaster],
    setting: WalkForward,
    target: Target | None = None,
) -> Walk:
    """As `walk_forward`, with the fits and the forecasts of sessions to come.

    Raises:
        DataError: a series is too short for the first history.
        SettingError: one ticker comes twice.
    """
    found = [part for _, part in walk_blocks(prices, forecasters, setting, target)]
    return Walk(
        pd.concat([part.answers for part in found], ignore_index=True),
        pd.concat([part.upcoming for part in found], ignore_index=True),
        {key: fits for part in found for key, fits in part.fitted.items()},
    )


def walk_blocks(
    prices: Sequence[Prices],
    forecasters: Mapping[str, Forecaster],
    setting: WalkForward,
    target: Target | None,
    *,
    ahead: bool = True,
) -> Iterator[tuple[Sequence[Prices], Walk]]:
    """As `walk`, one block of tickers after another, so that thousands need not be held at once.

    A forecaster that learns one network from all tickers has all of them in one block.

    Raises:
        DataError: a series is too short for the first history; raised before anything is learned.
        SettingError: one ticker comes twice.
    """
    if len({each.ticker for each in prices}) < len(prices):
        raise SettingError(f"a ticker comes twice: {', '.join(each.ticker for each in prices)}")
    most = max([len(folds(each.table, setting)) for each in prices], default=1)
    size = max(1, FITS // (most + ahead))
    if any(isinstance(each, Pooling) and each.pooled for each in forecasters.values()):
        size = len(prices)
    for start in range(0, len(prices), size):
        block = prices[start : start + size]
        yield block, _walk(block, forecasters, setting, target, ahead=ahead)


def _walk(
    every: Sequence[Prices],
    forecasters: Mapping[str, Forecaster],
    setting: WalkForward,
    target: Target | None,
    *,
    ahead: bool,
) -> Walk:
    paths = [folds(_own_copy(each.table), setting) for each in every]
    if ahead:
        paths = [[*path, final_fold(path[0].table, setting)] for path in paths]
    series = {each.ticker: outcomes_ahead(each.table, setting.horizon, target) for each in every}
    fitted = dict[tuple[str, str], Mapping[pd.Timestamp, Fitted]]()
    parts: list[pd.DataFrame] = []
    learned = {name: _fit(each, paths, setting) for name, each in forecasters.items()}
    for at, (each, path) in enumerate(zip(every, paths, strict=True)):
        ends = [fold.history.index[-1] for fold in path]
        known = [fold.known for fold in path]
        cutoffs = np.concatenate([fold.cutoffs for fold in path])
        for name, fits in learned.items():
            fitted[each.ticker, name] = dict(zip(ends, fits[at], strict=True))
            forecasts = [fit.forecast(rows) for fit, rows in zip(fits[at], known, strict=True)]
            checked = _checked(name, forecasts, path, setting)
            parts.append(answer_rows(each.ticker, name, cutoffs, checked, series[each.ticker]))
    answers = with_quantiles(pd.concat(parts, ignore_index=True), series)
    ends = answers["ticker"].map({name: own.sessions[-1] for name, own in series.items()})
    yet = answers["cutoff"] == ends
    return Walk(answers[~yet].reset_index(drop=True), answers[yet].reset_index(drop=True), fitted)


def _own_copy(table: pd.DataFrame) -> pd.DataFrame:
    """A copy, axes included: pandas keeps a note of every slice at the table it was cut from."""
    rows, columns = (axis.copy(deep=True) for axis in table.axes)
    return table.copy().set_axis(rows).set_axis(columns, axis="columns")


def _fit(
    forecaster: Forecaster, paths: Sequence[Sequence[Fold]], setting: WalkForward
) -> list[list[Fitted]]:
    """One fit for each fold of each path: all at once, or each from the one before where warm."""
    if not (setting.warm and isinstance(forecaster, Refitting)):
        histories = [fold.history for path in paths for fold in path]
        fits = iter(forecaster.fit_many(histories, setting.horizon))
        return [[next(fits) for _ in path] for path in paths]
    chains: list[list[Fitted]] = [[] for _ in paths]
    for turn in range(max(map(len, paths))):
        still = [at for at, path in enumerate(paths) if len(path) > turn]
        before = [chains[at][-1] for at in still if turn]
        histories = [paths[at][turn].history for at in still]
        fits = forecaster.refit_many(before, histories, setting.horizon)
        for at, fit in zip(still, fits, strict=True):
            chains[at].append(fit)
    return chains


def _checked(
    name: str, forecasts: Sequence[np.ndarray], path: Sequence[Fold], setting: WalkForward
) -> Answers:
    for forecast, fold in zip(forecasts, path, strict=True):
        needed = (len(fold.cutoffs), setting.horizon)
        if np.shape(forecast) != needed or not np.isfinite(forecast).all():
            raise DataError(
                f"forecaster {name!r} answered {len(fold.cutoffs)} histories with an array of shape"
                f" {np.shape(forecast)}; needs finite closes of shape {needed}"
            )
    return np.concatenate(forecasts)


def answer_rows(
    ticker: str, name: str, cutoffs: Rows, forecasts: Answers, known: OutcomesAhead
) -> pd.DataFrame:
    """The answers table, still without quantiles, of forecasts made at these rows."""
    horizon = forecasts.shape[1]
    dates = known.sessions.append(following(known.sessions, horizon))
    rows = np.repeat(cutoffs, horizon)
    ahead = np.tile(np.arange(1, horizon + 1, dtype=np.int64), len(cutoffs))
    last, actual = (
        np.column_stack([getattr(each, what)[cutoffs] for each in known.outcomes[:horizon]])
        for what in ("last", "actual")
    )
    return pd.DataFrame(
        {
            "ticker": ticker,
            "forecaster": name,
            "cutoff": dates[rows],
            "date": dates[rows + ahead],
            "horizon": ahead,
            "last": last.ravel(),
            "actual": actual.ravel(),
            "forecast": forecasts.ravel(),
        }
    )

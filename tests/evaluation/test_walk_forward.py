from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from forecast.data.prices import Prices
from forecast.errors import DataError, SettingError
from forecast.evaluation.answers import COLUMNS, QUANTILES
from forecast.evaluation.walk_forward import walk, walk_forward
from forecast.forecasters.base import Curve
from forecast.forecasters.catalogue import by_name
from forecast.forecasters.naive import Drift, Last
from forecast.progress import silent
from forecast.settings import Network, Settings, Training, WalkForward
from forecast.shapes import Answers
from forecast.training.checkpoint import Checkpoint
from tests.made import prices, table

SETTING = WalkForward(first=100, refit=20)
QUICK = Settings(
    models=("lstm", "ridge", "weekday", "smoothing"),
    network=Network(hidden=3),
    training=Training(epochs=15, learning_rate=0.03),
)


def test_answers_hold_what_was_known_and_what_came() -> None:
    given = prices(160)
    answers = walk_forward(given, {"last": Last()}, WalkForward(first=100, horizon=2, refit=7))
    assert tuple(answers.columns) == COLUMNS
    assert len(answers) == 2 * (160 - 2 - 99)
    close = given.table["close"]
    assert answers["last"].tolist() == close[answers["cutoff"]].tolist()
    assert answers["actual"].tolist() == close[answers["date"]].tolist()
    rows = given.table.index.get_indexer(answers["date"]) - given.table.index.get_indexer(
        answers["cutoff"]
    )
    assert rows.tolist() == answers["horizon"].tolist()


def test_future_shock_leaves_the_forecast_unmoved_by_one_bit() -> None:
    """Every forecaster, intervals too, though all folds are learned together."""
    calm = prices(160, signal=0.8)
    shocked = calm.table.copy()
    shocked.iloc[130:] *= np.linspace(1.1, 3.0, 30)[:, None]
    wild = Prices.of("TEST", shocked)
    before = [
        answers[answers["cutoff"] < calm.table.index[130]][["forecast", *QUANTILES, "capped"]]
        for each in (calm, wild)
        if (answers := walk_forward(each, by_name(QUICK, silent), SETTING)) is not None
    ]
    assert len(before[0]) == 7 * 31
    pd.testing.assert_frame_equal(before[0], before[1], check_exact=True)


def test_the_next_session_is_answered_by_a_fit_on_everything() -> None:
    given = prices(120)
    found = walk([given], {"drift": Drift()}, WalkForward(first=100, horizon=3))
    last = given.table.index[-1]
    assert found.upcoming["cutoff"].unique().tolist() == [last]
    assert found.upcoming["date"].tolist() == pd.bdate_range(last, periods=4)[1:].tolist()
    assert found.upcoming["actual"].isna().all()
    assert found.answers["actual"].notna().all()
    assert list(found.fitted["TEST", "drift"])[-1] == last
    close = given.table["close"].to_numpy()
    assert found.upcoming["forecast"].iloc[0] == close[-1] + (close[-1] - close[0]) / 119


@dataclass(frozen=True)
class Noted:
    """A forecaster that writes down what it is handed."""

    calls: list[list[int]] = field(default_factory=list)
    before: list[int] = field(default_factory=list)

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> Sequence["Noted"]:
        return self.refit_many([], histories, horizon)

    def refit_many(
        self, before: Sequence["Noted"], histories: Sequence[pd.DataFrame], horizon: int
    ) -> Sequence["Noted"]:
        assert horizon == 1
        self.calls.append([len(each) for each in histories])
        self.before.append(len(before))
        return [self for _ in histories]

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        return np.array([[each["close"].iloc[-1]] for each in histories])


def test_all_folds_and_tickers_are_learned_in_one_call() -> None:
    noted = Noted()
    walk_forward([prices(140, ticker="A"), prices(120, ticker="B")], {"it": noted}, SETTING)
    assert noted.calls == [[100, 120, 100]]


def test_warm_refits_start_from_the_fit_before() -> None:
    noted = Noted()
    setting = WalkForward(first=100, refit=20, warm=True)
    walk_forward([prices(140, ticker="A"), prices(120, ticker="B")], {"it": noted}, setting)
    assert noted.calls == [[100, 100], [120]]
    assert noted.before == [0, 1]


@dataclass(frozen=True)
class Broken:
    answer: float
    width: int

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> Sequence["Broken"]:
        assert horizon
        return [self for _ in histories]

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        return np.full((len(histories), self.width), self.answer)


def test_answers_of_a_wrong_shape_or_that_are_no_number_are_refused() -> None:
    for answer, horizon in ((np.nan, 1), (1.0, 2)):
        with pytest.raises(DataError, match="forecaster 'odd' answered"):
            walk_forward(
                prices(120), {"odd": Broken(answer, 1)}, WalkForward(first=100, horizon=horizon)
            )


def test_a_ticker_that_comes_twice_is_refused() -> None:
    with pytest.raises(SettingError, match="a ticker comes twice: A, A"):
        walk_forward([prices(120, ticker="A"), prices(120, ticker="A")], {"last": Last()})


def test_prices_are_left_as_they_were() -> None:
    given, before = prices(130), table(130)
    walk_forward(given, by_name(QUICK, silent), SETTING)
    pd.testing.assert_frame_equal(given.table, before, check_freq=False)


@dataclass(frozen=True)
class Lost:
    """Its learning diverged once it had 120 rows."""

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> "list[LostFit]":
        return [LostFit(horizon, len(history) >= 120) for history in histories]


@dataclass(frozen=True)
class LostFit:
    horizon: int
    lost: bool

    @property
    def curve(self) -> Curve:
        return Curve(training=np.ones(2), validation=np.ones(2), best=0, diverged=self.lost)

    def checkpoint(self) -> Checkpoint:
        return Checkpoint({}, {})

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        return np.ones((len(histories), self.horizon))


def test_a_walk_tells_of_what_diverged_by_ticker() -> None:
    given, short = prices(140), prices(110, ticker="SHORT")
    named = {"last": Last(), "lost": Lost()}
    found = walk([given, short], named, WalkForward(first=100, refit=20))
    when = [f"{given.table.index[row]:%Y-%m-%d}" for row in (119, 139)]
    assert found.diverged(given.ticker) == (
        f"learning diverged and kept its last good weights: lost at {when[0]}, lost at {when[1]}"
    )
    assert found.diverged("SHORT") == ""
    assert [name for name, _, _ in found.learned("SHORT")] == ["lost", "lost"]

"""Covariates on the whole way: from their names to a saved model, and back to the same columns."""

import json
from pathlib import Path

import pandas as pd
import pytest

from forecast.data.prices import Prices
from forecast.errors import CheckpointError
from forecast.features.alongside import joined
from forecast.features.gathering import beside
from forecast.pipeline import fit
from forecast.saved import Saved, predict
from forecast.settings import Covariates, Network, Settings, Training, WalkForward
from tests.made import prices

GIVEN = prices(200, signal=0.7)


def test_a_saved_model_reads_the_same_covariates_again(tmp_path: Path) -> None:
    others = {}
    for ticker in ("SPY", "QQQ"):
        other = prices(200, seed=7, ticker=ticker).table
        others[ticker] = str(tmp_path / f"{ticker}.csv")
        other.to_csv(others[ticker])
    covariates = Covariates(
        alongside=",".join(others.values()), with_lag=1, indicators="rsi,sma:5", calendar="weekday"
    )
    settings = Settings(
        covariates=covariates,
        network=Network(hidden=4),
        training=Training(epochs=30, learning_rate=0.03),
        walk_forward=WalkForward(first=120, horizon=2),
    )
    [given] = beside([GIVEN], settings)
    result = fit(given, settings)
    folder = result.report(tmp_path)
    told = predict(folder, Saved.open(folder).beside(GIVEN))
    assert told["forecast"].tolist() == pytest.approx(result.upcoming["forecast"].tolist())
    assert json.loads((folder / "settings.json").read_text())["covariates"]["with_lag"] == 1
    with pytest.raises(
        CheckpointError, match=r"this model learned from .* SPY, QQQ, rsi:14, sma:5, mon"
    ):
        predict(folder, GIVEN)


def test_a_covariate_that_leads_is_made_use_of() -> None:
    leader = prices(400, seed=11, ticker="LEAD")
    closes = leader.table["close"].shift(1).bfill()
    table = pd.DataFrame({"close": 0.5 * closes}, index=leader.table.index)
    settings = Settings(models=("ridge",), walk_forward=WalkForward(first=0.7, refit=0))
    own = Prices.of("TRAIL", table)
    results = [fit(each, settings) for each in (own, joined(own, [leader]))]
    skills = [each.scores.set_index("forecaster").loc["ridge", "skill"] for each in results]
    assert skills[0] < 0.05 < 0.8 < skills[1]
    # Nothing that is known at a close leads so far: it may be that of a market that closes later.
    assert results[0].run.notes == ()
    assert results[1].run.notes[0].startswith("Column LEAD goes along with the next session's")
    assert results[1].verdict.endswith("; but see the first note")

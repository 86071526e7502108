import gc
import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast import panel
from forecast.data.prices import Prices
from forecast.errors import DataError
from forecast.evaluation import walk_forward
from forecast.forecasters.base import Forecaster
from forecast.forecasters.catalogue import by_name
from forecast.panel import fit_panel
from forecast.pipeline import fit_many, together
from forecast.settings import Network, Settings, Target, TargetName, Training, WalkForward
from tests.evaluation.test_walk_forward import Lost
from tests.made import prices

QUICK = Settings(
    models=("lstm", "drift"),
    network=Network(hidden=3),
    training=Training(epochs=6),
    walk_forward=WalkForward(first=0.7, refit=0),
)
GIVEN = [prices(90, seed, ticker=f"T{seed}") for seed in range(5)]


def test_a_panel_is_scored_as_its_tickers_are_together() -> None:
    found, several = fit_panel(GIVEN, QUICK), fit_many(GIVEN, QUICK)
    together = pd.concat([each.scores for each in several], ignore_index=True)
    shown = ["ticker", "forecaster", "rmse", "p_value", "p_holm", "tests"]
    pd.testing.assert_frame_equal(found.scores[shown], together[shown])
    verdicts = found.scores.loc[found.scores["forecaster"] == "lstm", "verdict"]
    assert verdicts.tolist() == [each.verdict for each in several]
    assert found.upcoming["forecast"].tolist() == [
        each.upcoming["forecast"].iloc[0] for each in several
    ]
    assert found.pooled["forecaster"].tolist() == ["lstm", "drift"]
    assert found.pooled["tickers"].tolist() == [5, 5]
    html = found._repr_html_()
    assert "5 tickers" in html
    assert "all tickers" in html


@pytest.mark.parametrize("target", ["return", "direction", "volatility"])
def test_other_targets_are_scored_as_their_tickers_are_together(target: TargetName) -> None:
    settings = replace(QUICK, models=("ridge",), target=Target(target=target))
    given = [prices(200, seed, ticker=f"T{seed}") for seed in range(3)]
    found, several = fit_panel(given, settings), fit_many(given, settings)
    scores = pd.concat([each.scores for each in several], ignore_index=True)
    keys, shown = ["ticker", "forecaster"], ["skill", "p_value", "p_holm"]
    ours, theirs = (each.set_index(keys).sort_index()[shown] for each in (found.scores, scores))
    pd.testing.assert_frame_equal(ours, theirs)
    mine = found.scores["forecaster"] == "ridge"
    assert found.scores.loc[mine, "verdict"].tolist() == [each.verdict for each in several]
    told = [each.upcoming["forecast"].iloc[0] for each in several]
    assert found.upcoming["forecast"].tolist() == told
    both = together(several)
    rows = both["forecaster"].isin(found.pooled["forecaster"])
    pd.testing.assert_frame_equal(found.pooled, both[rows].reset_index(drop=True))


def test_blocks_of_tickers_move_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fit_panel(GIVEN, QUICK)
    monkeypatch.setattr(walk_forward, "FITS", 4)
    parts = fit_panel(GIVEN, QUICK)
    pd.testing.assert_frame_equal(parts.scores, whole.scores)
    pd.testing.assert_frame_equal(parts.upcoming, whole.upcoming)


def test_what_is_held_hardly_grows_with_the_number_of_tickers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(walk_forward, "FITS", 4)
    given, held = [prices(400, seed, ticker=f"T{seed}") for seed in range(10)], list[int]()

    def note(_: int, __: int) -> None:
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    fit_panel(given, replace(QUICK, models=("drift",)), note)
    tracemalloc.stop()
    # Forecasts and scores take 28,000 bytes a ticker; what pandas notes of slices, 50,000 more.
    assert (held[-1] - held[1]) / 6 < 40_000


def test_what_cannot_be_used_is_left_out_and_said() -> None:
    short = prices(8, ticker="SHORT")
    still = Prices.of("STILL", prices(90).table.assign(close=5.0))
    found = fit_panel([GIVEN[0], short, still, GIVEN[1]], QUICK)
    assert found.tickers == 2
    assert [each.split(":")[0] for each in found.left_out] == ["SHORT", "STILL"]
    with pytest.raises(DataError, match="none of 1 tickers can be used; SHORT"):
        fit_panel([short], QUICK)


def test_tickers_on_which_learning_diverged_are_named(monkeypatch: pytest.MonkeyPatch) -> None:

    def named(_: Settings) -> dict[str, Forecaster]:
        return {**by_name(replace(QUICK, models=("drift",))), "lost": Lost()}

    monkeypatch.setattr(panel, "by_name", named)
    given = [prices(140), prices(118, ticker="SHORT")]
    found = fit_panel(given, replace(QUICK, models=("lost",)))
    (note,) = found.notes
    assert note.startswith(f"{given[0].ticker}: learning diverged and kept its last good weights: ")
    assert found.as_json()["notes"] == [note]


def test_a_panel_is_one_folder_whatever_the_number_of_tickers(tmp_path: Path) -> None:
    found = fit_panel(GIVEN, replace(QUICK, training=replace(QUICK.training, pooled=True)))
    found.write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        "panel.json", "scores.csv", "trials.json", "upcoming.csv"
    }  # fmt: skip
    told = json.loads((tmp_path / "panel.json").read_text())
    assert told["tickers"] == 5
    assert told["settings"]["training"]["pooled"]
    assert len(pd.read_csv(tmp_path / "scores.csv")) == 5 * 4
    assert tuple(pd.read_csv(tmp_path / "upcoming.csv").columns) == panel.UPCOMING
    assert np.isfinite(found.pooled["mse_ratio"]).all()

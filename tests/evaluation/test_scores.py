from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from forecast.data.synthetic import ar1, random_walk
from forecast.errors import DataError
from forecast.evaluation.answers import COLUMNS as ANSWER_COLUMNS
from forecast.evaluation.answers import QUANTILES
from forecast.evaluation.correction import History
from forecast.evaluation.outcomes import outcomes_ahead
from forecast.evaluation.quantiles import with_quantiles
from forecast.evaluation.scores import COLUMNS, score
from forecast.evaluation.significance import clark_west, diebold_mariano, holm

NOTHING = dict.fromkeys(QUANTILES, np.nan) | {"capped": False}


def with_intervals(answers: pd.DataFrame, closes: dict[str, pd.Series]) -> pd.DataFrame:
    farthest = int(answers["horizon"].max()) if len(answers) else 1
    known = {
        ticker: outcomes_ahead(each.to_frame("close"), farthest) for ticker, each in closes.items()
    }
    return with_quantiles(answers, known)


def closes_of(*tickers: str, rows: int = 400) -> dict[str, pd.Series]:
    return {
        ticker: random_walk(rows, seed, close_only=True).prices.table["close"]
        for seed, ticker in enumerate(tickers)
    }


def ask(
    closes: Mapping[str, pd.Series],
    extra: Mapping[str, float],
    *,
    horizon: int = 1,
    step: int = 1,
    first: int = 250,
    intervals: bool = True,
) -> pd.DataFrame:
    """Answers of the baselines, and of forecasters that know this share of the change to come."""
    parts: list[pd.DataFrame] = []
    for ticker, series in closes.items():
        close, cutoffs = series.to_numpy(), np.arange(first, len(series) - horizon, step)
        last, actual = close[cutoffs], close[cutoffs + horizon]
        mean = np.log(last / close[0]) / cutoffs
        forecasts = {
            "last": last,
            "drift": last + horizon * (last - close[0]) / cutoffs,
            "logdrift": last * np.exp(horizon * mean),
        }
        noise = np.random.default_rng(1).normal(0, 0.01, len(cutoffs))
        for name, share in extra.items():
            forecasts[name] = last * np.exp(share * np.log(actual / last) + (1 - share) * noise)
        for name, forecast in forecasts.items():
            part = {"ticker": ticker, "forecaster": name, "cutoff": series.index[cutoffs]}
            part |= {"date": series.index[cutoffs + horizon], "horizon": horizon}
            part |= {"last": last, "actual": actual, "forecast": forecast}
            parts.append(pd.DataFrame(part))
    answers = pd.concat(parts, ignore_index=True)
    return with_intervals(answers, closes) if intervals else answers.assign(**NOTHING)


def row(scores: pd.DataFrame, forecaster: str, ticker: str = "A") -> pd.Series:
    picked = scores[(scores["forecaster"] == forecaster) & (scores["ticker"] == ticker)]
    assert len(picked) == 1
    return picked.iloc[0]


def test_each_forecaster_has_one_row_in_the_order_it_was_asked() -> None:
    closes = closes_of("A", "B")
    scores = score(ask(closes, {"model": 0.1}), closes, ["model"])
    assert tuple(scores.columns) == COLUMNS
    assert scores["ticker"].tolist() == ["A"] * 4 + ["B"] * 4
    assert scores["forecaster"].tolist() == ["last", "drift", "logdrift", "model"] * 2
    assert (scores["n"] == 149).all()


def test_the_last_close_scores_nothing_against_itself() -> None:
    closes = closes_of("A")
    last = row(score(ask(closes, {}), closes, []), "last")
    assert last["skill"] == last["skill_rmse"] == last["r2"] == 0
    assert last["mase"] == last["mase_last"]
    assert last["reason"] == "identical to the last close"
    assert last["lag"] == 1
    assert last[["p_value", "p_holm", "cw_p", "direction"]].isna().all()


def test_foresight_is_seen_in_every_column() -> None:
    closes = closes_of("A")
    model = row(score(ask(closes, {"model": 0.9}), closes, ["model"]), "model")
    assert model["skill"] > 0.8
    assert model["r2"] > 0.9
    assert model["direction"] > 0.9
    assert model["lag"] == 0
    assert model["correlation"] > 0.9
    assert max(model["p_holm"], model["cw_holm"], model["direction_p"]) < 1e-6
    assert model["reason"] == ""


def test_errors_are_in_the_currency_of_the_prices_and_nothing_else_is() -> None:
    closes = closes_of("A")
    dear = {"A": 100 * closes["A"]}
    one, other = (score(ask(each, {"m": 0.2}), each, ["m"]) for each in (closes, dear))
    money = ["rmse", "mae"]
    np.testing.assert_allclose(other[money], 100 * one[money], rtol=1e-9)
    rest = one.select_dtypes("number").columns.difference(money)
    np.testing.assert_allclose(other[rest], one[rest], rtol=1e-6, atol=1e-9)


def test_significance_is_over_money_for_errors_and_over_returns_for_signal() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.1})
    model = row(score(answers, closes, ["model"]), "model")
    mine = answers[answers["forecaster"] == "model"]
    actual, forecast, last = (mine[name].to_numpy() for name in ("actual", "forecast", "last"))
    assert model["p_value"] == diebold_mariano(actual, forecast, last).p_value
    changes, said = np.log(actual / last), np.log(forecast / last)
    assert model["cw_p"] == clark_west(changes, said, np.zeros_like(said)).p_value


def test_claims_are_corrected_together_over_models_tickers_and_horizons() -> None:
    closes = closes_of("A", "B")
    answers = pd.concat([ask(closes, {"x": 0.1, "y": 0.2}, horizon=each) for each in (1, 2)])
    scores = score(answers, closes, ["x", "y"])
    claims = scores["forecaster"].isin(["x", "y"])
    assert (scores.loc[claims, "tests"] == 8).all()
    expected = holm(scores.loc[claims, "p_value"].to_numpy())
    assert scores.loc[claims, "p_holm"].to_numpy() == pytest.approx(expected)
    assert (scores.loc[~claims, "tests"] == 0).all()
    assert scores.loc[~claims, ["p_holm", "cw_holm"]].isna().all(axis=None)


def test_a_baseline_that_was_asked_for_claims_like_any_other() -> None:
    closes = closes_of("A")
    scores = score(ask(closes, {}), closes, ["drift"])
    assert row(scores, "drift")["p_holm"] == row(scores, "drift")["p_value"]
    assert np.isnan(row(scores, "logdrift")["p_holm"])


@pytest.mark.parametrize(
    ("horizon", "step", "overlap"), [(1, 1, 1), (5, 1, 5), (5, 2, 3), (5, 5, 1), (2, 7, 1)]
)
def test_overlap_is_the_horizon_in_steps(horizon: int, step: int, overlap: int) -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.1}, horizon=horizon, step=step)
    model = row(score(answers, closes, ["model"]), "model")
    assert model["overlap"] == overlap
    assert np.isnan(model["direction_p"]) == (overlap > 1)


def test_the_last_close_trails_by_the_horizon() -> None:
    closes = closes_of("A")
    for horizon, step in ((3, 1), (5, 5)):
        scores = score(ask(closes, {}, horizon=horizon, step=step), closes, [])
        assert row(scores, "last")["lag"] == horizon


def test_coverage_and_width_follow_the_quantiles() -> None:
    closes = closes_of("A")
    answers = ask(closes, {})
    answers["q10"], answers["q90"] = 0.0, answers["last"] * 2
    answers["q025"] = answers["q975"] = np.nan
    last = row(score(answers, closes, []), "last")
    assert last["coverage80"] == 1
    assert last["width80"] == pytest.approx(2)
    assert np.isnan(last["coverage95"])
    assert np.isnan(last["width95"])


def test_mase_scales_by_the_first_history_alone() -> None:
    closes = closes_of("A")
    answers = ask(closes, {})
    before = row(score(answers, closes, []), "last")
    history = np.abs(np.diff(np.log(closes["A"].to_numpy()[:251]))).mean()
    mine = answers[answers["forecaster"] == "last"]
    error = np.abs(np.log(mine["actual"] / mine["last"])).mean()
    assert before["mase"] == pytest.approx(error / history, rel=1e-12)


def test_answers_yet_to_come_are_left_out() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.1})
    coming = answers.groupby("forecaster").tail(1).assign(actual=np.nan)
    coming["cutoff"] += pd.Timedelta(days=1)
    whole = pd.concat([answers, coming], ignore_index=True)
    pd.testing.assert_frame_equal(
        score(whole, closes, ["model"]), score(answers, closes, ["model"])
    )


def test_the_order_of_answers_does_not_matter() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.3}, horizon=5)
    mixed = answers.sample(frac=1, random_state=0)
    one, other = (score(each, closes, ["model"]) for each in (answers, mixed))
    other = other.set_index("forecaster").loc[one["forecaster"]].reset_index()[list(COLUMNS)]
    pd.testing.assert_frame_equal(one, other)


def test_answers_are_left_as_they_were() -> None:
    closes = closes_of("A")
    answers = ask(closes, {})
    before = answers.copy()
    score(answers, closes, [])
    with_intervals(answers, closes)
    pd.testing.assert_frame_equal(answers, before)


@pytest.mark.parametrize("missing", ["last", "drift", "logdrift"])
def test_no_score_is_made_without_a_baseline(missing: str) -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.1})
    with pytest.raises(DataError, match=f"A, horizon 1: no answers of {missing}"):
        score(answers[answers["forecaster"] != missing], closes, ["model"])


def test_forecasters_asked_about_different_targets_are_not_compared() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.1})
    mine = answers["forecaster"] == "model"
    fewer = answers.drop(answers[mine].index[0])
    with pytest.raises(DataError, match=r"model \(148 answers\) and last \(149\)"):
        score(fewer, closes, ["model"])
    other = answers.assign(actual=answers["actual"].where(~mine, answers["actual"] + 1))
    with pytest.raises(DataError, match="different targets"):
        score(other, closes, ["model"])


def test_broken_answers_are_refused_by_name() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.1})
    twice = pd.concat([answers, answers[answers["forecaster"] == "model"].head(1)])
    with pytest.raises(DataError, match="model answered one cutoff twice"):
        score(twice, closes, ["model"])
    with pytest.raises(
        DataError, match="no answers of gru; there are last, drift, logdrift, model"
    ):
        score(answers, closes, ["gru"])
    with pytest.raises(DataError, match="nothing to score"):
        score(answers.assign(actual=np.nan), closes, ["model"])
    for bad in (np.nan, -1.0):
        broken = answers.assign(forecast=answers["forecast"].where(answers.index != 5, bad))
        with pytest.raises(DataError, match=f"A, last, .*: forecast {bad}; needs a finite price"):
            score(broken, closes, ["model"])
    with pytest.raises(DataError, match="A: no closes given; there are B"):
        score(answers, {"B": closes["A"]}, ["model"])
    with pytest.raises(DataError, match="is not among the sessions given"):
        score(answers, {"A": closes["A"].iloc[:260]}, ["model"])


def test_intervals_fill_the_quantiles_of_each_forecaster_apart() -> None:
    closes = closes_of("A", "B")
    bare = ask(closes, {"model": 0.5}).drop(columns=[*QUANTILES, "capped"])
    filled = with_intervals(bare, closes)
    assert tuple(filled.columns) == ANSWER_COLUMNS
    assert (np.diff(filled[list(QUANTILES)].to_numpy(), axis=1) >= 0).all()
    assert (filled["q025"] < filled["q975"]).all()
    assert filled["capped"].dtype == bool
    alone = with_intervals(bare[bare["forecaster"] == "model"], closes)
    pd.testing.assert_frame_equal(filled[filled["forecaster"] == "model"], alone)
    mixed = with_intervals(bare.sample(frac=1, random_state=0), closes).sort_index()
    pd.testing.assert_frame_equal(filled, mixed)


def test_an_interval_around_no_price_names_the_forecaster() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.5}).assign(forecast=-1.0)
    with pytest.raises(DataError, match="A, last: forecast 1 of 149 is -1"):
        with_intervals(answers, closes)


def test_the_best_forecast_of_an_ar1_is_found_better() -> None:
    made = ar1(0.5, 2000, seed=0)
    close = made.prices.table["close"]
    closes = {"A": close}
    answers = ask(closes, {"best": 0.0}, first=1399)
    best = answers["forecaster"] == "best"
    expected = made.expected.loc[answers.loc[best, "date"]].to_numpy()
    answers.loc[best, "forecast"] = answers.loc[best, "last"] * np.exp(expected)
    found = row(score(answers, closes, ["best"]), "best")
    assert found["r2"] == pytest.approx(made.optimum, abs=0.05)
    assert found["p_holm"] < 1e-6


def test_what_was_tried_before_makes_every_claim_harder() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"x": 0.1, "y": 0.2})
    fresh, later = (score(answers, closes, ["x", "y"], History(earlier=each)) for each in (0, 10))
    for name in ("x", "y"):
        assert row(later, name)["tests"] == 12
        assert row(later, name)["p_holm"] >= row(fresh, name)["p_holm"]
    best = later["p_holm"].min()
    assert best == pytest.approx(min(12 * later.loc[3:, "p_value"].min(), 1))
    assert (later.loc[later["forecaster"].isin(["last", "drift"]), "tests"] == 0).all()


def test_quantile_scores_are_of_returns_and_those_of_intervals_shares_of_the_last_close() -> None:
    oracle = pytest.importorskip("scoringrules")
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.3})
    mine = answers[(answers["forecaster"] == "model")].dropna()
    found = row(score(answers, closes, ["model"]), "model")
    returns = np.log(mine["actual"] / mine["last"]).to_numpy()
    quantiles = np.log(mine[list(QUANTILES)].div(mine["last"], axis=0)).to_numpy()
    crps = oracle.crps_quantile(returns, quantiles, np.array([*QUANTILES.values()]))
    assert found["crps"] == pytest.approx(crps.mean(), rel=1e-9)
    assert found["pinball"] == pytest.approx(crps.mean() / 2, rel=1e-9)
    assert found["wql"] == pytest.approx(crps.mean() / np.abs(returns).mean(), rel=1e-9)
    ends = (mine["q025"] / mine["last"], mine["q975"] / mine["last"])
    winkler = oracle.interval_score(mine["actual"] / mine["last"], *ends, 0.05)
    assert found["winkler95"] == pytest.approx(winkler.mean(), rel=1e-9)


def test_a_test_that_was_not_made_says_why() -> None:
    closes = closes_of("A")
    answers = ask(closes, {"model": 0.3}, horizon=2)
    growing, rolling = (
        row(score(answers, closes, ["model"], History(rolling=each)), "model")
        for each in (False, True)
    )
    assert "Giacomini-White: histories grow" in growing["missing"]
    shared = "Pesaran-Timmermann, p of the correlation, Kupiec 80 %"
    assert f"{shared}, Christoffersen 80 %, " in growing["missing"]
    assert "Christoffersen 95 %: forecasts share sessions" in growing["missing"]
    assert growing[["kupiec80_p", "christoffersen95_p", "direction_p", "gw_p"]].isna().all()
    assert rolling["gw_p"] < 0.05
    assert "Giacomini-White" not in rolling["missing"]
    bare = row(score(answers.assign(**NOTHING), closes, ["model"]), "model")
    assert bare[["crps", "wql", "pinball", "winkler80", "winkler95"]].isna().all()


def test_a_short_run_has_no_resampled_tests() -> None:
    closes = closes_of("A", rows=262)
    model = row(score(ask(closes, {"model": 0.3}), closes, ["model"]), "model")
    assert model["n"] == 11
    words = "superior ability, confidence set: too few forecasts: 11; needs 12"
    assert words in model["missing"]
    assert model[["spa_p", "mcs_p"]].isna().all()


def test_models_of_one_ticker_share_one_test_of_superior_ability() -> None:
    closes = closes_of("A")
    scores = score(ask(closes, {"x": 0.0, "y": 0.5}), closes, ["x", "y"])
    assert row(scores, "x")["spa_p"] == row(scores, "y")["spa_p"] < 0.05
    assert np.isnan(row(scores, "drift")["spa_p"])
    assert row(scores, "y")["mcs_p"] == 1
    assert row(scores, "last")["mcs_p"] < 0.05

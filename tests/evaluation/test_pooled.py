import numpy as np
import pandas as pd
import pytest

from forecast.errors import DataError
from forecast.evaluation.pooled import COLUMNS, clustered_ratio, pooled, rank_correlation


def panel(
    days: int = 120, tickers: int = 8, *, share: float = 0.0, seed: int = 0, horizon: int = 1
) -> pd.DataFrame:
    """Answers of "last" and of "model", which knows `share` of each change and adds noise."""
    random = np.random.default_rng(seed)
    together = random.normal(0, 0.01, (days + horizon, 1))
    daily = together + random.normal(0, 0.01, (days + horizon, tickers))
    change = sum(daily[at : days + at] for at in range(1, horizon + 1))
    noise = random.normal(0, 0.003, change.shape)
    dates = pd.bdate_range("2020-01-01", periods=days + horizon)
    day, ticker = np.indices(change.shape).reshape(2, -1)
    last = 50.0 * (1 + ticker)
    table = {
        "ticker": np.array([f"T{each}" for each in range(tickers)])[ticker],
        "cutoff": dates[day],
        "date": dates[day + horizon],
        "horizon": horizon,
        "last": last,
        "actual": last * np.exp(change.ravel()),
    }
    said = {"last": last, "model": last * np.exp((share * change + noise).ravel())}
    parts = [pd.DataFrame(table | {"forecaster": n, "forecast": f}) for n, f in said.items()]
    return pd.concat(parts, ignore_index=True)


def model(answers: pd.DataFrame) -> pd.Series:
    return pooled(answers).set_index("forecaster").loc["model"]


def test_every_column_is_there_and_the_last_close_is_one() -> None:
    table = pooled(panel())
    assert tuple(table.columns) == COLUMNS
    last = table.set_index("forecaster").loc["last"]
    assert last[["tickers", "days", "n"]].tolist() == [8, 120, 960]
    assert last[["mse_ratio", "mse_ratio_low", "mse_ratio_high", "mean_ratio"]].tolist() == [1] * 4
    assert last[["skill", "skill_se", "mse_ratio_se"]].tolist() == [0] * 3
    assert last[["p_value", "rank_correlation", "rank_t"]].isna().all()


def test_the_ratio_and_its_error_equal_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    answers = panel()
    rows = answers[answers["forecaster"] == "model"]
    change = np.log(rows["actual"] / rows["last"])
    losses, naive = (change - np.log(rows["forecast"] / rows["last"])) ** 2, change**2
    fit = api.WLS(losses, naive, weights=1 / naive)
    options = {"groups": pd.factorize(rows["cutoff"])[0], "use_correction": False}
    result = fit.fit(cov_type="cluster", cov_kwds=options, use_t=False)
    found = model(answers)
    assert found["mse_ratio"] == pytest.approx(result.params.iloc[0], rel=1e-9)
    assert found["mse_ratio_se"] == pytest.approx(result.bse.iloc[0], rel=1e-9)


def test_the_error_of_overlapping_forecasts_is_how_far_the_ratio_scatters() -> None:
    found = pd.concat(
        [model(panel(days=250, tickers=3, seed=seed, horizon=5)) for seed in range(200)], axis=1
    ).T
    scatter = found["mse_ratio"].std()
    assert found["mse_ratio_se"].mean() == pytest.approx(scatter, rel=0.1)


def test_the_rank_correlation_equals_scipy_day_by_day() -> None:
    stats = pytest.importorskip("scipy.stats")
    answers = panel(share=0.2)
    answers = answers[(answers["forecaster"] == "model")].sample(frac=0.8, random_state=0)
    answers["change"] = (answers["actual"] / answers["last"]).round(3)
    daily = [
        stats.spearmanr(day["actual"] / day["last"], day["forecast"] / day["last"]).statistic
        for _, day in answers.groupby("cutoff")
        if len(day) >= 3
    ]
    found = model(answers)
    assert found["rank_correlation"] == pytest.approx(np.mean(daily), rel=1e-9)
    expected = np.mean(daily) / np.std(daily) * np.sqrt(len(daily))
    assert found["rank_t"] == pytest.approx(expected, rel=1e-9)


def test_ties_share_their_rank_as_scipy_does() -> None:
    stats = pytest.importorskip("scipy.stats")
    actual, said = np.array([[1.0, 1.0, 2.0, 3.0]]), np.array([[0.0, 5.0, 5.0, 5.0]])
    expected = stats.spearmanr(actual[0], said[0]).statistic
    assert rank_correlation(actual, said)[0] == pytest.approx(expected, rel=1e-9)


def test_a_signal_is_seen_by_every_column() -> None:
    found = model(panel(share=0.3))
    assert found["mse_ratio_high"] < 1
    assert found["mean_ratio_high"] < 1
    assert found["skill"] > 0.1
    assert found["p_value"] < 1e-6
    assert found["rank_t"] > 5


def test_noise_is_seen_as_worse() -> None:
    found = model(panel())
    assert found["mse_ratio_low"] > 1
    assert found["p_value"] > 0.9
    assert abs(found["rank_t"]) < 3


def test_the_price_of_a_ticker_gives_it_no_weight() -> None:
    answers = panel(share=0.1)
    dear = answers["ticker"] == "T0"
    scaled = answers.copy()
    scaled.loc[dear, ["last", "actual", "forecast"]] *= 1000
    pd.testing.assert_frame_equal(pooled(scaled), pooled(answers), rtol=1e-9)


def test_tickers_that_move_as_one_add_no_certainty() -> None:
    answers = panel(tickers=1, share=0.05)
    copies = [answers.assign(ticker=f"T{each}") for each in range(9)]
    one, nine = model(answers), model(pd.concat(copies))
    assert nine["n"] == 9 * one["n"]
    for column in ("mse_ratio_se", "mse_ratio_low", "mse_ratio_high", "p_value", "skill_se"):
        assert nine[column] == pytest.approx(one[column], rel=1e-9)


def test_tickers_with_other_days_are_pooled_over_the_days_they_have() -> None:
    answers = panel(share=0.2)
    late = (answers["ticker"] == "T0") & (answers["cutoff"] < answers["cutoff"].median())
    found = model(answers[~late])
    assert found["days"] == 120
    assert found["n"] == 960 - 60
    assert np.isfinite(found.drop(["horizon", "missing"]).to_numpy("float64")).all()
    assert found["missing"] == ""


def test_a_price_that_never_moves_has_no_ratio_of_its_own() -> None:
    answers = panel(share=0.2)
    flat = answers[answers["ticker"] == "T0"].assign(ticker="FLAT")
    flat = flat.assign(actual=flat["last"], forecast=flat["last"])
    both = model(pd.concat([answers, flat]))
    assert both["mean_ratio"] == pytest.approx(model(answers)["mean_ratio"], rel=1e-9)


def test_how_many_tickers_are_redrawn_at_once_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = panel(share=0.2, tickers=7)
    flat = answers[answers["ticker"] == "T0"].assign(ticker="FLAT")
    flat = flat.assign(actual=flat["last"], forecast=flat["last"])
    names = ["mean_ratio", "mean_ratio_low", "mean_ratio_high"]
    whole = model(pd.concat([answers, flat]))[names].to_list()
    monkeypatch.setattr("forecast.evaluation.pooled.AT_ONCE", 3)
    parts = model(pd.concat([answers, flat]))[names].to_list()
    assert parts == pytest.approx(whole, rel=1e-12)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    held = 0
    for seed in range(60):
        found = model(panel(days=150, tickers=4, seed=seed))
        # A noise of 0.003 on changes of variance 2e-4 adds 4.5 %.
        held += found["mse_ratio_low"] <= 1.045 <= found["mse_ratio_high"]
    assert 50 <= held <= 60


def test_few_days_have_no_p_value() -> None:
    assert np.isnan(model(panel(days=9))["p_value"])
    assert np.isnan(model(panel(days=25, horizon=3))["p_value"])
    assert np.isfinite(model(panel(days=10))["p_value"])


def test_nothing_known_is_refused() -> None:
    with pytest.raises(DataError, match="nothing to score"):
        pooled(panel().assign(actual=np.nan))


def test_no_naive_error_has_no_ratio() -> None:
    assert np.isnan(clustered_ratio(np.ones(3), np.zeros(3))).all()


def test_chances_are_held_against_the_share_of_rises() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    random = np.random.default_rng(0)
    answers = panel().query("forecaster == 'model'").reset_index(drop=True)
    rose = (random.random(len(answers)) < 0.6).astype("float64")
    chances = np.where(rose, 0.7, 0.4) + random.uniform(-0.2, 0.2, len(answers))
    told = answers.assign(actual=rose, forecast=chances, last=0.55)
    row = pooled(told, "direction").iloc[0]
    own, base = (metrics.brier_score_loss(rose, each) for each in (chances, told["last"]))
    assert row["mse_ratio"] == pytest.approx(own / base, abs=1e-9)
    own, base = (metrics.log_loss(rose, each) for each in (chances, told["last"]))
    assert row["skill"] == pytest.approx(1 - own / base, abs=1e-9)


def test_volatilities_are_held_against_those_of_har() -> None:
    answers = panel(horizon=3).replace({"forecaster": {"last": "har"}})
    har = answers["forecaster"] == "har"
    # In another order, as answers of many tickers are.
    table = pooled(pd.concat([answers[~har], answers[har].iloc[::-1]]), "volatility")
    rows = table.set_index("forecaster")
    assert rows.loc["har", ["mse_ratio", "mean_ratio", "skill"]].tolist() == [1, 1, 0]
    squares = [
        np.square(2 * np.log(part["actual"] / part["forecast"])).sum()
        for part in (answers[~har], answers[har])
    ]
    assert rows.loc["model", "mse_ratio"] == pytest.approx(squares[0] / squares[1], abs=1e-9)
    with pytest.raises(DataError, match="no answers of har"):
        pooled(answers[~har], "volatility")

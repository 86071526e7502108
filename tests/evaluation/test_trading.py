import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.trading import (
    COLUMNS,
    expected_best,
    max_drawdown,
    positions,
    probabilistic_sharpe,
    sharpe,
    trading,
)


def asked(
    share: float = 0.0, *, rows: int = 300, horizon: int = 1, step: int = 1, seed: int = 0
) -> pd.DataFrame:
    """Answers of "last", and of "model", which knows `share` of each change and adds noise."""
    random = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(random.normal(0, 0.01, rows + horizon)))
    dates = pd.bdate_range("2020-01-01", periods=rows + horizon)
    cutoffs = np.arange(0, rows, step)
    last, actual = closes[cutoffs], closes[cutoffs + horizon]
    noise = np.random.default_rng(seed + 1).normal(0, 0.002, len(cutoffs))
    table = {"ticker": "A", "cutoff": dates[cutoffs], "date": dates[cutoffs + horizon]}
    table |= {"horizon": horizon, "last": last, "actual": actual}
    said = {"last": last, "model": last * np.exp(share * np.log(actual / last) + noise)}
    parts = [pd.DataFrame(table | {"forecaster": n, "forecast": f}) for n, f in said.items()]
    return pd.concat(parts, ignore_index=True)


def rows_of(table: pd.DataFrame) -> dict[str, pd.Series]:
    assert tuple(table.columns) == COLUMNS
    return {f"{row['forecaster']} {row['strategy']}": row for _, row in table.iterrows()}


def test_a_year_of_weeks_has_fewer_positions_than_one_of_days() -> None:
    days, weeks = (rows_of(trading(asked(0.1), a_year=each)) for each in (252.0, 52.0))
    for name in ("model sign", "model sized", "buy and hold hold"):
        assert weeks[name]["net_sharpe"] / days[name]["net_sharpe"] == pytest.approx(
            np.sqrt(52 / 252)
        )
        assert weeks[name]["dsr"] == days[name]["dsr"]


def test_a_baseline_alone_is_deflated_for_the_two_ways_in_which_it_is_traded() -> None:
    none, one = (rows_of(trading(asked(0.1), trials=each))["model sign"] for each in (0, 1))
    assert none["dsr"] == one["dsr"] < one["psr"]


def test_foresight_earns_and_noise_pays_its_costs() -> None:
    wise, blind = (rows_of(trading(asked(share))) for share in (0.8, 0.0))
    assert wise["model sign"]["net_sharpe"] > 5
    assert wise["model sign"]["dsr"] > 0.99
    assert blind["model sign"]["dsr"] < 0.5
    for strategy in ("sign", "sized"):
        row = blind[f"model {strategy}"]
        assert row["net_sharpe"] < row["gross_sharpe"]
        assert row["turnover"] > 0.1
    assert blind["model sized"]["turnover"] < blind["model sign"]["turnover"]


def test_the_figures_equal_their_formulas_written_out() -> None:
    stats = pytest.importorskip("scipy.stats")
    answers = asked(0.1)
    mine = answers[answers["forecaster"] == "model"]
    returns = (mine["actual"] / mine["last"] - 1).to_numpy()
    position = np.sign(mine["forecast"] - mine["last"]).to_numpy()
    net = [position[0] * returns[0] - 0.0007 * abs(position[0])]
    for now in range(1, len(returns)):
        paid = 0.0007 * abs(position[now] - position[now - 1])
        net.append(position[now] * returns[now] - paid)
    net = np.array(net)
    row = rows_of(trading(answers, cost=7, trials=4))["model sign"]
    ratio = net.mean() / net.std(ddof=1)
    assert row["net_sharpe"] == pytest.approx(ratio * np.sqrt(252), rel=1e-9)
    spread = 1 - stats.skew(net) * ratio + (stats.kurtosis(net, fisher=False) - 1) / 4 * ratio**2
    psr = stats.norm.cdf(ratio * np.sqrt(299) / np.sqrt(spread))
    assert row["psr"] == pytest.approx(psr, rel=1e-9)
    luck = (1 - np.euler_gamma) * stats.norm.ppf(1 - 1 / 8)
    luck += np.euler_gamma * stats.norm.ppf(1 - 1 / (8 * np.e))
    dsr = stats.norm.cdf((ratio - luck / np.sqrt(299)) * np.sqrt(299) / np.sqrt(spread))
    assert row["dsr"] == pytest.approx(dsr, rel=1e-9)
    assert row["growth"] == pytest.approx(np.prod(1 + net) - 1, rel=1e-9)


def test_buying_and_holding_pays_once() -> None:
    answers = asked()
    mine = answers[answers["forecaster"] == "last"]
    row = rows_of(trading(answers, cost=10))["buy and hold hold"]
    gross = mine["actual"].iloc[-1] / mine["last"].iloc[0]
    assert row["growth"] == pytest.approx(gross * (1 - 0.001) - 1, abs=2e-5)
    assert row["turnover"] == pytest.approx(1 / 300)
    assert row["dsr"] == row["psr"]


def test_every_further_trial_deflates() -> None:
    answers = asked(0.1)
    found = [rows_of(trading(answers, trials=each))["model sign"]["dsr"] for each in (1, 5, 50)]
    assert found[0] > found[1] > found[2]


def test_the_best_of_many_without_skill_is_as_good_as_expected() -> None:
    random = np.random.default_rng(0)
    best = [max(sharpe(each) for each in random.normal(0, 0.01, (20, 250))) for _ in range(400)]
    assert np.mean(best) == pytest.approx(expected_best(250, 20), rel=0.05)


def test_the_probability_of_a_sharpe_is_right_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    found = np.array([probabilistic_sharpe(random.standard_t(5, 300)) for _ in range(400)])
    # The 99 % bounds of 400 tries at 5 %.
    assert 8 <= (found > 0.95).sum() <= 32


def test_no_position_rests_on_what_came_later() -> None:
    changes = np.random.default_rng(2).normal(0, 0.01, 50)
    later = np.concatenate([changes[:30], 100 * changes[30:]])
    for strategy in ("sign", "sized", "hold"):
        assert np.array_equal(positions(changes, strategy)[:30], positions(later, strategy)[:30])
        assert np.abs(positions(later, strategy)).max() <= 1


def test_a_loss_on_the_first_day_is_a_drawdown() -> None:
    assert max_drawdown(np.array([-0.2, 0.1, 0.5])) == pytest.approx(-0.2)
    assert max_drawdown(np.array([0.1, 0.5])) == 0


def test_the_last_close_never_trades_and_says_so() -> None:
    answers = asked()
    answers["forecast"] = answers["forecast"].where(
        answers["forecaster"] == "model", answers["last"] * (1 + 1e-12)
    )
    for strategy in ("sign", "sized"):
        row = rows_of(trading(answers))[f"last {strategy}"]
        assert row["reason"] == "never takes a position"
        assert np.isnan(row["net_sharpe"])


def test_what_cannot_be_traded_says_why() -> None:
    few = rows_of(trading(asked(rows=9)))["model sign"]
    assert few["reason"] == "too few positions: 9; needs 10"
    flat, steady = asked(), asked()
    flat = flat.assign(actual=flat["last"])
    steady = steady.assign(actual=1.001 * steady["last"], forecast=1.1 * steady["last"])
    for answers in (flat, steady):
        # Not even where only the cost of the first position differs.
        found = rows_of(trading(answers, cost=5))
        for row in (found["model sign"], found["model sized"], found["buy and hold hold"]):
            assert row["reason"] == "returns never vary"
            assert np.isnan(row["net_sharpe"])


def test_only_positions_that_follow_each_other_are_traded() -> None:
    both = pd.concat([asked(0.1), asked(0.1, horizon=5)])
    assert set(trading(both)["horizon"]) == {1}
    weekly = trading(asked(0.5, horizon=5, step=5))
    assert set(weekly["horizon"]) == {5}
    assert trading(asked(horizon=5)).empty
    assert trading(asked(horizon=1, step=5)).empty
    yearly = np.sqrt(252 / 5)
    row = rows_of(weekly)["buy and hold hold"]
    assert row["gross_sharpe"] / yearly < 3


def test_answers_yet_to_come_are_left_out() -> None:
    answers = asked(0.2)
    coming = answers.tail(1).assign(actual=np.nan, cutoff=answers["date"].max())
    pd.testing.assert_frame_equal(trading(pd.concat([answers, coming])), trading(answers))

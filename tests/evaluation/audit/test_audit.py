from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from forecast.data import samples
from forecast.errors import DataError, SettingError
from forecast.evaluation.audit import conduct, look_ahead
from forecast.evaluation.audit.audit import CHECKS, audit
from forecast.evaluation.audit.case import Case
from forecast.evaluation.audit.findings import Finding, Report
from forecast.evaluation.audit.subjects import WithCovariates
from forecast.features.alongside import joined
from forecast.features.indicators import INDICATORS
from forecast.forecasters.catalogue import LEARNING, NAIVE, by_name
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Audit, Covariates, Inputs, Network, Settings, Target, Training
from forecast.shapes import Answers
from tests.evaluation.audit.leaky import LEAKY, clean
from tests.made import prices, table

QUICK = Audit(rows=200, futures=3)
SAMPLES = {"a made random walk": None, "GOOG": samples.load("GOOG")}


def finding(report: Report, check: str) -> Finding:
    return next(each for each in report.findings if each.check == check)


def outcomes(report: Report) -> dict[str, str]:
    return {each.check: each.outcome for each in report.findings}


@pytest.mark.parametrize("series", SAMPLES)
@pytest.mark.parametrize("leak", LEAKY)
def test_each_leaky_pipeline_is_caught_and_its_leak_named(leak: str, series: str) -> None:
    pipeline, suspicion = LEAKY[leak]
    report = audit(pipeline, SAMPLES[series])
    assert not report.passed
    suspected = [each for each in report.failures if each.suspicion not in ("", "length")]
    assert [each.suspicion for each in suspected] == [suspicion]
    [seen] = suspected
    assert seen.cutoff is not None
    assert seen.first_row is not None
    assert seen.cutoff < seen.first_row
    assert f"{seen.first_row:%Y-%m-%d}" in seen.sentence


@pytest.mark.parametrize("series", SAMPLES)
def test_the_honest_pipeline_passes_every_check(series: str) -> None:
    assert outcomes(audit(clean, SAMPLES[series])) == dict.fromkeys(CHECKS, "passed")


OURS = Settings(
    models=(*LEARNING, *NAIVE),
    network=Network(hidden=4),
    training=Training(epochs=40, learning_rate=0.03),
)


@pytest.mark.parametrize("name", OURS.models)
def test_our_own_forecasters_pass(name: str) -> None:
    told = outcomes(audit(by_name(OURS)[name], None, QUICK, name=name))
    # Prices with gaps are refused before any forecaster sees them; repeating finds nothing.
    may_be_skipped = {"gaps"} | ({"planted"} if name == "last" else set())
    assert {check for check, outcome in told.items() if outcome != "passed"} == may_be_skipped
    assert "failed" not in told.values()


@pytest.mark.parametrize("name", ["last", "ewma", "har", "garch", "ridge", "lstm"])
def test_our_forecasters_of_volatility_see_nothing_of_what_comes(name: str) -> None:
    if name == "garch":
        pytest.importorskip("arch", reason="garch needs the package arch")
    target = Target(target="volatility")
    forecaster = by_name(replace(OURS, models=(name,), target=target))[name]
    case = Case.of(forecaster, prices(200).table, QUICK)
    # They are no prices: neither in proportion to them nor to be held against the last close.
    checks = (
        *(conduct.determinism, conduct.history, conduct.fitted),
        *(look_ahead.future, look_ahead.truncation),
    )
    assert {each.__name__: each(case).outcome for each in checks} == {
        each.__name__: "passed" for each in checks
    }


@pytest.mark.parametrize("horizon", [1, 3])
def test_the_tutorial_recipe_is_honest_too(horizon: int) -> None:
    recipe = Recurrent(inputs=Inputs(inputs="level"), training=Training(epochs=5))
    told = audit(recipe, prices(200), Audit(rows=200, futures=3, horizon=horizon))
    assert {each.check for each in told.failures} <= {"planted"}


@dataclass
class OwnScaling(RegressorMixin, BaseEstimator):
    """Scales what it is to forecast by its own mean, as a batch knows it."""

    def fit(self, rows: np.ndarray, targets: np.ndarray) -> "OwnScaling":
        self.line_ = LinearRegression().fit(rows, targets)
        return self

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return self.line_.predict(rows - rows.mean(axis=0))


@pytest.mark.parametrize(
    "estimator", [LinearRegression, Ridge(alpha=3.0), make_pipeline(StandardScaler(), Ridge())]
)
def test_an_estimator_of_scikit_learn_passes_as_a_class_and_as_an_instance(estimator: Any) -> None:
    assert audit(estimator, prices(200), QUICK).passed


def test_a_notebook_shows_every_finding_and_runs_none_of_it() -> None:
    found = Finding(check="future", outcome="failed", sentence="<script>")
    day = pd.Timestamp("2024-01-02")
    told = Report(name="", ticker="", first=day, last=day, rows=1, cutoffs=1, findings=(found,))
    assert "<td>failed</td>" in told._repr_html_()
    assert "<script>" not in told._repr_html_()


def test_an_estimator_that_scales_by_the_rows_to_be_forecast_is_caught() -> None:
    report = audit(OwnScaling, prices(200), QUICK)
    assert finding(report, "future").outcome == "failed"
    assert finding(report, "truncation").outcome == "failed"


def last(history: pd.DataFrame) -> float:
    return float(history["close"].iloc[-1])


def next_two(history: pd.DataFrame) -> np.ndarray:
    return history["close"].to_numpy()[-1] * np.array([1.001, 1.002])


def every_row(whole: pd.DataFrame) -> pd.Series:
    return whole["close"].rolling(3).mean()


def banded(whole: pd.DataFrame, cutoffs: np.ndarray) -> pd.DataFrame:
    closes = whole["close"].to_numpy()
    spread = np.diff(np.log(closes))[: cutoffs[0]].std()
    told = closes[cutoffs]
    return pd.DataFrame({"forecast": told, "low": told * np.exp(-spread)})


@pytest.mark.parametrize("function", [last, next_two, every_row, banded])
def test_functions_of_a_history_and_of_the_whole_table_are_taken(
    function: Callable[..., Any],
) -> None:
    told = outcomes(audit(function, prices(120), QUICK))
    assert {check for check, outcome in told.items() if outcome == "failed"} <= {"planted"}
    assert told["future"] == told["scale"] == told["random walk"] == "passed"


def test_a_function_of_every_row_that_reads_the_next_is_caught() -> None:
    report = audit(lambda whole: whole["close"].shift(-1), prices(120), QUICK, name="shifted")
    seen = finding(report, "future")
    assert seen.suspicion == "answer"
    assert seen.first_row == seen.last_row
    assert finding(report, "random walk").outcome == "failed"


def test_an_interval_measured_on_errors_still_to_come_is_caught() -> None:
    def late_band(whole: pd.DataFrame, cutoffs: np.ndarray) -> pd.DataFrame:
        spread = np.log(whole["close"]).diff().std()
        told = banded(whole, cutoffs)
        return told.assign(high=told["forecast"] * np.exp(spread))

    assert finding(audit(late_band, prices(120), QUICK), "future").suspicion == "interval"


def test_the_farthest_row_that_is_read_is_found() -> None:
    def five_ahead(whole: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
        ahead = np.minimum(cutoffs + 5, len(whole) - 1)
        return whole["close"].to_numpy()[ahead]

    given = prices(200)
    seen = finding(audit(five_ahead, given, QUICK), "future")
    dates = given.table.index
    assert seen.first_row == seen.last_row == dates[dates.get_loc(seen.cutoff) + 5]


@dataclass
class Simple:
    """The last close times what `learn` makes of the histories, whoever it was handed them by."""

    learn: Callable[[Sequence[pd.DataFrame]], float]

    def fit_many(self, histories: Sequence[pd.DataFrame], horizon: int) -> list["Simple"]:
        assert horizon == 1
        self.factor = self.learn(histories)
        return [self for _ in histories]

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        return np.array([[self.factor * each["close"].iloc[-1]] for each in histories])


def test_a_forecaster_that_learns_from_the_other_histories_is_caught() -> None:
    def from_the_longest(histories: Sequence[pd.DataFrame]) -> float:
        return 1 + 1e-3 * float(np.log(histories[-1]["close"]).diff().mean())

    report = audit(Simple(from_the_longest), prices(400), Audit(futures=4))
    assert finding(report, "future").outcome == "failed"


def test_a_fit_that_the_next_fit_changes_is_caught() -> None:
    def from_its_own(histories: Sequence[pd.DataFrame]) -> float:
        return 1 + 1e-3 * float(np.log(histories[0]["close"]).diff().mean())

    report = audit(Simple(from_its_own), prices(120), QUICK)
    assert [each.check for each in report.failures if each.check != "planted"] == ["fitted"]


def test_a_forecaster_that_changes_its_history_is_caught() -> None:
    def in_place(history: pd.DataFrame) -> float:
        history["logs"] = np.log(history["close"])
        return last(history)

    report = audit(in_place, prices(120), QUICK)
    assert [each.check for each in report.failures] == ["history"]


def test_what_answers_by_chance_is_told_to_use_a_seed() -> None:
    random = np.random.default_rng(0)

    def by_chance(history: pd.DataFrame) -> float:
        return last(history) * random.normal(1, 0.01)

    report = audit(by_chance, prices(120), QUICK)
    assert "seed" in finding(report, "determinism").sentence
    assert finding(report, "future").outcome == "skipped"


def test_what_reads_prices_from_elsewhere_does_not_scale() -> None:
    elsewhere = prices(400).table["close"]

    def lookup(history: pd.DataFrame) -> float:
        return float(elsewhere.iloc[min(len(history), 399)])

    assert finding(audit(lookup, prices(120), QUICK), "scale").outcome == "failed"


def test_a_model_with_its_sign_turned_finds_no_signal() -> None:
    def against_the_mean(history: pd.DataFrame) -> float:
        changes = np.diff(np.log(history["close"].to_numpy()))
        pull = changes[1:] @ changes[:-1] / (changes @ changes)
        return last(history) * float(np.exp(-pull * changes[-1]))

    report = audit(against_the_mean, prices(120), QUICK)
    assert [each.check for each in report.failures] == ["planted"]


def test_a_scaling_that_is_undone_again_moves_the_last_digits_and_is_called_so() -> None:
    def there_and_back(whole: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
        closes = whole["close"].to_numpy()
        scaled = (closes - closes.min()) / np.ptp(closes)
        return scaled[cutoffs] * np.ptp(closes) + closes.min()

    assert finding(audit(there_and_back, prices(200), QUICK), "future").suspicion == "rounding"


def test_covariates_are_perturbed_and_are_there_on_made_series() -> None:
    given = table(200).assign(mood=np.sin(np.arange(200.0)))

    def moody(whole: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
        mood = whole["mood"].to_numpy()
        return whole["close"].to_numpy()[cutoffs] * (1 + 1e-3 * (mood - mood.mean())[cutoffs])

    report = audit(moody, given, QUICK)
    assert finding(report, "future").suspicion == "scaling"
    assert finding(report, "random walk").outcome == "passed"


@pytest.mark.parametrize("name", ["ridge", "gru"])
def test_our_own_pass_with_every_covariate(name: str) -> None:
    beside = joined(prices(200), [prices(200, seed=5, ticker="SPY")])
    covariates = Covariates(indicators=",".join(INDICATORS), calendar="weekday,month_end")
    report = audit(
        WithCovariates(by_name(OURS)[name], covariates), beside, replace(QUICK, horizon=2)
    )
    assert report.failures == ()
    assert finding(report, "future").outcome == "passed"


def test_an_indicator_that_looks_ahead_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def centred(whole: pd.DataFrame, length: int) -> np.ndarray:
        closes = whole["close"]
        return np.log(closes / closes.rolling(length, center=True, min_periods=1).mean()).to_numpy()

    monkeypatch.setitem(INDICATORS, "centred", (centred, 5))
    ridge = by_name(OURS)["ridge"]
    report = audit(WithCovariates(ridge, Covariates(indicators="centred")), prices(200), QUICK)
    assert finding(report, "future").suspicion == "window"


def test_what_cannot_run_on_made_series_is_still_audited() -> None:
    def only_here(whole: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
        if whole["close"].iloc[0] == 100.0:
            raise ValueError("not my prices")
        return whole["close"].to_numpy()[cutoffs]

    told = outcomes(audit(only_here, prices(120), QUICK))
    assert told["random walk"] == told["planted"] == "skipped"
    assert told["future"] == "passed"


def test_the_prices_are_left_as_they_were() -> None:
    given = prices(120)
    audit(clean, given, QUICK)
    pd.testing.assert_frame_equal(given.table, prices(120).table)


def test_an_audit_says_the_same_twice() -> None:
    leaky, _ = LEAKY["random shuffled split"]
    assert audit(leaky, None, QUICK) == audit(leaky, None, QUICK)


class Endless(Simple):
    def __init__(self) -> None:
        super().__init__(lambda histories: np.inf * len(histories))


class NeedsMore:
    def __init__(self, more: int) -> None:
        self.more = more


def needs_three(one: Any, two: Any, three: Any) -> Any:
    return one, two, three


def too_long(whole: pd.DataFrame, cutoffs: np.ndarray) -> np.ndarray:
    return np.zeros(len(whole) + len(cutoffs))


def unknown(history: pd.DataFrame) -> float:
    return history["close"].iloc[-1] * np.nan


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (3, "neither a forecaster"),
        (NeedsMore, "NeedsMore raised TypeError"),
        (needs_three, "needs 3 arguments"),
        (lambda history: history["closing"], "raised KeyError: 'closing'"),
        (too_long, "needs 80 rows, one for each cutoff"),
        (Endless(), "answered with shape .* needs finite closes"),
    ],
)
def test_what_cannot_be_audited_says_why_in_a_line(thing: Any, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        audit(thing, prices(200), QUICK)


def test_too_few_prices_and_no_answers_are_refused() -> None:
    with pytest.raises(DataError, match="50 rows of prices; an audit needs at least 60"):
        audit(last, prices(50))
    with pytest.raises(DataError, match="answered NaN at all 40 cutoffs"):
        audit(unknown, prices(120))

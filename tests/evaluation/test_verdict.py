import numpy as np
import pytest

from forecast.data.synthetic import random_walk
from forecast.evaluation.scores import score
from forecast.evaluation.significance import diebold_mariano
from forecast.evaluation.verdict import BASE_RATE, HAR, Rival, needed, signal, verdict
from tests.evaluation.test_scores import ask

NAN = float("nan")
LEAST = "smallest detectable R2 about 3 %"


def row(**changed: object) -> dict[str, object]:
    plain: dict[str, object] = {"n": 981, "overlap": 1, "tests": 2, "reason": "", "skill": -0.004}
    return plain | {"p_value": 0.61, "p_holm": 1.0, "cw_holm": 0.3} | changed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, f"no better than the last close (skill -0.4 %, p = 0.61 uncorrected; {LEAST})"),
        (
            {"skill": 0.011, "p_value": 0.006, "p_holm": 0.012},
            "better than the last close (skill 1.1 %, p = 0.012, Holm over 2 claims)",
        ),
        (
            {"skill": 0.011, "p_value": 0.012, "p_holm": 0.012, "tests": 1},
            "better than the last close (skill 1.1 %, p = 0.012)",
        ),
        (
            {"skill": 0.3, "p_value": 1e-9, "p_holm": 1e-9, "n": 100},
            "better than the last close (skill 30.0 %, p < 0.001, Holm over 2 claims)",
        ),
        (
            {"skill": 0.011, "p_value": 0.03, "p_holm": 0.06},
            f"no better than the last close (skill 1.1 %, p = 0.06, Holm over 2 claims; {LEAST})",
        ),
        ({"n": 250}, "too short to tell (n = 250; smallest detectable R2 about 10 %)"),
        ({"n": 749}, "too short to tell (n = 749; smallest detectable R2 about 4 %)"),
        ({"n": 20}, "too short to tell (n = 20; no R2 is detectable)"),
        (
            {"n": 3, "p_value": NAN, "p_holm": NAN, "reason": "too few forecasts: 3; needs 10"},
            "too short to tell (n = 3; no R2 is detectable)",
        ),
        (
            {"overlap": 5},
            "too short to tell (n = 196 without overlap; smallest detectable R2 about 20 %)",
        ),
        (
            {"n": 250, "p_value": 0.96, "skill": -0.2},
            "no better than the last close (skill -20.0 %, p = 0.96 uncorrected;"
            " smallest detectable R2 about 10 %)",
        ),
        (
            {"skill": -0.0001},
            f"no better than the last close (skill 0.0 %, p = 0.61 uncorrected; {LEAST})",
        ),
        (
            {"skill": NAN, "p_value": NAN, "p_holm": NAN, "reason": "the two errors differ ..."},
            f"no better than the last close (skill n/a, p n/a: the two errors differ ...; {LEAST})",
        ),
        (
            {"reason": "identical to the last close", "p_value": NAN, "p_holm": NAN, "n": 5},
            "identical to the last close (no R2 is detectable)",
        ),
        ({"tests": 0, "p_value": 0.001, "p_holm": NAN}, "a baseline, makes no claim"),
    ],
)
def test_the_words_are_fixed(changed: dict[str, object], words: str) -> None:
    assert verdict(row(**changed)) == words


@pytest.mark.parametrize(
    ("rival", "changed", "words"),
    [
        (
            BASE_RATE,
            {},
            "no better than the share of rises so far"
            " (skill -0.4 %, p = 0.61 uncorrected; smallest detectable skill about 3 %)",
        ),
        (BASE_RATE, {"n": 645}, "too short to tell (n = 645; smallest detectable skill about 5 %)"),
        (
            BASE_RATE,
            {"n": 0, "p_value": NAN, "p_holm": NAN, "reason": "no chances ..."},
            "too short to tell (n = 0; no skill is detectable)",
        ),
        (
            HAR,
            {"n": 645},
            "no better than HAR's forecast of volatility"
            " (skill -0.4 %, p = 0.61 uncorrected; smallest detectable skill about 5 %)",
        ),
        (
            HAR,
            {"n": 9, "p_value": NAN, "p_holm": NAN, "reason": "too few forecasts: 9; needs 10"},
            "too short to tell (n = 9; no skill is detectable)",
        ),
        (
            HAR,
            {"skill": 0.1, "p_value": 0.006, "p_holm": 0.012},
            "better than HAR's forecast of volatility"
            " (skill 10.0 %, p = 0.012, Holm over 2 claims)",
        ),
    ],
)
def test_other_targets_have_other_rivals(
    rival: Rival, changed: dict[str, object], words: str
) -> None:
    assert verdict(row(**changed), rival) == words


@pytest.mark.parametrize("tests", [1, 20])
def test_what_is_called_detectable_is_claimed_four_times_in_five(tests: int) -> None:
    random, n, found = np.random.default_rng(0), 1000, 0
    share = needed(tests) / n
    for _ in range(400):
        known = random.normal(0, np.sqrt(share), n)
        came = known + random.normal(0, np.sqrt(1 - share), n)
        found += diebold_mariano(came, known, np.zeros(n)).p_value * tests < 0.05
    assert 0.75 < found / 400 < 0.87


def test_a_smaller_squared_error_with_larger_errors_in_the_mean_is_not_called_better() -> None:
    said = verdict(row(skill=-0.001, p_value=0.006, p_holm=0.012))
    assert said.startswith("no better")


def test_signal_is_said_apart_from_better() -> None:
    assert signal(row()) == ""
    assert signal(row(cw_holm=NAN)) == ""
    words = "evidence of signal (Clark-West p = 0.012, Holm over 2 claims)"
    assert signal(row(cw_holm=0.012)) == words


def test_best_of_ten_on_random_walks_is_rarely_called_better() -> None:
    names, better, raw = [f"m{each}" for each in range(10)], 0, 0
    for seed in range(40):
        closes = {"A": random_walk(600, seed, close_only=True).prices.table["close"]}
        answers = ask(closes, dict.fromkeys(names, 0.0), first=300, intervals=False)
        # Next to the last close, by chance a little above or below it.
        mine = answers["forecaster"].isin(names)
        noise = np.random.default_rng(seed).normal(0, 1e-5, int(mine.sum()))
        answers.loc[mine, "forecast"] = answers.loc[mine, "last"] * np.exp(noise)
        scores = score(answers, closes, names)
        words = [verdict(each) for each in scores.to_dict("records")]
        better += any(each.startswith("better") for each in words)
        raw += bool((scores["p_value"] < 0.05).any())
    # Uncorrected, the best of ten would be called better on some 40 % of walks.
    assert raw > 8
    # The 99 % bound of 40 tries at 5 %.
    assert better <= 6

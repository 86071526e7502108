"""The result fits one screen, in words that a terminal takes for nothing but words."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.answers import QUANTILES
from forecast.reporting.run import Run
from forecast.reporting.screens.fit import as_json, screen
from forecast.settings import Settings, WalkForward
from tests.reporting import made

FOLDER = Path("reports") / "GOOG"
RUN = made.run()
MANY = ("lstm", "gru", "rnn", "last", "drift", "logdrift", "ridge", "boosting", "weekday", "mine")


def run_of(answers: pd.DataFrame, **chosen: object) -> Run:
    return made.run(answers=answers, scores=made.scores(answers), **chosen)


def crowded() -> Run:
    answers = made.answers(made.closes(), count=40, horizon=5, forecasters=MANY)
    settings = Settings(walk_forward=WalkForward(horizon=5, refit=0))
    notes = tuple(
        f"Something worth knowing, number {i}, was found in the prices." for i in range(9)
    )
    return run_of(answers, settings=settings, notes=notes, verdict="no better " * 12)


@pytest.mark.parametrize("run", [RUN, crowded()], ids=["usual", "crowded"])
def test_a_result_fits_one_screen_of_plain_characters(run: Run) -> None:
    shown = screen(run, FOLDER)
    assert shown.endswith("\n")
    assert len(shown.splitlines()) <= 24
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.isascii()
    assert f"Report: {FOLDER}" in shown


def test_the_usual_screen_reads_well() -> None:
    lines = screen(RUN, FOLDER).splitlines()
    assert lines[:2] == [
        "GOOG",
        "bundled sample, adjusted, 2,148 sessions, 2004-08-19 to 2013-03-01",
    ]
    assert lines[3] == "2013-03-04 (next session): 404.57 (+0.06 %)"
    assert lines[4] == "  80 % interval 398.27 to 410.98; 95 % interval 394.97 to 414.41"
    words = "2012-09-06 to 2013-03-01, 120 forecasts, 1 session ahead, refit every 20"
    assert lines[6] == words
    assert "Verdict on lstm: no better than the last close (skill +0.2 %, p = 0.41)" in lines
    assert "Lag 1: the forecast is mostly the close of the session before." in lines
    assert "Note: bundled sample used" in lines


def test_the_table_has_the_scores() -> None:
    answers = RUN.answers
    scores = made.scores(answers)
    numbers = {"rmse": 5.125, "mae": 3.5, "skill": 0.0123, "r2": -0.00456, "direction": 0.531}
    numbers |= {"p_holm": 0.0004, "coverage80": 0.8009, "coverage95": np.nan}
    for name, value in numbers.items():
        scores.loc[scores["forecaster"] == "lstm", name] = value
    shown = screen(made.run(scores=scores), FOLDER)
    (row,) = (line for line in shown.splitlines() if line.startswith("lstm "))
    assert re.split(r"  +", row) == [
        *("lstm", "5.12", "3.50", "+1.23 %", "-0.0046", "53.1 %", "<0.001", "80.1 %", "-")
    ]


def test_a_long_horizon_shows_the_nearest_and_the_farthest_session() -> None:
    lines = screen(crowded(), FOLDER).splitlines()
    assert lines[3].startswith("2013-03-04 (next session): ")
    assert lines[5].startswith("2013-03-08 (in 5 sessions): ")
    assert any("40 forecasts, 5 sessions ahead, fitted once" in line for line in lines)
    assert any(line.startswith("5 more rows in scores.json; ") for line in lines)
    assert [line.split()[0] for line in lines[10:14]] == ["lstm", "last", "gru", "rnn"]
    assert any(re.fullmatch(r"\d+ notes in receipt.json and scores.json", x) for x in lines)


def test_no_lag_is_remarked_where_there_is_none() -> None:
    assert "Lag" not in screen(made.run(scores=made.scores(RUN.answers).assign(lag=0)), FOLDER)


def test_what_is_missing_is_said() -> None:
    answers = RUN.answers.assign(**dict.fromkeys(QUANTILES, np.nan))
    assert "no intervals: too few answers before it" in screen(run_of(answers), FOLDER)
    bare = run_of(RUN.answers.dropna())
    assert "next session" not in screen(bare, FOLDER)
    assert as_json(bare, FOLDER)["next"] is None


def test_text_from_outside_cannot_move_the_cursor() -> None:
    hostile = "A\x1b[2J\nB\u202e"
    answers = RUN.answers.replace({"GOOG": hostile, "lstm": hostile})
    run = run_of(answers, ticker=hostile, verdict=hostile, notes=(hostile,))
    shown = screen(run, Path(hostile))
    assert all(line.isprintable() for line in shown.splitlines())
    assert shown.count("A\\x1b[2J\\nB\\u202e") >= 4


def test_json_has_the_promised_keys_and_only_plain_values() -> None:
    told = json.loads(json.dumps(as_json(RUN, FOLDER), allow_nan=False))
    promised = {"skill", "p_value", "coverage", "verdict", "next", "receipt", "folder"}
    assert promised <= set(told)
    assert told["folder"] == str(FOLDER)
    assert told["receipt"]["source"] == "sample"
    assert told["next"]["date"] == "2013-03-04"
    assert told["next"]["change"] == pytest.approx(0.00057, abs=1e-5)
    low, high = told["next"]["interval"]["80"]
    assert low < told["next"]["forecast"] < high
    assert 0 < told["coverage"]["80"] < told["coverage"]["95"] <= 1
    last = next(row for row in told["scores"] if row["forecaster"] == "last")
    assert last["p_value"] is None

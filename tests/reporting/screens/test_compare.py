import numpy as np

from forecast.evaluation.pooled import pooled
from forecast.reporting.screens.compare import screen
from tests.reporting import made

RUN = made.run()


def shown(skill: float, p_holm: float) -> list[str]:
    scores = made.scores(RUN.answers)
    mine = scores["forecaster"] == "lstm"
    scores.loc[mine, ["skill", "p_holm"]] = skill, p_holm
    return screen(scores, pooled(RUN.answers), "close").splitlines()


def test_each_ticker_is_a_line_and_each_model_but_the_last_close_a_column() -> None:
    head, row, *_ = shown(0.0123, 0.2)
    names = [name for name in dict.fromkeys(RUN.answers["forecaster"]) if name != "last"]
    assert head.split() == ["skill", *names]
    assert row.split()[:2] == ["GOOG", "+1.23"]


def test_a_star_marks_only_what_is_more_than_chance() -> None:
    assert "+1.23 %*" in shown(0.0123, 0.04)[1]
    assert "*" not in shown(0.0123, 0.06)[1] + shown(0.0123, np.nan)[1]
    # As in the verdict, errors have to be smaller in the mean, too.
    assert "*" not in shown(-0.0123, 0.04)[1]


def test_a_skill_that_cannot_be_told_is_a_dash() -> None:
    assert shown(np.nan, np.nan)[1].split()[1] == "-"


def test_all_tickers_together_come_last() -> None:
    assert any(line.startswith("all tickers") for line in shown(0.0, 1.0))

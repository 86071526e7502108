"""The page of a run answers its questions in order, shows every score, and lets nothing through."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from forecast.evaluation.pooled import pooled
from forecast.evaluation.trading import trading
from forecast.reporting.pictures.figures import OF_PRICES
from forecast.reporting.run import Run
from tests.reporting import made
from tests.reporting.pages.made import reported

HOSTILE = '<script>alert(1)</script>" onload="x\x1b[31m$\\frac$'


def html(run: Run) -> str:
    return reported(run).decode()


class Words(HTMLParser):
    """The text of a page, without its style, and the names of its tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags, self._open = "", list[str](), ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += [tag, *(f"{tag} {name}" for name, _ in attrs)]
        self._open = tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self._open == "style" else f" {' '.join(data.split())} "


def test_the_questions_come_in_order_with_their_answers() -> None:
    page = html(made.run(findings=("Nothing moved for 12 sessions.",), command="forecast fit GOOG"))
    titles = re.findall(r"<h2[^>]*>([^<]*)</h2>", page)
    assert titles == [
        "What comes next",
        "Is it better than the last close?",
        "Pictures",
        "All scores and tests",
        "What trading on it would have earned",
        "Where the prices come from",
        "How to repeat it",
    ]
    text = Words(page).text
    for words in (
        "no better than the last close (skill +0.2 %, p = 0.41)",
        "Nothing moved for 12 sessions.",
        "forecast fit GOOG",
        "80 % interval",
        "seed",
        made.run().receipt.sha256,
    ):
        assert words in text
    assert page.count("<h3 ") == len([*OF_PRICES, "learning", "folds"])


def test_a_score_not_yet_known_appears_by_itself() -> None:
    run = made.run()
    page = Words(html(replace(run, scores=run.scores.assign(hit_rate_of_gaps=0.4321)))).text
    assert "hit rate of gaps" in page
    assert "0.4321" in page


def test_what_was_not_traded_says_why() -> None:
    table = made.answers(made.closes(), count=9)
    nothing = Words(
        html(made.run(answers=table, scores=made.scores(table), trading=trading(table)))
    )
    assert "No figures for lstm, sign: too few positions: 9; needs 10." in nothing.text
    assert "Gains of trading" not in nothing.text
    usual = Words(html(made.run())).text
    assert "No figures for last, sign: never takes a position." in usual
    assert "Gains of trading" in usual


def test_all_tickers_of_a_run_are_scored_together_on_the_page() -> None:
    assert "All tickers" not in Words(html(made.run())).text
    every = [made.answers(made.closes(name), count=120, ticker=name) for name in ("GOOG", "IBM")]
    text = Words(html(made.run(pooled=pooled(pd.concat(every))))).text
    assert "All tickers together, 1 session ahead" in text
    assert "The mean of each ticker's own such ratio." in text


def test_a_ticker_a_file_and_a_forecaster_from_outside_stay_text() -> None:
    run = made.run()
    named = {"forecaster": {"lstm": HOSTILE}}
    page = html(
        replace(
            run,
            ticker=HOSTILE,
            answers=run.answers.replace(named).assign(ticker=HOSTILE),
            scores=run.scores.replace(named).assign(ticker=HOSTILE, **{HOSTILE: 1.0}),
            curves=run.curves.replace(named),
            receipt=replace(
                run.receipt, source="csv", place=f"/tmp/{HOSTILE}.csv", notes=(HOSTILE,)
            ),
            settings=replace(run.settings, models=(HOSTILE,)),
            findings=(HOSTILE,),
            notes=(HOSTILE,),
            command=f"forecast fit '{HOSTILE}'",
            versions={HOSTILE: HOSTILE},
        )
    )
    words = Words(page)
    assert "script" not in words.tags
    assert not [tag for tag in words.tags if " on" in tag]
    assert "\x1b" not in page
    assert "<script>alert(1)</script>" in words.text


def test_a_horizon_of_many_sessions_shows_each_and_the_scores_of_each() -> None:
    answers = made.answers(made.closes(), count=80, horizon=3)
    page = html(made.run(answers=answers, scores=made.scores(answers)))
    for horizon in ("1 session", "2 sessions", "3 sessions"):
        assert f"Scores {horizon} ahead" in page
    assert "Forecasts of lstm" in page


def test_answers_without_quantiles_or_curves_are_said_to_have_none() -> None:
    answers = made.answers(made.closes(), count=30)
    quantiles = [name for name in answers if re.fullmatch(r"q\d+", name)]
    answers = answers.assign(**dict.fromkeys(quantiles, np.nan))
    page = html(made.run(answers=answers, curves=made.run().curves.head(0)))
    assert "No intervals: too few answers lie before it." in page
    assert "No quantiles" in page
    assert "nan" not in Words(page).text.lower()


@pytest.mark.parametrize("count", [645, 1600])
def test_a_page_stays_small_and_the_same(count: int) -> None:
    answers = made.answers(made.closes(), count=count)
    run = made.run(answers=answers, scores=made.scores(answers))
    page = reported(run)
    assert len(page) < 600_000
    assert reported(run) == page


def test_twelve_thousand_answers_fit_into_a_page() -> None:
    random = np.random.default_rng(0)
    dates = pd.bdate_range("1970-01-01", periods=12_400)
    close = pd.Series(50 * np.exp(np.cumsum(random.normal(0, 0.01, len(dates)))), dates)
    answers = made.answers(close.rename("close"), count=12_000)
    run = made.run(answers=answers, scores=made.scores(answers))
    assert len(reported(run)) < 600_000


def test_a_name_that_no_font_has_is_spelt_out_once() -> None:
    run = made.run()
    name = "\U00012000"  # a cuneiform sign
    named = {"answers": run.answers, "scores": run.scores}
    tables = {each: table.assign(ticker=name) for each, table in named.items()}
    text = Words(html(made.run(ticker=name, **tables))).text
    assert text.count("the pictures write it U+12000.") == 1
    assert "the pictures write it" not in Words(html(run)).text

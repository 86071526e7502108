"""Every figure that a result may hold has a sentence, and each file of a result tells it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from forecast.evaluation import direction, pooled, scores, trading, volatility
from forecast.reporting import folder
from forecast.reporting.glossary import GLOSSARY, OF_TARGET, entry, meanings
from forecast.reporting.screens.score_table import TABLES
from forecast.settings import TargetName
from tests.reporting import made

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
SCORED: dict[TargetName, tuple[str, ...]] = {
    "close": scores.COLUMNS,
    "return": scores.COLUMNS,
    "direction": direction.COLUMNS,
    "volatility": volatility.COLUMNS,
}
SENTENCES = {
    f"{target} {name}": each.sentence
    for target, own in {"": GLOSSARY, **OF_TARGET}.items()
    for name, each in own.items()
}


@pytest.mark.parametrize("target", SCORED)
def test_every_figure_of_every_target_has_a_sentence(target: TargetName) -> None:
    columns = (*SCORED[target], *trading.COLUMNS, *pooled.COLUMNS, "verdict")
    found = meanings(target, pd.DataFrame(columns=columns))
    assert set(found) == set(columns)
    assert [name for name, sentence in found.items() if not sentence] == []


def test_a_sentence_is_one_plain_sentence_that_stands_by_itself() -> None:
    for name, sentence in SENTENCES.items():
        assert re.fullmatch(r"[A-Zs].{8,98}\.", sentence), name
        assert not re.search(r"\. [A-Z]|The same|likewise", sentence), name
        assert not re.search(r"null hypothesis|quantile|estimator|bootstrap", sentence), name


def test_a_target_without_words_of_its_own_takes_the_usual_ones() -> None:
    assert entry("p_holm", "volatility") == entry("p_holm")
    assert entry("skill", "volatility") != entry("skill")


def test_no_sentence_is_about_a_figure_that_there_is_not() -> None:
    columns = {
        *trading.COLUMNS,
        *pooled.COLUMNS,
        "verdict",
        *(n for c in SCORED.values() for n in c),
    }
    assert set(GLOSSARY) <= columns
    assert all(set(own) <= set(SCORED[target]) for target, own in OF_TARGET.items())


def test_a_result_tells_what_each_of_its_figures_means(tmp_path: Path) -> None:
    every = [made.answers(made.closes(name), count=120, ticker=name) for name in ("GOOG", "IBM")]
    run = made.run(pooled=pooled.pooled(pd.concat(every)))
    folder.write(tmp_path, run, WHEN)
    told = json.loads((tmp_path / "scores.json").read_text())
    named = {
        name for table in ("scores", "trading", "pooled") for row in told[table] for name in row
    }
    assert named == set(told["meanings"])
    assert all(told["meanings"].values())
    pd.testing.assert_frame_equal(folder.read(tmp_path).pooled, run.pooled)


@pytest.mark.parametrize("target", TABLES)
def test_the_screen_says_what_each_column_is(target: TargetName) -> None:
    table = TABLES[target]
    legend = table.legend({"up_rate": 0.5})
    for head in table.columns:
        assert re.search(rf"(^|[ ,]){re.escape(head.strip())}[,:]", legend), head

"""Results show themselves in a notebook, and so does progress; elsewhere nothing is shown."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from forecast.progress import silent
from forecast.reporting import notebook
from forecast.reporting.pages.report import summary
from tests.reporting import made

HOSTILE = "<img src=x onerror=alert(1)>"


def test_a_result_is_shown_in_few_words_with_its_verdict() -> None:
    html = summary(made.run())
    assert "The next session" in html
    assert "no better than the last close (skill +0.2 %, p = 0.41)" in html
    assert "<svg" not in html
    assert "style" not in html
    assert len(html) < 10_000


def test_a_hostile_ticker_stays_text() -> None:
    run = made.run()
    answers, scores = (table.assign(ticker=HOSTILE) for table in (run.answers, run.scores))
    html = summary(made.run(ticker=HOSTILE, answers=answers, scores=scores))
    tags = list[str]()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: tags.append(tag)  # type: ignore[method-assign]
    parser.feed(html)
    assert "img" not in tags
    assert "&lt;img" in html


class Lesson:
    """What is told of a learning, as far as `share`."""

    rate = 1.0

    def __init__(self, share: float) -> None:
        self.moment = Moment(share)

    def example(self) -> str:
        return ""


class Moment:
    epoch, seconds, losses = 1, 1.0, (1.0, 1.0)

    def __init__(self, share: float) -> None:
        self.share = share


@pytest.fixture
def kernel() -> Iterator[Any]:
    """A shell that has a kernel, as one that serves a notebook has."""
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell.instance()
    shell.kernel = object()
    yield shell
    interactive.InteractiveShell.clear_instance()


def test_a_notebook_shows_one_bar_that_moves(kernel: Any) -> None:
    shown = list[tuple[str, bool]]()
    kernel.display_pub.publish = lambda data, **more: shown.append(
        (data["text/html"], bool(more.get("update")))
    )
    bar = notebook.progress("learning")
    for done in (1, 2, 300):
        bar(done, 300)
    assert [update for _, update in shown] == [False, True]
    assert 'value="300" max="300"' in shown[-1][0]


def test_a_learning_that_goes_by_the_clock_moves_the_bar_by_its_share(kernel: Any) -> None:
    shown = list[str]()
    kernel.display_pub.publish = lambda data, **_: shown.append(data["text/html"])
    watch = notebook.Watch("learning")
    for share in (0.25, 1.0):
        watch(Lesson(share))
    assert 'value="25" max="100"' in shown[0]
    assert 'value="100" max="100"' in shown[-1]


def test_outside_a_notebook_nothing_is_shown() -> None:
    assert notebook.progress("learning") is silent

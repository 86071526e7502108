import threading

import pytest

from forecast.data.patience import Patience, Refusal, patiently, within
from forecast.errors import SourceError


def explain(error: Exception) -> Refusal:
    return Refusal(f"said {error}", hopeful=str(error) != "hopeless")


def failing(*messages: str):
    left = list(messages)

    def ask() -> str:
        if left:
            raise ValueError(left.pop(0))
        return "answer"

    return ask


def test_pauses_grow_until_the_answer_comes() -> None:
    slept: list[float] = []
    patience = Patience(sleep=slept.append, tries=4, pause=1.0)
    assert patiently(failing("a", "b", "c"), explain, patience) == "answer"
    assert [1 <= slept[0] <= 2, 2 <= slept[1] <= 4, 4 <= slept[2] <= 8] == [True] * 3


def test_the_last_sentence_is_raised_when_tries_are_used_up() -> None:
    with pytest.raises(SourceError, match="said c") as caught:
        patiently(failing("a", "b", "c"), explain, Patience(sleep=lambda _: None, tries=3))
    assert isinstance(caught.value.__cause__, ValueError)


def test_nothing_is_asked_again_without_hope() -> None:
    slept: list[float] = []
    with pytest.raises(SourceError, match="said hopeless"):
        patiently(failing("hopeless"), explain, Patience(sleep=slept.append))
    assert slept == []


def test_no_pause_is_begun_that_would_end_too_late() -> None:
    slept: list[float] = []
    with pytest.raises(SourceError):
        patiently(failing("a"), explain, Patience(sleep=slept.append, total=0.9, pause=1.0))
    assert slept == []


def test_no_pause_is_shorter_than_what_was_asked_for() -> None:
    def asking(_: Exception) -> Refusal:
        return Refusal("wait", hopeful=True, wait=9.0)

    slept: list[float] = []
    assert patiently(failing("a", "b"), asking, Patience(sleep=slept.append)) == "answer"
    assert slept == [9.0, 9.0]
    with pytest.raises(SourceError, match="wait"):
        patiently(failing("a"), asking, Patience(sleep=slept.append, total=8.0))
    assert slept == [9.0, 9.0]


def test_work_that_never_ends_is_left_behind() -> None:
    never = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.05, never.wait)
    never.set()


def test_what_work_raises_is_raised() -> None:
    with pytest.raises(KeyError):
        within(1.0, lambda: {}["x"])

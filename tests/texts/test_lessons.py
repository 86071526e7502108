import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.errors import DataError
from forecast.features.windows import build_dataset
from forecast.texts.lessons import Judge, Shuffled, Streams, Windows


def test_windows_are_those_of_build_dataset() -> None:
    tokens = np.arange(20)
    read, after = build_dataset(tokens[:, None], window=6)
    ours, following = Windows(tokens, 6).take(range(14))
    np.testing.assert_array_equal(ours, read[:, :, 0])
    np.testing.assert_array_equal(following[:, -1], after[:, 0])
    np.testing.assert_array_equal(following, ours + 1)


def test_an_epoch_of_windows_holds_each_once() -> None:
    lessons = Shuffled(np.arange(30), window=4, batch=7, seed=0)
    batches = list(lessons)
    firsts = torch.cat([batch.inputs.tokens[0, :, 0] for batch in batches])
    assert sorted(firsts.tolist()) == list(range(26))
    assert len(batches) == len(lessons) == 4
    again = torch.cat([batch.inputs.tokens[0, :, 0] for batch in lessons])
    assert again.tolist() != firsts.tolist()


def test_streams_go_on_where_they_ended() -> None:
    batches = list(Streams(np.arange(1000), window=10, batch=4, seed=3))
    assert [batch.inputs.fresh for batch in batches] == [True] + [False] * (len(batches) - 1)
    for before, after in itertools.pairwise(batches):
        assert torch.equal(before.targets[..., -1], after.inputs.tokens[..., 0])
    for batch in batches:
        assert torch.equal(batch.targets, batch.inputs.tokens + 1)


def test_every_row_of_a_stream_starts_afresh_now_and_then() -> None:
    batches = list(Streams(np.arange(20_000), window=10, batch=40, seed=3))
    for start in range(0, len(batches) - Streams.AGAIN, Streams.AGAIN):
        anew = [batch.inputs.anew.tolist() for batch in batches[start : start + Streams.AGAIN]]
        assert sorted(itertools.chain.from_iterable(anew)) == list(range(40))


def test_a_long_text_is_cut_into_turns_and_starts_elsewhere_in_each_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Streams, "TURN", 5)
    lessons = Streams(np.arange(1000), window=10, batch=4, seed=3)
    turns = [list(lessons) for _ in range(2 * lessons.turns)]
    first, second = turns[: lessons.turns], turns[lessons.turns :]
    assert sum(len(turn) for turn in first) == lessons.steps
    begins = [one[0][0].inputs.tokens[0, 0, 0].item() for one in (first, second)]
    assert begins[0] != begins[1]
    later = list(Streams(np.arange(1000), window=10, batch=4, seed=3, turn=lessons.turns))
    assert torch.equal(later[0].inputs.tokens, second[0][0].inputs.tokens)


@settings(max_examples=25)
@given(st.integers(2, 400))
def test_every_token_after_the_first_is_judged_once(count: int) -> None:
    tokens = np.arange(count)
    judged = [batch.targets[batch.weights > 0] for batch in Judge(tokens)]
    assert sorted(torch.cat(judged).tolist()) == list(range(1, count))
    for batch in Judge(tokens):
        right = batch.inputs.tokens + 1 == batch.targets
        assert bool(right[batch.weights > 0].all())


def test_too_few_tokens_are_refused() -> None:
    with pytest.raises(DataError, match="4 rows; window 4"):
        Windows(np.arange(4), 4)

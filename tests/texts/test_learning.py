"""What the tutorials learn, learned by the same `fit`; and what cannot be learned, refused."""

import math
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch

from forecast.data.corpus import Corpus, read
from forecast.errors import CheckpointError, DataError
from forecast.settings import Compute
from forecast.text_settings import Sampling, TextNetwork, TextSettings, TextTraining, Tokens
from forecast.texts.learning import GLANCE, Learned, fit
from forecast.texts.model import restore
from forecast.training import loop
from forecast.training.checkpoint import Checkpoint
from forecast.training.course import Snapshot
from forecast.training.followed import Learning

QUICK = TextSettings(
    network=TextNetwork(hidden=24, dropout=0.0),
    training=TextTraining(epochs=60, window=10, learning_rate=0.02, validation=0.0),
)
GREEDY = Sampling(temperature=0.0, length=200)


def _fit(text: str, settings: TextSettings = QUICK) -> Learned:
    return fit(Corpus.of(text), settings, Learning(compute=Compute(threads=1)))


def _written(learned: Learned, prompt: str, length: int) -> str:
    return prompt + "".join(learned.model.sample(prompt, replace(GREEDY, length=length)))


def test_the_word_model_learns_its_sentence() -> None:
    """151 steps of Adam; the tutorial ends at a loss of 0.3932."""
    sentence = read("avengers").text
    settings = TextSettings(
        tokens=Tokens(level="word"),
        network=TextNetwork(cell="rnn", hidden=20, embedding=20),
        training=TextTraining(epochs=151, window=7, learning_rate=0.01, validation=0.0),
    )
    learned = _fit(sentence, settings)
    assert learned.curves.last.steps == 151
    assert "<unk>" in learned.model.vocabulary.names
    assert learned.curves.training[0, -1] <= 0.3932
    assert _written(learned, "We", 7) == sentence


@pytest.mark.parametrize("name", ["hihello", "want"])
def test_a_few_characters_one_hot_are_learned(name: str) -> None:
    text = read(name).text
    window = len(text) - 1
    training = replace(QUICK.training, window=window, epochs=100)
    one_hot = replace(QUICK.network, embedding=0)
    learned = _fit(text, replace(QUICK, network=one_hot, training=training))
    assert "embedding_weight" not in learned.model.weights
    network = learned.model.network()
    tokens = torch.from_numpy(learned.model.vocabulary.encode(text))[None, None]
    from forecast.models.language import Reading  # noqa: PLC0415

    said = network(Reading(tokens[:, :, :-1]))[0, 0].argmax(-1)
    assert learned.model.vocabulary.decode(said.tolist()) == text[1:]


def test_the_long_sentence_is_learned_from_windows_of_ten() -> None:
    sentence = read("ship").text
    network = TextNetwork(cell="rnn", hidden=48, layers=2, embedding=0, dropout=0.0)
    learned = _fit(sentence, replace(QUICK, network=network))
    assert _written(learned, sentence[:10], len(sentence) - 10) == sentence


def test_korean_is_learned_and_written() -> None:
    text = "나는 학교에 간다. 너는 집에 있다. " * 4
    learned = _fit(text)
    assert _written(learned, text[:10], 30) == text[:40]


def test_byte_pairs_are_learned_and_written() -> None:
    pytest.importorskip("tokenizers")
    text = "나는 학교에 간다, 너는 집에 있다. " * 8
    settings = replace(QUICK, tokens=Tokens(level="bpe", vocabulary=300))
    learned = _fit(text, settings)
    assert "".join(learned.model.sample(text[:10], GREEDY)).startswith(text[10:40])


def test_a_long_text_is_read_in_streams_and_judged_by_what_is_held_back() -> None:
    text = "abcdefgh" * 400
    training = TextTraining(epochs=6, window=16, batch=8, learning_rate=0.02)
    learned = _fit(text, replace(QUICK, training=training))
    assert learned.judged < 0.1
    assert learned.model.score(text[:100]).per_token == pytest.approx(0.0, abs=0.1)


def test_the_same_learning_twice_gives_the_same_bits() -> None:
    text = read("ship").text
    both = [_fit(text, replace(QUICK, training=replace(QUICK.training, epochs=3))) for _ in "12"]
    for name, weight in both[0].model.weights.items():
        np.testing.assert_array_equal(weight, both[1].model.weights[name])


def test_a_saved_model_says_the_same() -> None:
    learned = _fit(read("ship").text)
    again = restore(learned.model.checkpoint())
    assert "".join(again.sample("if ")) == "".join(learned.model.sample("if "))
    assert again.score("to build a ship") == learned.model.score("to build a ship")


def test_weights_too_large_for_an_answer_are_refused() -> None:
    training = replace(QUICK.training, epochs=1)
    model = _fit("to be or not to be", replace(QUICK, training=training)).model
    huge = {name: np.full_like(each, 3e38) for name, each in model.weights.items()}
    model = replace(model, weights=huge)
    for use in (model.score, model.complete, lambda prompt: list(model.sample(prompt))):
        with pytest.raises(CheckpointError, match="answers no number"):
            use("to be")


def test_plain_torch_reads_the_weights() -> None:
    learned = _fit(read("ship").text)
    weights = {name: torch.from_numpy(each) for name, each in learned.model.weights.items()}
    lstm = torch.nn.LSTM(QUICK.network.embedding, 24, batch_first=True)
    lstm.load_state_dict({name: weights[name] for name in lstm.state_dict()})


def test_the_next_words_are_suggested_with_their_probabilities() -> None:
    learned = _fit(read("ship").text)
    found = learned.model.complete("if you want to", 3)
    assert found[0].word == "build"
    assert 0.2 < found[0].probability <= 1
    assert sum(each.probability for each in found) <= 1 + 1e-5
    assert learned.model.complete("if you want to bu", 1)[0].word == "ild"


def test_suggestions_of_words_are_the_likeliest_tokens() -> None:
    settings = replace(QUICK, tokens=Tokens(level="word"))
    training = replace(QUICK.training, window=5)
    learned = _fit(read("ship").text, replace(settings, training=training))
    assert learned.model.complete("if you want to", 1)[0].word == "build"


def test_learning_is_told_and_can_be_stopped() -> None:
    told = []
    stopping = nullcontext(lambda: len(told) > 3)
    how = Learning(watch=told.append, stopping=lambda: stopping, compute=Compute(threads=1))
    fit(Corpus.of(read("ship").text), QUICK, how)
    assert len(told) == 4
    assert told[-1].rate > 0
    assert len(told[-1].example()) == GLANCE


def test_learning_goes_on_where_it_stopped() -> None:
    corpus = Corpus.of("abcdefgh" * 400)
    training = TextTraining(epochs=6, window=16, batch=8)
    whole = fit(corpus, replace(QUICK, training=training))
    half = fit(corpus, replace(QUICK, training=replace(training, epochs=3)))
    rest = fit(corpus, replace(QUICK, training=training), Learning(start=half.curves.last))
    assert rest.curves.last.epoch == whole.curves.last.epoch
    assert rest.judged < half.judged


@pytest.mark.parametrize("letters", [400, 40], ids=["streams", "shuffled"])
def test_what_was_kept_goes_on_to_the_very_bits(
    letters: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "KEEPING", math.inf)
    corpus, kept = Corpus.of("abcdefgh" * letters), list[Snapshot]()
    network = replace(QUICK.network, dropout=0.2)
    settings = replace(
        QUICK, network=network, training=TextTraining(epochs=5, window=16, batch=32, validation=0.2)
    )
    whole = fit(corpus, settings, Learning(keep=kept.append))
    assert [each.epoch for each in kept] == [0, 1, 2, 3, 4, 5]
    for snapshot in kept:
        rest = fit(corpus, settings, Learning(start=snapshot))
        assert rest.count == whole.count
        assert rest.curves.training.tobytes() == whole.curves.training.tobytes()
        for name, weight in whole.model.weights.items():
            assert rest.model.weights[name].tobytes() == weight.tobytes()


def test_what_was_stopped_within_an_epoch_goes_on_from_the_whole_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "KEEPING", math.inf)
    corpus = Corpus.of("abcdefgh" * 400)
    settings = replace(QUICK, training=TextTraining(epochs=3, window=16, batch=8))
    asked = iter([False] * 50 + [True] * 1000)
    cut = fit(corpus, settings, Learning(stopping=lambda: nullcontext(lambda: next(asked))))
    assert (cut.curves.stopped, cut.curves.training.shape[1], cut.curves.last.epoch) == (True, 3, 2)
    whole, rest = (fit(corpus, settings, Learning(start=each)) for each in (None, cut.curves.last))
    assert rest.curves.training.tobytes() == whole.curves.training.tobytes()


@pytest.mark.parametrize(
    ("text", "settings", "reason"),
    [
        ("abc", QUICK, r"3 tokens to learn from; a window of 10 .* need 11"),
        ("aaaaaaaaaaaaaaaaaaaa", QUICK, "1 distinct token;"),
        ("a a a a", replace(QUICK, tokens=Tokens(level="word")), "1 distinct token"),
    ],
)
def test_what_cannot_be_learned_is_refused(text: str, settings: TextSettings, reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        _fit(text, settings)


def test_byte_pairs_of_one_character_are_one_token_however_many_bytes_are_known() -> None:
    pytest.importorskip("tokenizers")
    with pytest.raises(DataError, match="1 distinct token;"):
        _fit("a" * 20, replace(QUICK, tokens=Tokens(level="bpe")))


def test_unknown_characters_of_a_prompt_are_named() -> None:
    learned = _fit(
        read("hihello").text,
        replace(QUICK, training=TextTraining(epochs=1, window=3, validation=0.0)),
    )
    with pytest.raises(DataError, match=r"1 of 2 tokens .*'q'"):
        learned.model.sample("hq")


def test_a_model_of_something_else_is_refused() -> None:
    with pytest.raises(CheckpointError, match="is no language model but 'a model of prices'"):
        restore(Checkpoint({}, {"cell": "lstm"}))
    with pytest.raises(CheckpointError, match="not one that this version can make"):
        restore(Checkpoint({}, {"kind": "language model"}))

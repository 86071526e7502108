"""The NumPy speaker against the network, draws against probabilities."""

import numpy as np
import pytest
import torch

from forecast.cells import Cell
from forecast.models.language import LanguageModel, Reading
from forecast.text_settings import Sampling
from forecast.texts.draws import Draws
from forecast.texts.learning import weights_of
from forecast.texts.speaker import Speaker

SCORES = np.log(np.array([0.5, 0.25, 0.15, 0.1], dtype=np.float32))


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("features", [3, 7], ids=["embedded", "one-hot"])
def test_the_speaker_says_what_the_network_says(kind: str, layers: int, features: int) -> None:
    cell = Cell(kind=kind, features=features, hidden=16, layers=layers)
    network = LanguageModel(cell, 7, [0], one_hot=features == 7).eval()
    tokens = np.random.default_rng(0).integers(7, size=20)
    with torch.no_grad():
        expected = network(Reading(torch.from_numpy(tokens)[None, None]))[0, 0].numpy()
    speaker = Speaker(cell, weights_of(network))
    said = np.stack([speaker.read(int(token)).copy() for token in tokens])
    np.testing.assert_allclose(said, expected, rtol=1e-4, atol=1e-5)


def _shares(how: Sampling, count: int = 20_000) -> np.ndarray:
    draws = Draws(how, 4)
    return np.bincount([draws.draw(SCORES) for _ in range(count)], minlength=4) / count


def test_tokens_are_drawn_by_their_probability() -> None:
    np.testing.assert_allclose(_shares(Sampling(temperature=1.0)), np.exp(SCORES), atol=0.015)


def test_a_low_temperature_sharpens() -> None:
    expected = np.exp(2 * SCORES) / np.exp(2 * SCORES).sum()
    np.testing.assert_allclose(_shares(Sampling(temperature=0.5)), expected, atol=0.015)


def test_only_the_likeliest_are_drawn() -> None:
    np.testing.assert_allclose(
        _shares(Sampling(temperature=1.0, top_k=2)), [2 / 3, 1 / 3, 0, 0], atol=0.015
    )
    np.testing.assert_allclose(
        _shares(Sampling(temperature=1.0, top_p=0.75)), [2 / 3, 1 / 3, 0, 0], atol=0.015
    )
    np.testing.assert_allclose(_shares(Sampling(temperature=1.0, top_p=0.3)), [1, 0, 0, 0])


def test_zero_temperature_takes_the_likeliest() -> None:
    assert _shares(Sampling(temperature=0.0), 10).tolist() == [1, 0, 0, 0]


def test_the_seed_decides() -> None:
    runs = [
        [draws.draw(SCORES) for _ in range(50)]
        for draws in (Draws(Sampling(seed=seed), 4) for seed in (1, 1, 2))
    ]
    assert runs[0] == runs[1] != runs[2]

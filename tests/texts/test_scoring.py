import math

import numpy as np
import pytest
import torch

from forecast.cells import Cell
from forecast.models.language import LanguageModel, Reading
from forecast.texts import scoring
from forecast.training.losses import cross_entropy


def _model(kind: str, size: float = 1.0) -> LanguageModel:
    network = LanguageModel(Cell(kind=kind, features=6, hidden=12, layers=2), 6, [0]).eval()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(size)
    return network


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("size", [1.0, 4.0], ids=["forgetful", "wild"])
def test_rows_side_by_side_cost_what_the_whole_text_costs(
    kind: str, size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "LEAST", 20)
    network, tokens = _model(kind, size), np.random.default_rng(1).integers(6, size=333)
    text = torch.from_numpy(tokens)[None, None]
    with torch.no_grad():
        scores = network(Reading(text[:, :, :-1]))
        expected = cross_entropy(scores, text[:, :, 1:]).flatten().numpy()
    np.testing.assert_allclose(scoring.nats(network, tokens, 8), expected, rtol=1e-3, atol=1e-3)


def test_units_agree() -> None:
    score = scoring.Score(tokens=50, characters=200, nats=100.0)
    assert score.perplexity == pytest.approx(math.e**2)
    assert score.bits == pytest.approx(0.5 / math.log(2))


def test_a_text_that_was_held_to_be_impossible_has_no_finite_perplexity() -> None:
    assert scoring.Score(tokens=2, characters=2, nats=2e5).perplexity == math.inf


def test_an_even_guess_among_six_has_perplexity_six() -> None:
    network = _model("gru", 0.0)
    lost = scoring.nats(network, np.random.default_rng(1).integers(6, size=100))
    assert np.exp(lost.mean()) == pytest.approx(6)

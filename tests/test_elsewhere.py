"""All that learns does so on a GPU, too; without one, on a device that behaves as one."""

from collections.abc import Callable, Iterator
from types import ModuleType

import numpy as np
import pytest
import torch

from forecast import text, translation
from forecast.forecasters import learning as prices
from forecast.forecasters.recurrent import Recurrent
from forecast.settings import Compute, Network, Training
from forecast.texts import learning as texts
from forecast.training import memory
from forecast.translators import learning as translators
from tests.elsewhere import elsewhere
from tests.made import table

CHOOSING: tuple[ModuleType, ...] = (prices, texts, translators, memory)
SLOW = Compute(backend="unrolled")
COURSES = {
    "whole": (Training(epochs=12, patience=3, learning_rate=0.05), Network(hidden=3)),
    "batches": (Training(epochs=6, batch=16, seeds=2, clip=0.0), Network(hidden=3)),
    "dropout": (Training(epochs=6, patience=2), Network(hidden=3, layers=2, dropout=0.2)),
    "both ways": (Training(epochs=6, validation=0.0), Network(hidden=3, bidirectional=True)),
}


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[torch.device]:
    """A device that every learning chooses."""
    with elsewhere() as found:
        for room in CHOOSING:
            monkeypatch.setattr(room, "device_of", lambda _: found)
        yield found


def test_tensors_of_the_device_behave_as_those_of_a_gpu(device: torch.device) -> None:
    there, here = torch.ones(2, device=device), torch.ones(2)
    assert (there.device.type, there.cpu().tolist()) == ("meta", [1, 1])
    assert torch.equal((there + here.to(device)).cpu(), 2 * here)
    with pytest.raises(RuntimeError, match="same device"):
        there + here
    with pytest.raises(RuntimeError, match="numpy"):
        there.numpy()
    with pytest.raises(TypeError, match="float64"):
        there.double()


@pytest.mark.parametrize("name", COURSES)
def test_networks_of_prices_learn_on_another_device(
    name: str, request: pytest.FixtureRequest
) -> None:
    how, network = COURSES[name]
    forecaster = Recurrent(network=network, training=how, compute=SLOW)
    histories = [table(150), table(180, seed=1)]
    near = forecaster.fit_many(histories, 2)
    request.getfixturevalue("device")
    far = forecaster.fit_many(histories, 2)
    far = forecaster.refit_many(far, histories, 2) and far
    for one, other in zip(near, far, strict=True):
        for weight in one.weights:
            np.testing.assert_allclose(other.weights[weight], one.weights[weight], rtol=1e-5)
        np.testing.assert_allclose(one.forecast(histories), other.forecast(histories), rtol=1e-6)


def _told() -> str:
    how = text.TextTraining(epochs=2, window=5, batch=2)
    settings = text.TextSettings(
        network=text.TextNetwork(hidden=4, layers=2, dropout=0.2), training=how
    )
    learned = text.fit(text.Corpus.of("hihello " * 10), settings)
    return f"{learned.model.score('hello hi').nats:.4f}"


def _translated() -> str:
    settings = translation.TranslatorSettings(
        kind=translation.TranslatorKind(hidden=4, embedding=3),
        training=translation.TranslatorTraining(epochs=2, teaching=0.5),
    )
    found = translation.fit(translation.read("korean"), settings).translator
    looked = found.look("Go.", "가.")
    assert looked is not None
    return f"{found.translate(['I feel hungry.'], beam=2)} {looked.shares.round(3).tolist()}"


@pytest.mark.parametrize("learned", [_told, _translated])
def test_texts_and_translators_learn_on_another_device(
    learned: Callable[[], str], request: pytest.FixtureRequest
) -> None:
    near = learned()
    request.getfixturevalue("device")
    assert learned() == near

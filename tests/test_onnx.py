import json
from typing import Any

import numpy as np
import pytest
import torch

from forecast import text
from forecast.data.corpus import Corpus
from forecast.features.inputs import columns
from forecast.forecasters.recurrent import Recurrent
from forecast.models.language import Reading
from forecast.onnx import price_model, save, text_model
from forecast.settings import CellKind, Inputs, Network, Training
from forecast.text_settings import TextNetwork, TextSettings, TextTraining
from tests.made import prices

pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

TRAINING = Training(epochs=5, validation=0.0)


def told(model: Any, windows: np.ndarray) -> np.ndarray:
    session = runtime.InferenceSession(model.SerializeToString())
    return session.run(None, {"windows": windows.astype("float32")})[0]


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize(
    "network", [Network(hidden=4), Network(hidden=3, layers=2, bidirectional=True)]
)
def test_the_runtime_answers_as_the_network_does(kind: CellKind, network: Network) -> None:
    history = prices(80).table
    forecaster = Recurrent(cell=kind, network=network, training=TRAINING)
    (fitted,) = forecaster.fit_many([history], horizon=3)
    known = [history.iloc[:end] for end in (40, 60, 80)]
    values = columns(history, "changes")
    windows = np.stack([values[end - 1 - 7 : end - 1] for end in (40, 60, 80)])
    last = np.array([[each["close"].iloc[-1]] for each in known])
    changes = told(price_model(fitted), windows)
    assert np.abs(changes).max() > 0
    np.testing.assert_allclose(last * np.exp(changes), fitted.forecast(known), rtol=1e-6)


def test_levels_come_out_as_closes_for_any_number_of_samples() -> None:
    history = prices(80).table
    forecaster = Recurrent(inputs=Inputs(inputs="level"), training=TRAINING)
    (fitted,) = forecaster.fit_many([history], horizon=1)
    model = price_model(fitted)
    for count in (1, 5):
        known = [history.iloc[: 80 - at] for at in range(count)]
        windows = np.stack([columns(each, "level")[-7:] for each in known])
        np.testing.assert_allclose(told(model, windows), fitted.forecast(known), rtol=1e-5)


def test_all_seeds_of_an_ensemble_are_in_it() -> None:
    history = prices(80).table
    training = Training(epochs=5, validation=0.0, seeds=3)
    (fitted,) = Recurrent(training=training).fit_many([history], horizon=1)
    changes = told(price_model(fitted), columns(history, "changes")[None, -7:])
    close = history["close"].iloc[-1]
    np.testing.assert_allclose(close * np.exp(changes), fitted.forecast([history]), rtol=1e-6)


def test_the_same_model_gives_the_same_bytes(tmp_path: Any) -> None:
    (fitted,) = Recurrent(training=TRAINING).fit_many([prices(80).table], horizon=1)
    save(tmp_path / "a.onnx", fitted)
    save(tmp_path / "b.onnx", fitted)
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("embedding", [0, 5])
def test_a_model_of_text_reads_any_number_of_texts_of_any_length(
    kind: CellKind, embedding: int
) -> None:
    settings = TextSettings(
        network=TextNetwork(cell=kind, hidden=6, layers=2, embedding=embedding),
        training=TextTraining(epochs=1, window=5, validation=0.0),
    )
    model = text.fit(Corpus.of("if you want to build a ship, " * 9), settings).model
    session = runtime.InferenceSession(text_model(model).SerializeToString())
    names = [each.name for each in session.get_inputs()]
    for samples, time in ((1, 1), (3, 9)):
        tokens = np.random.default_rng(0).integers(0, len(model.vocabulary), (samples, 2 * time))
        state = {name: np.zeros((2, samples, 6), "float32") for name in names[1:]}
        scores = list[np.ndarray]()
        for piece in np.split(tokens, 2, axis=1):
            part, *after = session.run(None, {"tokens": piece, **state})
            state = dict(zip(names[1:], after, strict=True))
            scores.append(part)
        with torch.no_grad():
            wanted = model.network()(Reading(torch.from_numpy(tokens)[None]))[0].numpy()
        np.testing.assert_allclose(np.concatenate(scores, axis=1), wanted, rtol=1e-4, atol=1e-5)
    told = json.loads(session.get_modelmeta().custom_metadata_map["vocabulary"])
    assert told == list(model.vocabulary.names)

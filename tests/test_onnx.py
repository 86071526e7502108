from typing import Any

import numpy as np
import pytest

from forecast.features.inputs import columns
from forecast.forecasters.recurrent import Recurrent
from forecast.onnx import price_model, save
from forecast.settings import CellKind, Inputs, Network, Training
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

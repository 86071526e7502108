"""GluonTS: DeepAR, its recurrent network, learned anew for each fold."""

import numpy as np
import pandas as pd
from answer import answer
from gluonts.dataset.common import ListDataset
from gluonts.torch import DeepAREstimator, PyTorchPredictor
from lightning.pytorch import seed_everything

WINDOW, HIDDEN, BATCHES = 7, 10, 50


def learned(closes: np.ndarray, steps: int, batch: int) -> PyTorchPredictor:
    """DeepAR of one layer; a step sees so many windows."""
    seed_everything(0)
    estimator = DeepAREstimator(
        freq="D",
        prediction_length=1,
        context_length=WINDOW,
        num_layers=1,
        hidden_size=HIDDEN,
        lr=0.01,
        batch_size=batch,
        num_batches_per_epoch=BATCHES,
        trainer_kwargs={
            "max_epochs": steps // BATCHES,
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
        },
    )
    return estimator.train(listed([closes]))


def listed(series: list[np.ndarray]) -> ListDataset:
    """Its own data set; sessions are numbered by calendar days."""
    return ListDataset([{"start": "2000-01-01", "target": each} for each in series], freq="D")


def walk(
    table: pd.DataFrame, *, first: int, stop: int, refit: int, steps: int, batch: int = 32
) -> np.ndarray:
    """Learned anew every `refit` cutoffs, asked at each; the mean of its samples."""
    closes = table["close"].to_numpy("float32")
    found = []
    for cutoff in range(first, stop, refit):
        fitted = learned(closes[:cutoff], steps, batch)
        known = [closes[:end] for end in range(cutoff, min(cutoff + refit, stop))]
        found += [each.mean[0] for each in fitted.predict(listed(known))]
    return np.array(found)


answer("gluonts", {"walk": walk})

"""NeuralForecast: its LSTM, walked by its own `cross_validation`."""

import numpy as np
import pandas as pd
from answer import answer
from neuralforecast import NeuralForecast
from neuralforecast.losses.pytorch import MSE
from neuralforecast.models import LSTM

WINDOW, HIDDEN = 7, 10


def library(
    steps: int,
    others: list[str],
    scaler: str | None = None,
    inner: str = "robust",
    batch: int = 128,
) -> NeuralForecast:
    """The tutorial's network; a step sees so many random windows, 128 by default.

    `inner` is how each window is scaled by the model, "robust" by default; `scaler` how all rows
    are scaled before, not at all by default.
    """
    model = LSTM(
        h=1,
        input_size=WINDOW,
        encoder_hidden_size=HIDDEN,
        encoder_n_layers=1,
        decoder_hidden_size=HIDDEN,
        hist_exog_list=others or None,
        loss=MSE(),
        scaler_type=inner,
        max_steps=steps,
        windows_batch_size=batch,
        learning_rate=0.01,
        random_seed=0,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        enable_checkpointing=False,
        logger=False,
    )
    return NeuralForecast(models=[model], freq=1, local_scaler_type=scaler)


def long(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Its own long table, sessions numbered; and the columns beside the close."""
    rows = table.reset_index(drop=True).rename(columns={"close": "y"})
    rows.insert(0, "ds", range(len(rows)))
    rows.insert(0, "unique_id", "GOOG")
    return rows, [name for name in rows.columns if name not in ("unique_id", "ds", "y")]


def walk(
    table: pd.DataFrame, *, first: int, stop: int, refit: int, steps: int, batch: int = 128
) -> np.ndarray:
    """Learned again every `refit` cutoffs; it goes on from the weights before."""
    rows, others = long(table.iloc[:stop])
    found = library(steps, others, batch=batch).cross_validation(
        rows, n_windows=stop - first, step_size=1, refit=refit
    )
    return found["LSTM"].to_numpy()


def crossed(table: pd.DataFrame, *, first: int, stop: int, steps: int, **chosen: str) -> np.ndarray:
    """`cross_validation` by default settings but the scalers, if any are chosen."""
    rows, _ = long(table.iloc[:stop][["close"]])
    found = library(steps, [], **chosen).cross_validation(rows, n_windows=stop - first)
    return found["LSTM"].to_numpy()


def again(table: pd.DataFrame, *, first: int, stop: int, steps: int) -> np.ndarray:
    """`fit` on everything, then `cross_validation`, both by default settings."""
    rows, _ = long(table.iloc[:stop][["close"]])
    learned = library(steps, [])
    learned.fit(rows)
    return learned.cross_validation(rows, n_windows=stop - first)["LSTM"].to_numpy()


answer("neuralforecast", {"walk": walk, "crossed": crossed, "again": again})

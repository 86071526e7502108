"""Darts: its LSTM, walked by its own `historical_forecasts`."""

import math

import numpy as np
import pandas as pd
from answer import answer
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel

WINDOW, HIDDEN, ALL = 7, 10, 4096


def model(epochs: int, batch: int = ALL) -> BlockRNNModel:
    """The tutorial's network; by default an epoch is a step, from all windows."""
    return BlockRNNModel(
        model="LSTM",
        input_chunk_length=WINDOW,
        output_chunk_length=1,
        hidden_dim=HIDDEN,
        batch_size=batch,
        n_epochs=epochs,
        optimizer_kwargs={"lr": 0.01},
        random_state=0,
        pl_trainer_kwargs={
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
        },
    )


def series(table: pd.DataFrame) -> tuple[TimeSeries, TimeSeries]:
    """The close, and the other columns as past covariates; sessions are numbered."""
    rows = table.reset_index(drop=True).astype("float32")
    others = [name for name in rows.columns if name != "close"]
    return TimeSeries.from_dataframe(rows[["close"]]), TimeSeries.from_dataframe(rows[others])


def walk(
    table: pd.DataFrame, *, first: int, stop: int, refit: int, steps: int, batch: int = ALL
) -> np.ndarray:
    """Learned anew every `refit` cutoffs; scalers are refitted on each history, too."""
    close, others = series(table.iloc[:stop])
    epochs = round(steps / math.ceil(first / batch))
    found = model(epochs, batch).historical_forecasts(
        close,
        past_covariates=others,
        start=first,
        forecast_horizon=1,
        retrain=refit,
        data_transformers={"series": Scaler(), "past_covariates": Scaler()},
        verbose=False,
        show_warnings=False,
    )
    return found.values()


def again(table: pd.DataFrame, *, first: int, stop: int, steps: int) -> np.ndarray:
    """A model that has already learned from everything is walked by default settings."""
    close, _ = series(table.iloc[:stop])
    fitted = model(steps)
    fitted.fit(close)
    found = fitted.historical_forecasts(close, start=first, verbose=False, show_warnings=False)
    return found.values()


answer("darts", {"walk": walk, "again": again})

"""Darts: its LSTM, walked by its own `historical_forecasts`."""

import numpy as np
import pandas as pd
from answer import answer
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel

WINDOW, HIDDEN = 7, 10


def model(steps: int) -> BlockRNNModel:
    """The tutorial's network; all windows in one batch, so that an epoch is a step."""
    return BlockRNNModel(
        model="LSTM",
        input_chunk_length=WINDOW,
        output_chunk_length=1,
        hidden_dim=HIDDEN,
        batch_size=4096,
        n_epochs=steps,
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


def walk(table: pd.DataFrame, *, first: int, stop: int, refit: int, steps: int) -> np.ndarray:
    """Learned anew every `refit` cutoffs; scalers are refitted on each history, too."""
    close, others = series(table.iloc[:stop])
    found = model(steps).historical_forecasts(
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

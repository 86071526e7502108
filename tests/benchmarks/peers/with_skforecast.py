"""skforecast: ridge and its recurrent network, walked by its own backtesting."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import pandas as pd
from answer import answer
from skforecast.deep_learning import ForecasterRnn, create_and_compile_model
from skforecast.model_selection import (
    TimeSeriesFold,
    backtesting_forecaster,
    backtesting_forecaster_multiseries,
)
from skforecast.recursive import ForecasterRecursive
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler

WINDOW, HIDDEN = 7, 10


def ridge(table: pd.DataFrame, *, first: int, stop: int, steps: int) -> np.ndarray:
    """`backtesting_forecaster` by default settings, prices scaled; ridge takes no steps."""
    del steps
    closes = table["close"].reset_index(drop=True)[:stop]
    forecaster = ForecasterRecursive(Ridge(), lags=WINDOW, transformer_y=MinMaxScaler())
    cv = TimeSeriesFold(steps=1, initial_train_size=first, verbose=False)
    found = backtesting_forecaster(
        forecaster, closes, cv, "mean_squared_error", show_progress=False
    )
    return found[1]["pred"].to_numpy()


def network(
    table: pd.DataFrame, *, first: int, stop: int, steps: int, fitted: bool = False
) -> np.ndarray:
    """Its network by default settings; where `fitted`, one that has learned from everything."""
    series = table[["close"]].reset_index(drop=True)[:stop]
    keras.utils.set_random_seed(0)
    shape = create_and_compile_model(
        series, lags=WINDOW, steps=1, recurrent_units=HIDDEN, dense_units=None
    )
    how = {"epochs": steps, "verbose": 0, "shuffle": False}
    forecaster = ForecasterRnn(shape, levels="close", lags=WINDOW, fit_kwargs=how)
    if fitted:
        forecaster.fit(series)
    found = backtesting_forecaster_multiseries(
        forecaster=forecaster,
        series=series,
        cv=TimeSeriesFold(steps=1, initial_train_size=first, verbose=False),
        metric="mean_squared_error",
        show_progress=False,
        suppress_warnings=True,
    )
    return found[1]["pred"].to_numpy()


answer("skforecast", {"ridge": ridge, "network": network})

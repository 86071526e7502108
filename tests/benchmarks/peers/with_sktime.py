"""sktime: ridge as a reduction, walked by its own `evaluate`."""

import numpy as np
import pandas as pd
from answer import answer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import MinMaxScaler
from sktime.forecasting.compose import TransformedTargetForecaster, make_reduction
from sktime.forecasting.model_evaluation import evaluate
from sktime.split import ExpandingWindowSplitter
from sktime.transformations.series.adapt import TabularToSeriesAdaptor

WINDOW = 7


def ridge(table: pd.DataFrame, *, first: int, stop: int, steps: int) -> np.ndarray:
    """`evaluate` by default settings, prices scaled in a pipeline; ridge takes no steps."""
    del steps
    closes = table["close"].reset_index(drop=True)[:stop]
    scale = TabularToSeriesAdaptor(MinMaxScaler())
    forecaster = TransformedTargetForecaster([scale, make_reduction(Ridge(), window_length=WINDOW)])
    cv = ExpandingWindowSplitter(fh=[1], initial_window=first, step_length=1)
    found = evaluate(forecaster=forecaster, y=closes, cv=cv, return_data=True)
    return np.concatenate([each.to_numpy().ravel() for each in found["y_pred"]])


answer("sktime", {"ridge": ridge})

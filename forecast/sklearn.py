"""The recurrent network as a scikit-learn regressor: for its pipelines, searches and tests.

Each row of X is one window, oldest numbers first: the values of the first step, then of the next.
"""

from numbers import Integral
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Float
from sklearn.base import BaseEstimator, MultiOutputMixin, RegressorMixin
from sklearn.utils import check_random_state  # pyright: ignore[reportUnknownVariableType] - untyped
from sklearn.utils.validation import (
    check_is_fitted,  # pyright: ignore[reportUnknownVariableType] - untyped
    validate_data,  # pyright: ignore[reportUnknownVariableType] - untyped
)

from forecast.cells import SMALL, Cell
from forecast.features.scaling import MinMax
from forecast.models.many_to_one import ManyToOne
from forecast.settings import MOST, BackendName, CellKind, Compute, Network, Training
from forecast.shapes import Table
from forecast.training.batches import split, stack
from forecast.training.compute import threads_of
from forecast.training.loop import train

BOUNDS = (-1.0, 1.0)


class RecurrentRegressor(MultiOutputMixin, RegressorMixin, BaseEstimator):
    """An LSTM, GRU or RNN with a linear head, on the processor; one or several targets.

    X is (sample, window * features), y is (sample,) or (sample, target). Inputs are MinMax-scaled
    feature by feature, targets standardised, both from the rows given to `fit` and no others. The
    last share `validation` of these rows, in their order, decides when learning stops; with 0, as
    for scikit-learn's own networks, `epochs` alone does.

    Attributes:
        n_iter_: epochs until the best weights.
        loss_curve_: (epoch,) loss on the rows learned from, the untrained network first.

    >>> from forecast.features.windows import build_dataset
    >>> windows, ahead = build_dataset(np.sin(np.arange(200.0) / 3)[:, None], window=8)
    >>> X, y = windows.reshape(len(windows), -1), ahead[:, 0]
    >>> round(RecurrentRegressor().fit(X[:150], y[:150]).score(X[150:], y[150:]), 1)
    1.0
    """

    def __init__(  # noqa: PLR0913 - scikit-learn wants each parameter by its name
        self,
        *,
        cell: CellKind = "lstm",
        features: int = 1,
        hidden: int = 10,
        layers: int = 1,
        bidirectional: bool = False,
        epochs: int = 300,
        learning_rate: float = 0.01,
        batch: int = 0,
        validation: float = 0.0,
        patience: int = 30,
        backend: BackendName = "auto",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        """Parameters as in `forecast.Network` and `forecast.Training`; `features` are per step.

        `random_state` is as everywhere in scikit-learn: None makes another network each time.
        """
        self.cell: CellKind = cell
        self.features = features
        self.hidden = hidden
        self.layers = layers
        self.bidirectional = bidirectional
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.batch = batch
        self.validation = validation
        self.patience = patience
        self.backend: BackendName = backend
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "RecurrentRegressor":
        """Learn from windows and what followed them.

        Raises:
            ValueError: the rows cannot be cut into steps of `features` numbers, or hold no numbers.
            SettingError: a parameter is out of its range.
        """
        given: tuple[np.ndarray, np.ndarray] = cast(
            Any, validate_data(self, X, y, multi_output=True, y_numeric=True, dtype="float64")
        )
        rows, wanted = given
        Network(hidden=self.hidden, layers=self.layers, bidirectional=self.bidirectional)
        state = self.random_state
        seed = state if isinstance(state, Integral) else check_random_state(state).randint(MOST)
        how = Training(
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            batch=self.batch,
            validation=self.validation,
            patience=self.patience,
            seed=int(seed),
        )
        targets = wanted.reshape(len(wanted), -1)
        self._inputs = MinMax.fit(self._steps(rows).reshape(-1, self.features), BOUNDS)
        spread = targets.std(axis=0)
        self._mean, self._spread = targets.mean(axis=0), np.where(spread == 0.0, 1.0, spread)
        self._flat = wanted.ndim == 1
        dataset = self._windows(rows), (targets - self._mean) / self._spread
        early, late = split(dataset, self.validation)
        network = self._network(how.seed)
        with threads_of(Compute(), small=self.hidden <= SMALL):
            judge = stack([[late]]) if len(late[1]) else None
            curves = train(network, stack([[early]]), judge, how)
        named = network.named_parameters()
        self._weights = {name: weight.detach().numpy() for name, weight in named}
        self.n_iter_ = max(curves.best[0], 1)
        self.loss_curve_ = curves.training[0]
        return self

    def predict(self, X: Any) -> Any:
        """Answers of shape (sample,) or (sample, target), as y had; each from its own row alone."""
        check_is_fitted(self)
        rows: np.ndarray = cast(Any, validate_data(self, X, reset=False, dtype="float64"))
        network = self._network()
        weights = {name: torch.from_numpy(weight) for name, weight in self._weights.items()}
        network.load_state_dict(weights)
        network.eval()
        with torch.no_grad():
            windows = torch.from_numpy(self._windows(rows).astype("float32"))
            outputs = network(windows[None])[0].numpy().astype("float64")
        answers = outputs * self._spread + self._mean
        return answers[:, 0] if self._flat else answers

    def _windows(self, rows: Table) -> Float[np.ndarray, "row time _"]:
        return self._inputs.scale(self._steps(rows))

    def _steps(self, rows: Table) -> Float[np.ndarray, "row time _"]:
        if self.features < 1 or rows.shape[1] % self.features:
            raise ValueError(
                f"rows of {rows.shape[1]} numbers; features {self.features} needs a multiple of it,"
                " the steps of a window one after the other"
            )
        return rows.reshape(len(rows), -1, self.features)

    def _network(self, seed: int = 0) -> ManyToOne:
        cell = Cell(
            kind=self.cell,
            features=self.features,
            hidden=self.hidden,
            layers=self.layers,
            bidirectional=self.bidirectional,
        )
        return ManyToOne(cell, len(self._mean), [seed], backend=self.backend, quiet_head=False)

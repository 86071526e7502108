"""Recurrent networks as forecasters: inputs, scaling, windows, learning, and the way back to prices.

All histories are learned together, as one stack of models of one shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

import numpy as np
import pandas as pd
import torch

from forecast.cells import Cell
from forecast.errors import CheckpointError, ForecastError, SettingError
from forecast.features.inputs import FittedInputs
from forecast.forecasters.base import Curve
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind, Compute, Inputs, Network, Settings, Training
from forecast.shapes import Answers
from forecast.training.batches import Dataset, split, stack
from forecast.training.checkpoint import Checkpoint
from forecast.training.loop import train
from forecast.training.progress import Progress, silent


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrent:
    """An LSTM, GRU or RNN that reads a window and answers for every horizon at once."""

    cell: CellKind = "lstm"
    inputs: Inputs = Inputs()
    network: Network = Network()
    training: Training = Training()
    compute: Compute = Compute()
    progress: Progress = field(default=silent, compare=False)

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedRecurrent]":
        return self.refit_many([], histories, horizon)

    def refit_many(
        self, before: "Sequence[FittedRecurrent]", histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedRecurrent]":
        """As `fit_many`, each starting from the weights of an earlier fit; none starts afresh."""
        inputs = [FittedInputs.of(history, self.inputs, horizon) for history in histories]
        datasets = [each.dataset(history) for each, history in zip(inputs, histories, strict=True)]
        networks = self.networks(len(inputs[0].names), len(histories), horizon)
        if before:
            _load(networks, [each.weights for each in before])
        curves = self._learn(networks, datasets)
        weights = {name: each.detach().cpu().numpy() for name, each in networks.named_parameters()}
        return [
            FittedRecurrent(
                settings=self,
                inputs=fitted,
                weights={name: weight[model].copy() for name, weight in weights.items()},
                curve=curve,
            )
            for model, (fitted, curve) in enumerate(zip(inputs, curves, strict=True))
        ]

    def _learn(self, networks: ManyToOne, datasets: Sequence[Dataset]) -> list[Curve]:
        parts = [split(each, self.training.validation) for each in datasets]
        device = device_of(self.compute)
        judged = all(len(targets) for _, (_, targets) in parts)
        curves = train(
            networks.to(device),
            stack([early for early, _ in parts]).to(device),
            stack([late for _, late in parts]).to(device) if judged else None,
            self.training,
            progress=self.progress,
        )
        return [
            Curve(
                training=curves.training[model],
                validation=curves.validation[model],
                best=curves.best[model],
                diverged=curves.diverged[model],
            )
            for model in range(len(datasets))
        ]

    def networks(self, features: int, models: int, horizon: int) -> ManyToOne:
        """A fresh stack of networks of this shape."""
        cell = Cell(
            kind=self.cell,
            features=features,
            hidden=self.network.hidden,
            layers=self.network.layers,
            bidirectional=self.network.bidirectional,
            dropout=self.network.dropout,
        )
        return ManyToOne(
            cell,
            horizon,
            [self.training.seed] * models,
            backend=self.compute.backend,
            quiet_head=self.inputs.inputs == "changes",
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedRecurrent:
    """One network that has learned from one history, with the scaling of that history."""

    settings: Recurrent
    inputs: FittedInputs
    weights: Mapping[str, np.ndarray]
    curve: Curve

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        windows = torch.from_numpy(self.inputs.windows(histories).astype("float32"))
        network = self.settings.networks(len(self.inputs.names), 1, self.inputs.horizon)
        _load(network, [self.weights])
        network.eval()
        with torch.no_grad():
            outputs = network(windows[None])[0]
        return self.inputs.prices(outputs.numpy().astype("float64"), histories)

    def checkpoint(self) -> Checkpoint:
        about = {
            "cell": self.settings.cell,
            "network": asdict(self.settings.network),
            "training": asdict(self.settings.training),
            "inputs": self.inputs.as_json(),
            "best": self.curve.best,
        }
        return Checkpoint(self.weights, about)


def restore(checkpoint: Checkpoint) -> FittedRecurrent:
    """The fitted network that was saved.

    Raises:
        CheckpointError: the description or the shapes are not those of such a network.
    """
    try:
        about = checkpoint.about
        inputs = FittedInputs.from_json(about["inputs"])
        settings = Recurrent(
            cell=about["cell"],
            inputs=inputs.settings,
            network=Network(**about["network"]),
            training=Training(**about["training"]),
        )
        _load(settings.networks(len(inputs.names), 1, inputs.horizon), [checkpoint.weights])
        nothing = np.empty(0)
        curve = Curve(training=nothing, validation=nothing, best=about["best"], diverged=False)
    except (KeyError, TypeError, ValueError, RuntimeError, ForecastError) as error:
        reason = str(error).splitlines()[0][:200]
        raise CheckpointError(
            f"the saved model is not one that this version can make ({reason}); fit it again"
        ) from error
    return FittedRecurrent(
        settings=settings, inputs=inputs, weights=checkpoint.weights, curve=curve
    )


def _load(networks: ManyToOne, weights: Sequence[Mapping[str, np.ndarray]]) -> None:
    names = weights[0].keys()
    stacked = {name: torch.from_numpy(np.stack([each[name] for each in weights])) for name in names}
    networks.load_state_dict(stacked)


def device_of(compute: Compute) -> torch.device:
    """The device asked for, or for `auto` the first of CUDA, MPS, CPU that is there.

    Raises:
        SettingError: a device was asked for that this machine or this torch does not have.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if compute.device == "auto":
        return torch.device(next((name for name, works in there.items() if works), "cpu"))
    if not there.get(compute.device, True):
        raise SettingError(f"device {compute.device} is not available here; try --device auto")
    return torch.device(compute.device)


def named(name: str, settings: Settings, progress: Progress) -> Recurrent:
    """The network with the cell of this name."""
    return Recurrent(
        cell=cast(CellKind, name),
        inputs=settings.inputs,
        network=settings.network,
        training=settings.training,
        compute=settings.compute,
        progress=progress,
    )

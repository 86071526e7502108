"""Recurrent networks as forecasters: from histories to windows to learning, and back to prices.

All histories are learned together, as one stack of models of one shape.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from forecast.cells import SMALL, Cell
from forecast.errors import CheckpointError, ForecastError
from forecast.features.inputs import FittedInputs
from forecast.forecasters.base import Curve
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind, Compute, Inputs, Network, Settings, Training
from forecast.shapes import Answers
from forecast.training.batches import Dataset, joined, split, stack
from forecast.training.checkpoint import Checkpoint
from forecast.training.compute import device_of, threads_of
from forecast.training.loop import train
from forecast.training.progress import Progress, silent
from forecast.training.shrinkage import supported


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
        parts = [
            split(each.dataset(history), self.training.validation)
            for each, history in zip(inputs, histories, strict=True)
        ]
        groups = self._groups(histories)
        networks = self.networks(len(inputs[0].names), len(groups), horizon)
        if before:
            _load(networks, [before[group[0]].weights for group in groups])
        with threads_of(self.compute, small=self.network.hidden <= SMALL):
            curves, shares = self._learn(
                networks, [[parts[at] for at in group] for group in groups]
            )
        weights = {name: each.detach().cpu().numpy() for name, each in networks.named_parameters()}
        fits = {
            at: FittedRecurrent(
                settings=self,
                inputs=inputs[at],
                weights={name: weight[model].copy() for name, weight in weights.items()},
                share=shares[model],
                curve=curves[model],
            )
            for model, group in enumerate(groups)
            for at in group
        }
        return [fits[at] for at in range(len(histories))]

    def _groups(self, histories: Sequence[pd.DataFrame]) -> list[list[int]]:
        """Which histories share a network: if pooled, those that end on the same session.

        Others would let a network learn from what came after a history's end.
        """
        if not self.training.pooled:
            return [[at] for at in range(len(histories))]
        groups = dict[pd.Timestamp, list[int]]()
        for at, history in enumerate(histories):
            groups.setdefault(history.index[-1], []).append(at)
        return list(groups.values())

    def _learn(
        self, networks: ManyToOne, groups: Sequence[Sequence[tuple[Dataset, Dataset]]]
    ) -> tuple[list[Curve], Float[np.ndarray, "model horizon"]]:
        device = device_of(self.compute)
        early, late = ([joined([parts[i] for parts in group]) for group in groups] for i in (0, 1))
        learn, judge = stack(early).to(device), None
        if all(len(targets) for _, targets in late):
            judge = stack(late).to(device)
        networks.to(device)
        curves = train(networks, learn, judge, self.training, progress=self.progress)
        shares = torch.ones_like(learn.targets[:, 0])
        if judge is not None and self.training.trust and self.inputs.inputs == "changes":
            networks.eval()
            with torch.no_grad():
                together = torch.tensor([float(len(group)) for group in groups], device=device)
                outputs = networks(judge.inputs)
                shares = supported(outputs, judge, self.training.trust, together)
        each = [
            Curve(
                training=curves.training[model],
                validation=curves.validation[model],
                best=curves.best[model],
                diverged=curves.diverged[model],
            )
            for model in range(len(groups))
        ]
        return each, shares.cpu().numpy().astype("float64")

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
    """One network that has learned from one history, with the scaling of that history.

    Of each output only the `share` is answered that the validation supports.
    """

    settings: Recurrent
    inputs: FittedInputs
    weights: Mapping[str, np.ndarray]
    share: Float[np.ndarray, " horizon"]
    curve: Curve

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        windows = torch.from_numpy(self.inputs.windows(histories).astype("float32"))
        network = self.settings.networks(len(self.inputs.names), 1, self.inputs.horizon)
        _load(network, [self.weights])
        network.eval()
        with torch.no_grad():
            outputs = network(windows[None])[0]
        return self.inputs.prices(self.share * outputs.numpy().astype("float64"), histories)

    def checkpoint(self) -> Checkpoint:
        about = {
            "cell": self.settings.cell,
            "network": asdict(self.settings.network),
            "training": asdict(self.settings.training),
            "inputs": self.inputs.as_json(),
            "share": self.share.tolist(),
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
        share = np.array(about["share"], dtype="float64").reshape(inputs.horizon)
        nothing = np.empty(0)
        curve = Curve(training=nothing, validation=nothing, best=about["best"], diverged=False)
    except (KeyError, TypeError, ValueError, RuntimeError, ForecastError) as error:
        reason = str(error).splitlines()[0][:200]
        raise CheckpointError(
            f"the saved model is not one that this version can make ({reason}); fit it again"
        ) from error
    return FittedRecurrent(
        settings=settings, inputs=inputs, weights=checkpoint.weights, share=share, curve=curve
    )


def _load(networks: ManyToOne, weights: Sequence[Mapping[str, np.ndarray]]) -> None:
    names = weights[0].keys()
    stacked = {name: torch.from_numpy(np.stack([each[name] for each in weights])) for name in names}
    networks.load_state_dict(stacked)


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

"""Recurrent networks as forecasters: from histories to windows to learning, and back to prices.

All histories are learned together, as one stack of models of one shape.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float

from forecast.cells import Cell, choose
from forecast.features.readings import Reading, from_json, reading
from forecast.features.scaling import numbers
from forecast.forecasters.base import Curve
from forecast.forecasters.kept import WORK, Kept, key_of
from forecast.forecasters.learning import Lesson, Weights, learn
from forecast.forecasters.stacks import Group, Portion, cut, grouped, through, with_one_drift
from forecast.models.many_to_one import ManyToOne
from forecast.progress import Progress, silent
from forecast.settings import CellKind, Compute, Inputs, Network, Settings, Target, Training
from forecast.shapes import Answers
from forecast.training.batches import Dataset, split
from forecast.training.checkpoint import FOREIGN, Checkpoint
from forecast.training.compute import device_of
from forecast.training.loop import refuse_lost
from forecast.training.memory import budget
from forecast.training.need import Need


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrent:
    """An LSTM, GRU or RNN that reads a window and answers for every horizon at once."""

    cell: CellKind = "lstm"
    target: Target = Target()
    inputs: Inputs = Inputs()
    network: Network = Network()
    training: Training = Training()
    compute: Compute = Compute()
    progress: Progress = field(default=silent, compare=False)
    kept: Kept | None = field(default=None, compare=False)

    def keeping(self, folder: Path) -> "Recurrent":
        """The same; each portion that has learned is kept in the folder, and found there again."""
        return replace(self, kept=Kept(folder))

    def fit_many(
        self, histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedRecurrent]":
        return self.refit_many([], histories, horizon)

    def refit_many(
        self, before: "Sequence[FittedRecurrent]", histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[FittedRecurrent]":
        """As `fit_many`, each starting from the weights of an earlier fit; none starts afresh."""
        return self._fit([self], before, histories, horizon)[0]

    def fit_trials(
        self, trials: "Sequence[Recurrent]", histories: Sequence[pd.DataFrame], horizon: int
    ) -> "Sequence[Sequence[FittedRecurrent]]":
        """As `fit_many` by each of the trials, which all learn together as one stack.

        They may differ from this forecaster in learning rate and trust alone: see `like`.
        """
        return self._fit(trials, [], histories, horizon)

    @property
    def like(self) -> "Recurrent":
        """What trials must have in common to learn together: all but learning rate and trust."""
        believes = float(self.training.trust > 0)
        return replace(self, training=replace(self.training, learning_rate=1.0, trust=believes))

    def _fit(
        self,
        trials: "Sequence[Recurrent]",
        before: "Sequence[FittedRecurrent]",
        histories: Sequence[pd.DataFrame],
        horizon: int,
    ) -> "list[list[FittedRecurrent]]":
        inputs = [reading(each, self.inputs, self.target, horizon) for each in histories]
        portions = self._portions(histories, inputs, len(trials))
        if self.pooled and self.inputs.inputs == "changes":
            inputs = with_one_drift(inputs, portions)
        fits = [dict[int, FittedRecurrent]() for _ in trials]
        hows = [_shortened(each.taught) if before else each.taught for each in trials]
        for at, portion in enumerate(portions):
            start = [before[each.members[0]].weights for each in portion.groups] if before else []
            onward = through(self.progress, at, len(portions))
            lessons = self._lessons(portion, histories, inputs, start, hows, onward)
            for group, (weights, share, curve) in zip(portion.groups, lessons, strict=True):
                for i in group.members:
                    fits[group.trial][i] = FittedRecurrent(
                        settings=trials[group.trial],
                        inputs=inputs[i],
                        weights=weights,
                        share=share,
                        curve=curve,
                    )
        refuse_lost([each.curve.diverged for own in fits for each in own.values()], hows[0])
        return [[own[at] for at in range(len(histories))] for own in fits]

    def _lessons(
        self,
        portion: Portion,
        histories: Sequence[pd.DataFrame],
        inputs: Sequence[Reading],
        start: Sequence[Weights],
        hows: Sequence[Training],
        progress: Progress,
    ) -> list[Lesson]:
        """What a portion learns, or has learned before where that is kept."""
        names, horizon, key = portion.groups[0].names, inputs[0].horizon, ""
        if self.kept:
            own = [histories[at] for group in portion.groups for at in group.members]
            key = key_of((self._facts, hows, horizon, portion), own, start)
            if found := self.kept.find(key):
                return found
        networks = self.networks(len(names), len(portion.groups), horizon)
        if start:
            _load(networks, start)
        parts = [self._parts(group, histories, inputs) for group in portion.groups]
        lessons = learn(networks, portion, parts, hows, self.compute, progress)
        if self.kept:
            self.kept.keep(key, lessons)
        return lessons

    @property
    def _facts(self) -> tuple[object, ...]:
        """Whatever moves the bits of what is learned, beside its training and its histories."""
        where = (self.compute.device, self.compute.backend)
        return (self.cell, self.target, self.inputs, self.network, *where)

    @property
    def pooled(self) -> bool:
        """Whether one history moves the fit of another."""
        return self.training.pooled

    @property
    def taught(self) -> Training:
        """The training as it is done: levels shrunk towards zero would be no prices."""
        if self.inputs.inputs == "changes":
            return self.training
        return replace(self.training, trust=0.0)

    def _portions(
        self, histories: Sequence[pd.DataFrame], inputs: Sequence[Reading], trials: int
    ) -> list[Portion]:
        """Every group of histories for every trial, in portions that fit into memory."""
        how, device = self.training, device_of(self.compute)
        groups = grouped(histories, inputs, how.validation, pooled=how.pooled)
        groups = [replace(group, trial=trial) for trial in range(trials) for group in groups]

        def native(group: Group) -> bool:
            cell = self.cell_of(len(group.names))
            return choose(self.compute.backend, cell, device, 1, batch=how.batch) == "native"

        def of_one(group: Group) -> Need:
            shape = (self.cell_of(len(group.names)), self.inputs.window, inputs[0].horizon)
            return Need(*shape, native(group), how.batch, len(group.members))

        def need(group: Group) -> int:
            return how.seeds * of_one(group).bytes(group.learn, group.judge)

        def work(group: Group) -> int:
            numbers = sum(map(math.prod, self.cell_of(len(group.names)).shapes.values()))
            return 6 * how.seeds * how.epochs * group.learn * self.inputs.window * numbers

        padded = bool(how.batch) or not all(map(native, groups))
        most = max(1, int(WORK // max(map(work, groups), default=1))) if self.kept else len(groups)
        allowed = budget(self.compute, max((of_one(each).desk for each in groups), default=0))
        return cut(groups, need, allowed, most=most, padded=padded)

    def _parts(
        self, group: Group, histories: Sequence[pd.DataFrame], inputs: Sequence[Reading]
    ) -> tuple[Sequence[Dataset], Sequence[Dataset]]:
        """The earlier samples of all members, and their later ones."""
        datasets = [inputs[at].dataset(histories[at]) for at in group.members]
        share = self.training.validation
        early, late = zip(*(split(each, share) for each in datasets), strict=True)
        return early, late

    def cell_of(self, features: int) -> Cell:
        """The recurrence of a network that reads so many columns."""
        return Cell(
            kind=self.cell,
            features=features,
            hidden=self.network.hidden,
            layers=self.network.layers,
            bidirectional=self.network.bidirectional,
            dropout=self.network.dropout,
        )

    def networks(self, features: int, groups: int, horizon: int) -> ManyToOne:
        """A fresh stack of networks of this shape: for each group, one for each seed."""
        own = range(self.training.seed, self.training.seed + self.training.seeds)
        return ManyToOne(
            self.cell_of(features),
            horizon,
            [*own] * groups,
            backend=self.compute.backend,
            quiet_head=self.inputs.inputs == "changes",
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FittedRecurrent:
    """Networks that have learned from one history, one for each seed, with its scaling.

    They answer with the mean of their outputs, which are log changes where inputs are changes, and
    of that only with the `share` that the validation supports. The curve is the first seed's.
    """

    settings: Recurrent
    inputs: Reading
    weights: Weights
    share: Float[np.ndarray, " horizon"]
    curve: Curve

    def forecast(self, histories: Sequence[pd.DataFrame]) -> Answers:
        windows = torch.from_numpy(self.inputs.windows(histories).astype("float32"))
        network = self.settings.networks(len(self.inputs.names), 1, self.inputs.horizon)
        _load(network, [self.weights])
        network.eval()
        with torch.no_grad():
            outputs = network(windows.expand(self.settings.training.seeds, *windows.shape))
            mean = outputs.mean(dim=0).numpy().astype("float64")
        return self.inputs.prices(self.share * mean, histories)

    def checkpoint(self) -> Checkpoint:
        about = {
            "cell": self.settings.cell,
            "target": asdict(self.settings.target),
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
        inputs = from_json(about["inputs"])
        settings = Recurrent(
            cell=about["cell"],
            target=Target(**about["target"]),
            inputs=inputs.settings,
            network=Network(**about["network"]),
            training=Training(**about["training"]),
        )
        weights, cell = dict(checkpoint.weights), settings.cell_of(len(inputs.names))
        seeds = settings.training.seeds
        shapes = cell.shapes | {"head_weight": (inputs.horizon, cell.directions * cell.hidden)}
        checkpoint.require({name: (seeds, *shape) for name, shape in shapes.items()})
        _load(settings.networks(len(inputs.names), 1, inputs.horizon), [weights])
        share = numbers(about["share"]).reshape(inputs.horizon)
        nothing = np.empty(0)
        curve = Curve(training=nothing, validation=nothing, best=about["best"], diverged=False)
    except FOREIGN as error:
        raise checkpoint.refusal(error) from error
    return FittedRecurrent(
        settings=settings, inputs=inputs, weights=weights, share=share, curve=curve
    )


def _shortened(how: Training) -> Training:
    """A tenth of the steps and of the patience, for weights that have learned before."""
    return replace(how, epochs=math.ceil(how.epochs / 10), patience=math.ceil(how.patience / 10))


def _load(networks: ManyToOne, weights: Sequence[Mapping[str, np.ndarray]]) -> None:
    """Put the weights of each group, one after the other, into a stack."""
    joint = {name: np.concatenate([each[name] for each in weights]) for name in weights[0]}
    networks.load_state_dict({name: torch.from_numpy(each) for name, each in joint.items()})


def named(name: str, settings: Settings, progress: Progress) -> Recurrent:
    """The network with the cell of this name."""
    return Recurrent(
        cell=cast(CellKind, name),
        target=settings.target,
        inputs=settings.inputs,
        network=settings.network,
        training=settings.training,
        compute=settings.compute,
        progress=progress,
    )

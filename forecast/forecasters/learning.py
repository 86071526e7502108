"""One portion of a stack learns: each group its networks, and how far they are to be believed."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float

from forecast.cells import SMALL, choose
from forecast.forecasters.base import Curve
from forecast.forecasters.stacks import Portion
from forecast.models.many_to_one import ManyToOne
from forecast.progress import Progress
from forecast.settings import Compute, Training
from forecast.training.batches import Dataset, Samples, stack, total
from forecast.training.checkpoint import refuse_unreadable
from forecast.training.compute import device_of, threads_of
from forecast.training.course import Course
from forecast.training.loop import Curves, attempt
from forecast.training.shrinkage import supported

_log = logging.getLogger(__name__)

Weights = dict[str, Float[np.ndarray, "seed ..."]]


class Lesson(NamedTuple):
    """What one group learned: weights of each seed, one share for all, the first seed's curve."""

    weights: Weights
    share: Float[np.ndarray, " horizon"]
    curve: Curve


def learn(
    networks: ManyToOne,
    portion: Portion,
    parts: Sequence[tuple[Sequence[Dataset], Sequence[Dataset]]],
    trials: Sequence[Training],
    compute: Compute,
    progress: Progress,
) -> list[Lesson]:
    """Teach these networks, one for each seed and group in a row, the group's samples.

    `parts` are of each group the earlier and the later samples of its members.

    `trials` are the trainings that groups name by their number. They differ in nothing but learning
    rate and trust; where trust is 0 no share of the answers is taken back, see `supported`.

    Raises:
        SettingError: one of them has too many weights to be saved.
    """
    device, how = device_of(compute), trials[0]
    groups = len(portion.groups)
    refuse_unreadable((each.numel() // groups,) for each in networks.parameters())
    early, late = ([part[half] for part in parts for _ in range(how.seeds)] for half in (0, 1))
    samples, judge = stack(early, portion.learn).to(device), None
    if all(group.judge for group in portion.groups):
        judge = stack(late, portion.judge).to(device)
    networks.to(device)
    where = (device, len(samples.targets))
    networks.backend = choose(networks.backend, networks.cell, *where, batch=how.batch)
    with threads_of(compute, small=networks.cell.hidden <= SMALL):
        course = replace(Course.of(how), paces=_paces(portion, trials))
        curves = attempt(networks, samples, judge, course, progress=progress)
        done = (len(samples.targets), len(curves.training[0]) - 1, device)
        _log.info("%d networks learned for %d epochs on %s", *done)
        shares = torch.ones_like(samples.targets[:: how.seeds, 0])
        if judge is not None and how.trust:
            shares = _believed(networks, judge, trials, portion)
    weights = {name: each.detach().cpu().numpy() for name, each in networks.named_parameters()}
    believed = shares.cpu().numpy().astype("float64")
    lessons = list[Lesson]()
    for group, share in enumerate(believed):
        own = slice(group * how.seeds, (group + 1) * how.seeds)
        lessons.append(
            Lesson(
                {name: each[own].copy() for name, each in weights.items()},
                share,
                _curve(curves, own),
            )
        )
    return lessons


def _paces(portion: Portion, trials: Sequence[Training]) -> tuple[float, ...]:
    """How much faster than by the first trial each model learns; none where there is but one."""
    if len(trials) == 1:
        return ()
    first = trials[0].learning_rate
    own = [trials[group.trial].learning_rate / first for group in portion.groups]
    return tuple(pace for pace in own for _ in range(trials[0].seeds))


@torch.no_grad()
def _believed(
    networks: ManyToOne, judge: Samples, trials: Sequence[Training], portion: Portion
) -> Float[torch.Tensor, "group horizon"]:
    """The share of each group's mean answer that its later samples support."""
    networks.eval()
    seeds = trials[0].seeds
    own = Samples(*(each[::seeds] for each in judge[:3]))
    mean = total(networks(judge.inputs).unflatten(0, (len(portion.groups), seeds))) / seeds
    trust = mean.new_tensor([trials[group.trial].trust for group in portion.groups])
    together = mean.new_tensor([float(len(group.members)) for group in portion.groups])
    return supported(mean, own, trust, together)


def _curve(curves: Curves, own: slice) -> Curve:
    return Curve(
        training=curves.training[own.start],
        validation=curves.validation[own.start],
        best=curves.best[own][0],
        diverged=any(curves.diverged[own]),
    )

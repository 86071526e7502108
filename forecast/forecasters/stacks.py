"""Which histories learn together: those that share a network, and the portions of a stack.

A group is learned by one network, or by one for each seed. Groups of the same columns form a stack,
which is cut into portions that fit into memory. No cut moves a result by one bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecast.cells import FEW
from forecast.features.inputs import FittedInputs
from forecast.features.readings import Reading
from forecast.progress import Progress
from forecast.training.batches import halves
from forecast.training.memory import portions

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Histories, by their place in the row that was given, of one network for each seed.

    `learn` and `judge` count the samples that it learns from and is judged by. `trial` numbers the
    settings that it learns by, where several are tried.
    """

    names: Names
    members: tuple[int, ...]
    learn: int
    judge: int
    trial: int = 0


@dataclass(frozen=True, slots=True)
class Portion:
    """Groups that learn at once, padded to the samples of `learn` and `judge` at least."""

    groups: Sequence[Group]
    learn: int = 0
    judge: int = 0


def grouped(
    histories: Sequence[pd.DataFrame],
    inputs: Sequence[Reading],
    validation: float,
    *,
    pooled: bool,
) -> list[Group]:
    """Each history alone or, if pooled, those that end on the same session with the same columns.

    Others would let a network learn from what came after a history's end.

    Raises:
        DataError: a history is too short for one sample.
    """
    found = dict[object, list[int]]()
    for at, (history, own) in enumerate(zip(histories, inputs, strict=True)):
        key = (own.names, history.index[-1]) if pooled else at
        found.setdefault(key, []).append(at)
    counts = [
        halves(own.samples(history), validation, own.horizon)
        for history, own in zip(histories, inputs, strict=True)
    ]
    return [
        Group(
            inputs[members[0]].names,
            tuple(members),
            sum(counts[at][0] for at in members),
            sum(counts[at][1] for at in members),
        )
        for members in found.values()
    ]


def cut(
    groups: Sequence[Group],
    need: Callable[[Group], int],
    allowed: int,
    *,
    most: int,
    padded: bool,
) -> list[Portion]:
    """The portions of each stack, at most so many groups each, those with the fewest samples first.

    `need` is in bytes. Where padding could move a last digit, all portions are `padded` alike: so
    it does, too, where few samples become many by it.

    Raises:
        TrainingError: one group alone does not fit into what is allowed.
    """
    stacks = dict[object, list[Group]]()
    for group in groups:
        # Whoever is judged by nothing learns to the last epoch, which is another way to learn.
        stacks.setdefault((group.names, group.judge > 0), []).append(group)
    found = list[Portion]()
    for stack in stacks.values():
        stack.sort(key=lambda group: group.learn + group.judge)
        alike = padded or any(0 < count < FEW for own in stack for count in (own.learn, own.judge))
        room = (stack[-1].learn, stack[-1].judge) if alike else (0, 0)
        runs = portions([need(stack[-1] if alike else group) for group in stack], allowed)
        runs = [run[at : at + most] for run in runs for at in range(0, len(run), most)]
        found += [Portion([stack[at] for at in run], *room) for run in runs]
    return found


def with_one_drift(inputs: Sequence[Reading], portions: Sequence[Portion]) -> list[Reading]:
    """Histories that share a network share what is believed of their mean changes, too."""
    closes = [each for each in inputs if isinstance(each, FittedInputs)]
    if len(closes) < len(inputs):
        return list(inputs)
    shared = list[Reading](closes)
    for group in (group for portion in portions for group in portion.groups):
        rate = float(np.mean([closes[at].shift / closes[at].spread for at in group.members]))
        for at in group.members:
            shared[at] = closes[at].drifting(rate)
    return shared


def through(progress: Progress, portion: int, count: int) -> Progress:
    """Progress within one portion, as progress through all of them."""
    return lambda done, total: progress(portion * total + done, count * total)

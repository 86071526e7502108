"""The one training loop: a stack of models learns together, each with its own loss and its own end.

Price networks, language models and translators all learn here: what differs is the loss, the
batches and the course. No model can move another by one bit: losses are summed, never averaged,
over models; gradients are clipped model by model; Adam works element by element; and a model that
has finished stays in its place and only stops being computed.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import length_hint

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from forecast.errors import CheckpointError, TrainingError
from forecast.progress import Progress, silent
from forecast.settings import Training
from forecast.training.adam import Adam
from forecast.training.allocator import kept_memory
from forecast.training.batches import Batch, Samples, batches
from forecast.training.best import Best
from forecast.training.course import Course, Moment, Snapshot
from forecast.training.losses import squared_error
from forecast.training.steps import Lessons, Loss, Steps

KEEPING = 0.05  # share of the time, at most about, that keeping where learning is may take


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Loss of each model after each epoch; row 0 is before learning, NaN after a model's end.

    From `last` a later course can go on, to the same bits where it goes by epochs. Of one that was
    asked to stop, and so is `stopped`, that is what was last kept, without what it learned since.
    """

    training: Float[np.ndarray, "model epoch"]
    validation: Float[np.ndarray, "model epoch"]
    best: tuple[int, ...]
    diverged: tuple[bool, ...]
    last: Snapshot
    stopped: bool


def train(
    stack: nn.Module,
    learn: Lessons,
    judge: Lessons | None,
    how: Training | Course,
    *,
    loss: Loss = squared_error,
    progress: Progress = silent,
) -> Curves:
    """Fit every model of the stack in place, and leave each with its best weights.

    Every parameter of the stack has a leading `model` axis. Best is the lowest loss on `judge`, the
    untrained weights included; without `judge`, the last. A model stops after `how.patience` epochs
    without improvement, or when its loss is not finite; models that learn from an iterable of
    batches stop together.

    Raises:
        TrainingError: every model diverged.
    """
    curves = attempt(stack, learn, judge, how, loss=loss, progress=progress)
    refuse_lost(curves.diverged, how)
    return curves


def refuse_lost(diverged: Sequence[bool], how: Training | Course) -> None:
    """Go on only where something was learned.

    Raises:
        TrainingError: every model diverged.
    """
    if all(diverged):
        raise TrainingError(
            f"learning diverged at learning rate {how.learning_rate}; lower the learning rate"
        )


@kept_memory()
def attempt(
    stack: nn.Module,
    learn: Lessons,
    judge: Lessons | None,
    how: Training | Course,
    *,
    loss: Loss = squared_error,
    progress: Progress = silent,
) -> Curves:
    """As `train`, where it may be that every model diverges: `Curves.diverged` says which did.

    Model m of a stack draws its batches by the seed `how.seed + m % how.seeds`.
    """
    run = _Run(stack, learn, judge, how, loss)
    first = run.begin()
    for epoch in range(first, how.epochs + 1):
        if run.over(epoch - 1):
            break
        run.learn_once(epoch)
        run.judge_all(epoch)
        run.keep()
        progress(epoch, how.epochs)
    return run.finish()


class _Run:
    """The mutable middle of `train`: who is still learning, and the best weights so far."""

    def __init__(
        self,
        stack: nn.Module,
        learn: Lessons,
        judge: Lessons | None,
        how: Training | Course,
        loss: Loss,
    ) -> None:
        self.stack, self.learn, self.judge = stack, learn, judge
        self.course = how if isinstance(how, Course) else Course.of(how)
        self.parameters = dict(stack.named_parameters())
        some = next(iter(self.parameters.values()))
        paces = some.new_tensor(self.course.paces) if self.course.paces else None
        self.optimiser = Adam(self.parameters.values(), how.learning_rate, paces)
        models, self.device = len(some), some.device
        seeds = [how.seed + model % how.seeds for model in range(models)]
        self.generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        self.steps = Steps(stack, loss, self.optimiser, self.course.clip, learn)
        self.learned, self.judged = learn, judge
        self.active = torch.arange(models, device=self.device)
        self.trained = torch.full((models,), torch.nan, device=self.device)
        self.best = Best(self.parameters)
        # Samples are learned in one go; of what learns from batches, snapshots are taken.
        self.draws: list[torch.Generator] = getattr(stack, "generators", [])
        if isinstance(learn, Samples):
            self.draws = []
        self.since = self.course.clock()
        self.last, self.stopped, self.due = None, False, -math.inf

    def begin(self) -> int:
        """The first epoch to come, after the untrained weights or where another course ended."""
        start = self.course.start
        if start is None:
            self.judge_all(0)
            self.keep()
            return 1
        try:
            self._go_on(start)
        except (LookupError, RuntimeError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"the saved learning cannot go on ({error}); fit again"
            ) from error
        self.keep()
        return start.epoch + 1

    def _go_on(self, start: Snapshot) -> None:
        kept = (start.weights, start.best, start.means, start.squares)
        with torch.no_grad():
            for name, weight in self.parameters.items():
                found = {(own[name].shape, own[name].dtype) for own in kept}
                if found != {(weight.shape, weight.dtype)}:
                    raise ValueError(f"{name} is not of {weight.dtype} {tuple(weight.shape)}")
                weight.copy_(start.weights[name])
        moments = (
            [each[name] for name in self.parameters] for each in (start.means, start.squares)
        )
        self.optimiser.go_on(start.steps, *moments)
        for own, state in zip(self.draws, start.draws.values(), strict=True):
            own.set_state(state)
        self.best.go_on(start)
        self.since -= start.seconds
        self._narrow(start.epoch - self.best.epoch < self.course.patience)

    def over(self, epochs: int | float) -> bool:
        """Whether nobody learns any more, or the course is through."""
        return not len(self.active) or self._share(epochs) >= 1 or self._asked()

    def _asked(self) -> bool:
        self.stopped = self.stopped or self.course.stop()
        return self.stopped

    def _share(self, epochs: int | float) -> float:
        return self.course.share(epochs, self.course.clock() - self.since)

    def learn_once(self, epoch: int) -> None:
        """One epoch; the loss noted is that of the weights before each step."""
        self.stack.train()
        sums, counts = torch.zeros(2, len(self.active), device=self.device)
        steps = 0
        for batch in self._batches(self.learned):
            self.optimiser.learning_rate = self.course.rate(self._share(self._at(epoch, steps)))
            sums, steps = sums + self.steps.learn(batch, self.active), steps + 1
            # A model with few samples may have none in a batch, which then tells nothing of it.
            counts += batch.weights.flatten(1).any(dim=1)
            if self.over(self._at(epoch, steps)):
                break
            if self.course.minutes:
                self.keep()  # the clock never takes the same way twice, so within an epoch, too
        self.trained[self.active] = sums / counts

    def _at(self, epoch: int, steps: int) -> int | float:
        """Epochs that are through after some steps of this one."""
        whole = 0 if isinstance(self.learned, Samples) else length_hint(self.learned)
        return epoch - 1 + (steps / whole if whole else 0.0)

    def _batches(self, lessons: Lessons) -> Iterable[Batch | Samples]:
        if not isinstance(lessons, Samples):
            return (each.to(self.device) for each in lessons)
        generators = [self.generators[int(model)] for model in self.active.cpu()]
        return batches(lessons, self.course.batch, generators)

    @torch.no_grad()
    def judge_all(self, epoch: int) -> None:
        """Note each active model's losses, keep what is best, and let the finished ones go.

        An epoch in which it was asked to stop is not noted: judging may take longer than whoever
        asked will wait.
        """
        if self.stopped:
            return
        still = torch.zeros_like(self.best.diverged)
        still[self.active] = True
        validation = None
        if self.judged is not None:
            self.stack.eval()
            validation = torch.full_like(self.trained, torch.nan)
            judged = self.judged
            if epoch and not isinstance(judged, Samples):
                judged = self._until_asked(judged)
            validation[self.active] = self.steps.judge(judged, self.active)
            if epoch and self.stopped:
                return
        sound = self.best.note(epoch, still, self.trained, validation)
        self._narrow(sound & (epoch - self.best.epoch < self.course.patience))
        seconds = self.course.clock() - self.since
        self.course.watch(Moment(epoch, self._share(epoch), seconds, *self.best.curve[-1]))

    def _until_asked(self, lessons: Iterable[Batch]) -> Iterator[Batch]:
        for batch in lessons:
            yield batch
            if self._asked():
                return

    def _narrow(self, going: torch.Tensor) -> None:
        if not isinstance(self.learn, Samples):
            going = going.any().expand_as(going)
        if going.sum() < len(self.active):
            self.active = going.nonzero().flatten()
            self.learned = _narrowed(self.learn, self.active)
            self.judged = None if self.judge is None else _narrowed(self.judge, self.active)

    def finish(self) -> Curves:
        best = self.best
        training, validation = best.losses()
        epochs = tuple(int(each) for each in best.epoch)
        last = self.last if self.stopped and self.last is not None else self._snapshot()
        with torch.no_grad():
            for name, weight in self.parameters.items():
                weight.copy_(best.weights[name])
        lost = tuple(bool(each) for each in best.diverged)
        return Curves(training.numpy(), validation.numpy(), epochs, lost, last, self.stopped)

    def keep(self) -> None:
        """Remember where learning is, now and then, and hand it to whoever keeps it."""
        began = self.course.clock()
        if isinstance(self.learn, Samples) or self.stopped or began < self.due:
            return
        self.last = self._snapshot()
        self.course.keep(self.last)
        now = self.course.clock()
        self.due = now + (now - began) / KEEPING

    def _snapshot(self) -> Snapshot:
        training, validation = self.best.losses()
        return Snapshot(
            weights={name: each.detach().clone() for name, each in self.parameters.items()},
            best={name: each.clone() for name, each in self.best.weights.items()},
            means=self._named(self.optimiser.means),
            squares=self._named(self.optimiser.squares),
            steps=self.optimiser.steps,
            seconds=self.course.clock() - self.since,
            best_epoch=tuple(int(each) for each in self.best.epoch),
            draws={f"{at}": each.get_state() for at, each in enumerate(self.draws)},
            training=training,
            validation=validation,
        )

    def _named(self, moments: Iterable[torch.Tensor]) -> dict[str, torch.Tensor]:
        pairs = zip(self.parameters, moments, strict=True)
        return {name: each.clone() for name, each in pairs}


def _narrowed(lessons: Lessons, models: torch.Tensor) -> Lessons:
    """Of samples those of the models that still learn."""
    return lessons.of(models) if isinstance(lessons, Samples) else lessons

"""The one training loop: a stack of models learns together, each with its own loss and its own end.

No model can move another by one bit: losses are summed, never averaged, over models; gradients are
clipped model by model; Adam works element by element; and a model that has finished stays in its
place and only stops being computed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from forecast.errors import TrainingError
from forecast.settings import Training
from forecast.training.adam import Adam
from forecast.training.batches import Samples, batches
from forecast.training.progress import Progress, silent

Loss = Callable[[torch.Tensor, torch.Tensor], Float[torch.Tensor, "model sample"]]


@runtime_checkable
class InOneCall(Protocol):
    """A stack that can make its squared error and the gradients of it in one call."""

    def squared_error(
        self,
        sequence: torch.Tensor,
        targets: torch.Tensor,
        weights: torch.Tensor,
        models: torch.Tensor | None,
    ) -> Float[torch.Tensor, " model"] | None:
        """Weighted mean squared error of each model; None where it cannot be done."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Loss of each model after each epoch; row 0 is before learning, NaN after a model's end."""

    training: Float[np.ndarray, "model epoch"]
    validation: Float[np.ndarray, "model epoch"]
    best: tuple[int, ...]
    diverged: tuple[bool, ...]


def squared_error(
    outputs: Float[torch.Tensor, "model sample horizon"],
    targets: Float[torch.Tensor, "model sample horizon"],
) -> Float[torch.Tensor, "model sample"]:
    """Squared error of each sample, averaged over the horizons."""
    return (outputs - targets).square().mean(dim=2)


def train(
    stack: nn.Module,
    learn: Samples,
    judge: Samples | None,
    how: Training,
    *,
    loss: Loss = squared_error,
    progress: Progress = silent,
) -> Curves:
    """Fit every model of the stack in place, and leave each with its best weights.

    Best is the lowest loss on `judge`, the untrained weights included; without `judge`, the last.
    A model stops after `how.patience` epochs without improvement, or when its loss is not finite.

    Raises:
        TrainingError: every model diverged.
    """
    run = _Run(stack, learn, judge, how, loss)
    generators = [torch.Generator().manual_seed(how.seed) for _ in learn.targets]
    run.judge_all(0)
    for epoch in range(1, how.epochs + 1):
        if not len(run.active):
            break
        run.learn_once([generators[int(model)] for model in run.active])
        run.judge_all(epoch)
        progress(epoch, how.epochs)
    return run.finish()


class _Run:
    """The mutable middle of `train`: who is still learning, and the best weights so far."""

    def __init__(
        self, stack: nn.Module, learn: Samples, judge: Samples | None, how: Training, loss: Loss
    ) -> None:
        self.stack, self.learn, self.judge, self.how, self.loss = stack, learn, judge, how, loss
        self.parameters = dict(stack.named_parameters())
        self.optimiser = Adam(self.parameters.values(), how.learning_rate)
        models, self.device = len(learn.targets), learn.targets.device
        self.learned, self.judged = learn, judge
        self.active = torch.arange(models, device=self.device)
        self.best = {name: weight.detach().clone() for name, weight in self.parameters.items()}
        self.lowest = torch.full((models,), torch.inf, device=self.device)
        self.best_epoch = torch.zeros(models, dtype=torch.long, device=self.device)
        self.diverged = torch.zeros(models, dtype=torch.bool, device=self.device)
        self.trained = torch.full((models,), torch.nan, device=self.device)
        self.curve: list[tuple[torch.Tensor, torch.Tensor]] = []

    def learn_once(self, generators: Sequence[torch.Generator]) -> None:
        """One epoch; the loss noted is that of the weights before each step."""
        self.stack.train()
        total, steps = torch.zeros(len(self.active), device=self.device), 0
        for batch in batches(self.learned, self.how.batch, generators):
            self.optimiser.zero_grad()
            losses = self._mean_losses(batch)
            torch.autograd.backward(losses.sum())
            self._clip()
            self.optimiser.step()
            total, steps = total + losses.detach(), steps + 1
        self.trained[self.active] = total / steps

    def _clip(self) -> None:
        if not self.how.clip:
            return
        gradients = [each.grad for each in self.parameters.values() if each.grad is not None]
        squares = [each.flatten(1).square().sum(dim=1) for each in gradients]
        norm = torch.stack(squares).sum(dim=0).sqrt()
        factor = (self.how.clip / (norm + 1e-6)).clamp(max=1.0)
        for each in gradients:
            each.mul_(factor.view(-1, *[1] * (each.dim() - 1)))

    @torch.no_grad()
    def judge_all(self, epoch: int) -> None:
        """Note each active model's losses, keep what is best, and let the finished ones go."""
        still = torch.zeros_like(self.diverged)
        still[self.active] = True
        validation = torch.full_like(self.trained, torch.nan)
        if self.judged is None:
            score = torch.full_like(self.trained, -epoch)
        else:
            self.stack.eval()
            validation[self.active] = _mean(self._losses(self.judged), self.judged.weights)
            score = validation
        whole = [weight.isfinite().flatten(1).all(dim=1) for weight in self.parameters.values()]
        lost = still & ~(torch.stack(whole).all(dim=0) & score.isfinite())
        better = still & ~lost & (score < self.lowest)
        self.diverged |= lost
        self.lowest = torch.where(better, score, self.lowest)
        self.best_epoch[better] = epoch
        for name, weight in self.parameters.items():
            self.best[name][better] = weight[better]
        self.curve.append((self.trained.where(still, torch.nan), validation))
        self._keep(still & ~lost & (epoch - self.best_epoch < self.how.patience))

    def _keep(self, going: torch.Tensor) -> None:
        if going.sum() < len(self.active):
            self.active = going.nonzero().flatten()
            self.learned = self.learn.of(self.active)
            self.judged = None if self.judge is None else self.judge.of(self.active)

    def _mean_losses(self, samples: Samples) -> Float[torch.Tensor, " active"]:
        """In one call where stack and loss allow it: the fast twin of the line at the end."""
        if self.loss is squared_error and isinstance(self.stack, InOneCall):
            losses = self.stack.squared_error(*samples, self._models)
            if losses is not None:
                return losses
        return _mean(self._losses(samples), samples.weights)

    @property
    def _models(self) -> torch.Tensor | None:
        return None if len(self.active) == len(self.diverged) else self.active

    def _losses(self, samples: Samples) -> Float[torch.Tensor, "active sample"]:
        return self.loss(self.stack(samples.inputs, self._models), samples.targets)

    def finish(self) -> Curves:
        if bool(self.diverged.all()):
            raise TrainingError(
                f"learning diverged after {len(self.curve) - 1} epochs at learning rate"
                f" {self.how.learning_rate}; lower the learning rate"
            )
        with torch.no_grad():
            for name, weight in self.parameters.items():
                weight.copy_(self.best[name])
        training, validation = (torch.stack(each, dim=1) for each in zip(*self.curve, strict=True))
        return Curves(
            training.cpu().numpy(),
            validation.cpu().numpy(),
            tuple(int(each) for each in self.best_epoch),
            tuple(bool(each) for each in self.diverged),
        )


def _mean(
    losses: Float[torch.Tensor, "model sample"], weights: Float[torch.Tensor, "model sample"]
) -> Float[torch.Tensor, " model"]:
    return (losses * weights).sum(dim=1) / weights.sum(dim=1)

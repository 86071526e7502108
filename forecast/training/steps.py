"""One step of learning, or one judgement: by a learner that the stack knows, else by autograd.

What autograd does on a GPU is replayed (`graphs`), unless the stack draws at random meanwhile.
"""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import nn

from forecast.training.adam import Adam, Number
from forecast.training.batches import Batch, Samples, total
from forecast.training.graphs import RECORDERS, Call, Graphs, directly
from forecast.training.learner import Learner, learner_of
from forecast.training.losses import squared_error

# From outputs and targets to the loss of every one of them, in the shape of the weights.
Loss = Callable[[Any, torch.Tensor], Float[torch.Tensor, "model sample ..."]]
# Samples are drawn from anew in every epoch; going through an iterable once is an epoch.
Lessons = Samples | Iterable[Batch]
Losses = Float[torch.Tensor, " active"]
Active = Int[torch.Tensor, " active"]


class Steps:
    """Those of one stack; `active` are the numbers of the models that still learn."""

    def __init__(
        self, stack: nn.Module, loss: Loss, optimiser: Adam, clip: float, learn: Lessons
    ) -> None:
        self.stack, self.loss, self.optimiser, self.clip = stack, loss, optimiser, clip
        self.parameters = list(stack.parameters())
        self.device = self.parameters[0].device
        self.learner = None
        if loss is squared_error and isinstance(learn, Samples):
            self.learner = learner_of(stack, learn.inputs, optimiser, clip)
        self.call: Call = directly
        record = RECORDERS.get(self.device.type)
        if record and isinstance(learn, Samples) and not getattr(stack, "draws", True):
            self.call = Graphs(record)

    def learn(self, batch: Batch | Samples, active: Active) -> Losses:
        """Take a step; the losses are those before it."""
        if self.learner is not None and isinstance(batch, Samples):
            if self.optimiser.paces is not None:
                return self._paced(self.learner, batch, active, self.optimiser.paces[active])
            return self.learner.step(*batch[:3], self._models(active), self.optimiser.pace())
        return self.call(self._step, *batch[:3], active, *self.optimiser.pace())

    def _step(
        self,
        inputs: Any,
        targets: torch.Tensor,
        weights: torch.Tensor,
        active: Active,
        size: Number,
        widen: Number,
    ) -> Losses:
        self.optimiser.zero_grad()
        losses = self._mean_losses(inputs, targets, weights, active)
        torch.autograd.backward(losses.sum())
        self._clip()
        self.optimiser.step(size, widen)
        return losses.detach()

    def _paced(self, learner: Learner, batch: Samples, active: Active, paces: Losses) -> Losses:
        """One call for the models of each pace."""
        losses, (size, widen) = torch.empty_like(paces), self.optimiser.pace()
        own = [float(each) for each in paces]
        for pace in sorted(set(own)):
            rows = torch.eq(paces, pace).nonzero().flatten()
            part, models = batch.of(rows), active[rows]
            losses[rows] = learner.step(*part[:3], models, (size * pace, widen))
        return losses

    def _clip(self) -> None:
        if not self.clip:
            return
        gradients = [each.grad for each in self.parameters if each.grad is not None]
        flat = torch.cat([each.flatten(1) for each in gradients], dim=1)
        # A product for each model: a sum over rows would depend on how many there are.
        norm = torch.bmm(flat[:, None], flat[:, :, None]).flatten().sqrt()
        factor = (self.clip / (norm + 1e-6)).clamp(max=1.0)
        for each in gradients:
            each.mul_(factor.view(-1, *[1] * (each.dim() - 1)))

    @torch.no_grad()
    def judge(self, judge: Lessons, active: Active) -> Losses:
        """The mean loss of all that is judged by, whole where it is samples."""
        if isinstance(judge, Samples):
            if self.learner is not None:
                return self.learner.losses(*judge[:3], self._models(active))
            return self.call(self._mean_losses, *judge[:3], active)
        moved = (each.to(self.device) for each in judge)
        parts = [torch.stack(self._sums(*each, active)) for each in moved]
        losses, weight = torch.stack(parts).sum(dim=0)
        return losses / weight

    def _mean_losses(
        self, inputs: Any, targets: torch.Tensor, weights: torch.Tensor, active: Active
    ) -> Losses:
        losses, weight = self._sums(inputs, targets, weights, active)
        return losses / weight.where(weight != 0, 1.0)

    def _sums(
        self, inputs: Any, targets: torch.Tensor, weights: torch.Tensor, active: Active
    ) -> tuple[Losses, Losses]:
        """The weighted sum of each model's losses, and the sum of its weights."""
        losses = self.loss(self.stack(inputs, self._models(active)), targets)
        return total((losses * weights).flatten(1)), weights.flatten(1).sum(dim=1)

    def _models(self, active: Active) -> Active | None:
        """None where all of them still learn."""
        return None if len(active) == len(self.parameters[0]) else active

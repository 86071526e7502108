"""Who makes a whole step of the squared error in one call: the fast twin of loss and optimiser."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import nn

from forecast.training.adam import Adam

Losses = Float[torch.Tensor, " model"]


@runtime_checkable
class Learner(Protocol):
    """Both answer with the weighted mean squared error of each model."""

    def losses(
        self,
        sequence: torch.Tensor,
        targets: torch.Tensor,
        importance: torch.Tensor,
        models: torch.Tensor | None,
    ) -> Losses: ...

    def step(
        self,
        sequence: torch.Tensor,
        targets: torch.Tensor,
        importance: torch.Tensor,
        models: torch.Tensor | None,
        pace: tuple[float, float],
    ) -> Losses:
        """The losses before the step; parameters and Adam's means move."""
        ...


@runtime_checkable
class InOneCall(Protocol):
    """A stack that may know such a learner for sequences like these."""

    def learner(
        self,
        sequence: torch.Tensor,
        means: Sequence[torch.Tensor],
        squares: Sequence[torch.Tensor],
        clip: float,
    ) -> Learner | None: ...


def learner_of(
    stack: nn.Module, sequence: torch.Tensor, optimiser: Adam, clip: float
) -> Learner | None:
    """The learner that the stack knows, if it knows one."""
    if not isinstance(stack, InOneCall):
        return None
    return stack.learner(sequence, optimiser.means, optimiser.squares, clip)

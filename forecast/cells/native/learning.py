"""The squared error of a many-to-one network and its gradients in one go, out of the cache.

It is what the layer, the linear head and a mean squared error give one after the other, and any
optimiser can follow it. It is faster because a block of samples goes there and back again at once:
the tape of the way there never reaches main memory, however many models there are.
"""

from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float

from forecast.cells.base import Cell, LayerWeights
from forecast.cells.native.call import BEST, Given, How, addresses, bind, check, view
from forecast.errors import SettingError


class Head(NamedTuple):
    """The weights of a linear head."""

    weight: Float[torch.Tensor, "model output hidden"]
    bias: Float[torch.Tensor, "model output"]


def squared_error(
    cell: Cell,
    weights: LayerWeights,
    head: Head,
    sequence: Float[torch.Tensor, "model sample time feature"],
    targets: Float[torch.Tensor, "model sample output"],
    importance: Float[torch.Tensor, "model sample"],
) -> Float[torch.Tensor, " model"]:
    """Mean squared error of each model over its samples, weighted by their importance.

    The network is one layer in one direction from a state of zeros, and a linear head on its last
    hidden state. Gradients flow to the weights and to nothing else.

    Raises:
        SettingError: no compiled kernel, or tensors that are not float32 or float64 on a processor.
    """
    trained = [each.contiguous() for each in (*weights, *head)]
    check([sequence, *trained, targets, importance])
    learns = torch.is_grad_enabled() and any(each.requires_grad for each in trained)
    how = How(BEST, cell, learns)
    return cast("torch.Tensor", _SquaredError.apply(how, sequence, targets, importance, *trained))


class _SquaredError(torch.autograd.Function):
    """The gradients are there as soon as the loss is; the way back only hands them over."""

    @staticmethod
    def forward(
        ctx: Any,
        how: How,
        sequence: torch.Tensor,
        targets: torch.Tensor,
        importance: torch.Tensor,
        *trained: torch.Tensor,
    ) -> torch.Tensor:
        *weights, head_weight, head_bias = trained
        loss = sequence.new_empty(len(sequence))
        made = [torch.empty_like(each) for each in trained]
        bind(how, Given(sequence, *weights)).learn(
            targets.shape[2],
            addresses(head_weight, head_bias),
            view(targets, 3),
            view(importance, 2),
            addresses(loss, *made[4:]),
            addresses(*made[:4]),
        )
        ctx.save_for_backward(*made)
        return loss

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> tuple[torch.Tensor | None, ...]:
        if torch.is_grad_enabled():
            raise SettingError("backend native has no second derivatives; choose unrolled")
        made, (gradient,) = ctx.saved_tensors, grad_outputs
        if not bool((gradient == 1.0).all()):  # the usual gradient, that of a sum of losses
            scale = gradient[:, None]
            made = ((scale * each.flatten(1)).view_as(each) for each in made)
        return None, None, None, None, *made

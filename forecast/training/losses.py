"""What networks lose by each answer, be it a token or numbers."""

import torch
from jaxtyping import Float, Int
from torch.nn import functional


def cross_entropy(
    outputs: Float[torch.Tensor, "model sample time token"],
    targets: Int[torch.Tensor, "model sample time"],
) -> Float[torch.Tensor, "model sample time"]:
    """Minus the log probability of what came, in nats, in single precision or better.

    >>> cross_entropy(torch.zeros(1, 1, 1, 4), torch.tensor([[[2]]])).exp()
    tensor([[[4.]]])
    """
    scores = outputs.float() if outputs.dtype in (torch.bfloat16, torch.float16) else outputs
    each = functional.cross_entropy(scores.flatten(0, 2), targets.flatten(), reduction="none")
    return each.view(targets.shape)


def squared_error(
    outputs: Float[torch.Tensor, "model sample horizon"],
    targets: Float[torch.Tensor, "model sample horizon"],
) -> Float[torch.Tensor, "model sample"]:
    """Squared error of each sample, averaged over the horizons."""
    return (outputs - targets).square().mean(dim=2)

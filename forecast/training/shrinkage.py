"""How much of a network's answer its validation supports; the rest is taken back.

A network that learned from noise answers with noise. Its answers are therefore multiplied by the
slope of what came on what it said (Mincer & Zarnowitz 1969), estimated on the validation samples by
ridge regression towards zero (Hoerl & Kennard 1970): little evidence leaves little of the answer.
Less than two standard errors leave none, as noise that was stopped early at its luckiest is often
one above zero.
"""

import torch
from jaxtyping import Float

from forecast.training.batches import Samples, total

# Standard errors that a slope lies above zero, at least, before anything is answered.
EVIDENCE = 2.0


def supported(
    outputs: Float[torch.Tensor, "model sample horizon"],
    judge: Samples,
    trust: float | Float[torch.Tensor, " model"],
    together: Float[torch.Tensor, " model"],
) -> Float[torch.Tensor, "model horizon"]:
    """Share from 0 to 1 of each model's answers, for each horizon.

    `trust` is the standard deviation of the slope, before any evidence, around zero. The slope is
    sum(f y) / (sum(f f) + k s s / (trust trust)). s s is the mean square of what came, weighted by
    the square of what was said (after White 1980): one wild day that was hit is little evidence. k
    are the samples that are worth one: answers h sessions ahead overlap h times, and `together`
    tickers move on the same days. The standard error of sum(f y) is sqrt(k s s sum(f f)).

    >>> said = torch.tensor([[[1.0], [-1.0]]]).repeat(1, 50, 1)
    >>> judge = Samples(torch.empty(1, 100, 0, 0), 0.5 * said, torch.ones(1, 100))
    >>> supported(said, judge, 100.0, torch.ones(1))
    tensor([[0.5000]])
    """
    weights = judge.weights[..., None]
    agreement = total(weights * outputs * judge.targets)
    said = total(weights * outputs.square())
    moved = outputs * judge.targets
    noise = total(weights * moved.square()) / said
    overlap = torch.arange(1.0, outputs.shape[2] + 1.0, device=outputs.device)
    prior = torch.as_tensor(trust, device=outputs.device).reshape(-1, 1).square()
    noise = together[:, None] * overlap * noise
    slope = (agreement / (said + noise / prior)).clamp(max=1.0)
    return slope.where(agreement > EVIDENCE * (noise * said).sqrt(), 0.0)

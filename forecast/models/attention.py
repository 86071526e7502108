"""Attention: what a writer looks at in the source, step by step.

Each kind scores every source step for every target step; what is looked at is the mean of the
memory under the softmax of the scores. A kind that feeds the cell (Bahdanau) is asked by the state
before a step, so step by step; one that does not (Luong) by the outputs, so for all steps at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float

from forecast.settings import AttentionKind

Weights = Mapping[str, torch.Tensor]
Query = Float[torch.Tensor, "model sample target hidden"]
Keys = Float[torch.Tensor, "model sample time hidden"]
Shares = Float[torch.Tensor, "model sample target time"]


class Memory(NamedTuple):
    """What the reader left to look at; steps that are padding are not valid."""

    values: Float[torch.Tensor, "model sample time wide"]
    keys: Keys
    valid: Bool[torch.Tensor, "model sample time"]


def linear(
    inputs: Float[torch.Tensor, "model sample time wide"],
    weight: Float[torch.Tensor, "model out wide"],
    bias: Float[torch.Tensor, "model out"] | None = None,
) -> Float[torch.Tensor, "model sample time out"]:
    """Each model's own linear layer, in one product for all samples and steps."""
    rows = inputs.flatten(1, 2)
    if bias is None:
        made = torch.bmm(rows, weight.mT)
    else:
        made = torch.baddbmm(bias[:, None], rows, weight.mT)
    return made.view(*inputs.shape[:3], -1)


def luong(_: Weights, query: Query, keys: Keys) -> Shares:
    """Luong et al. 2015, equation 8, "general": h W m, where the keys are W m already."""
    return query @ keys.mT


def bahdanau(weights: Weights, query: Query, keys: Keys) -> Shares:
    """Bahdanau et al. 2015, appendix A.1.2: v tanh(W h + U m), where the keys are U m already."""
    asked = linear(query, weights["query_weight"])
    together = torch.tanh(asked[:, :, :, None] + keys[:, :, None])
    return (together * weights["score_weight"][:, None, None, None]).sum(dim=-1)


@dataclass(frozen=True, slots=True)
class Attention:
    """How one kind scores, and whether what it looks at goes into the cell."""

    scores: Callable[[Weights, Query, Keys], Shares]
    feeds: bool

    def at(
        self, memory: Memory, query: Query, weights: Weights
    ) -> tuple[Float[torch.Tensor, "model sample target wide"], Shares]:
        """What is looked at, and the share of each source step in it."""
        scores = self.scores(weights, query, memory.keys).float()
        padding = ~memory.valid[:, :, None]
        shares = scores.masked_fill(padding, -torch.inf).softmax(dim=-1).to(memory.values.dtype)
        return shares @ memory.values, shares


ATTENTIONS: dict[AttentionKind, Attention] = {
    "luong": Attention(luong, feeds=False),
    "bahdanau": Attention(bahdanau, feeds=True),
}

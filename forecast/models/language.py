"""Language models: a recurrence reads tokens, a linear head answers at every step which is next."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import nn
from torch.nn import functional

from forecast.cells import Cell, State, initial, run
from forecast.errors import DataError, SettingError
from forecast.settings import BackendName


class Reading(NamedTuple):
    """Tokens to read: from the start, or on from where the last reading ended.

    Samples among those that go on can be named to start afresh all the same.
    """

    tokens: Int[torch.Tensor, "model sample time"]
    fresh: bool = True
    anew: Int[torch.Tensor, " some"] | None = None

    def to(self, device: torch.device) -> "Reading":
        anew = None if self.anew is None else self.anew.to(device)
        return Reading(self.tokens.to(device), self.fresh, anew)


class LanguageModel(nn.Module):
    """A stack of language models of one shape; every parameter has a leading `model` axis.

    Tokens enter one-hot, or as rows of `embedding_weight (model, token, feature)`. Cell weights
    carry PyTorch's own names; the head is `head_weight (model, token, hidden)` and `head_bias`.
    What was read stays in `carried`, so that a long text can be read in pieces.
    """

    def __init__(  # noqa: PLR0913 - all that shapes a network, in one place
        self,
        cell: Cell,
        tokens: int,
        seeds: Sequence[int],
        *,
        backend: BackendName = "auto",
        one_hot: bool = False,
        dropout: float = 0.0,
        halved: bool = False,
    ) -> None:
        """One model for each seed.

        `one_hot` needs a cell with as many features as there are tokens. `dropout` acts before the
        head. `halved` computes products in bfloat16.

        Raises:
            SettingError: a bidirectional cell, or `one_hot` with another number of features.
        """
        super().__init__()
        if cell.bidirectional:
            raise SettingError("a language model reads forwards only; got a bidirectional cell")
        if one_hot and cell.features != tokens:
            raise SettingError(
                f"one-hot, {tokens} tokens are as many features; got {cell.features}"
            )
        self.cell, self.backend, self.dropout, self.halved = cell, backend, dropout, halved
        self.carried: State | None = None
        # Another stream than the cell's, which draws from the seed itself.
        self.generators = [torch.Generator().manual_seed(seed + 2**31) for seed in seeds]
        self.one_hot = one_hot
        if not one_hot:
            drawn = [torch.randn(tokens, cell.features, generator=g) for g in self.generators]
            self.embedding_weight = nn.Parameter(torch.stack(drawn))
        for name, weight in initial(cell, seeds).items():
            self.register_parameter(name, nn.Parameter(weight))
        draws = [torch.rand(tokens, cell.hidden, generator=g) for g in self.generators]
        self.head_weight = nn.Parameter((torch.stack(draws) * 2 - 1) * cell.hidden**-0.5)
        self.head_bias = nn.Parameter(torch.zeros(len(seeds), tokens))

    def forward(
        self, reading: Reading, models: Int[torch.Tensor, " model"] | None = None
    ) -> Float[torch.Tensor, "model sample time token"]:
        """Scores (log probabilities but for a constant) of every token at every step."""
        if models is not None:
            raise DataError("a stack of language models learns together; none can be left out")
        start = self._start(reading)
        device = reading.tokens.device.type
        with torch.autocast(device, dtype=torch.bfloat16, enabled=self.halved):
            outputs, state = run(
                self.cell,
                {name: getattr(self, name) for name in self.cell.shapes},
                self._entering(reading.tokens),
                start,
                backend=self.backend,
                training=self.training,
                generator=self.generators,
            )
            self.carried = State(*(part.detach().float() for part in state if part is not None))
            rows = self._dropped(outputs).flatten(1, 2)
            scores = torch.baddbmm(self.head_bias[:, None], rows, self.head_weight.mT)
        return scores.view(*reading.tokens.shape, -1)

    def _start(self, reading: Reading) -> State | None:
        if reading.fresh or self.carried is None:
            return None
        if reading.anew is not None:
            for part in self.carried:
                if part is not None:
                    part[:, :, reading.anew] = 0.0
        return self.carried

    def _entering(
        self, tokens: Int[torch.Tensor, "model sample time"]
    ) -> Float[torch.Tensor, "model sample time feature"]:
        if self.one_hot:
            return functional.one_hot(tokens, self.cell.features).to(self.head_bias.dtype)
        pairs = zip(tokens, self.embedding_weight, strict=True)
        return torch.stack([functional.embedding(own, table) for own, table in pairs])

    def _dropped(
        self, outputs: Float[torch.Tensor, "model sample time hidden"]
    ) -> Float[torch.Tensor, "model sample time hidden"]:
        """A share of each sample's units set to zero, the same ones at every step.

        Gal & Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural
        networks", section 4.
        """
        if not (self.training and self.dropout):
            return outputs
        size = (outputs.shape[1], 1, outputs.shape[3])
        drawn = [torch.rand(size, generator=generator) for generator in self.generators]
        kept = torch.stack(drawn).to(outputs.device) >= self.dropout
        return outputs * (kept / (1.0 - self.dropout)).to(outputs)

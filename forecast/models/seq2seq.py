"""Sequence to sequence: one recurrence reads a sentence, another writes its translation.

The writer starts from the reader's last state (Sutskever et al. 2014; Cho et al. 2014) and, with
attention, looks back at every step of the reader. Where attention asks by the writer's output
(Luong), a known translation is read by one recurrence over all its steps and attended to in one
product; where it feeds the cell (Bahdanau), step by step.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import nn

from forecast.cells import Cell, State, initial, run
from forecast.models.attention import Memory, Shares, linear
from forecast.models.translator_shape import TranslatorShape
from forecast.settings import BackendName

Tokens = Int[torch.Tensor, "model sample time"]
Lengths = Int[torch.Tensor, "model sample"]
Features = Float[torch.Tensor, "model sample time wide"]
# What attention has read of the source for each token of the target, and where.
Looked = tuple[
    Float[torch.Tensor, "model sample target read"],
    Float[torch.Tensor, "model sample target source"],
]


class Lesson(NamedTuple):
    """Sentences to read, and their translations as far as the writer may look.

    `lengths` counts each source's tokens; None where no source is padded. `given` starts with the
    token that begins a sentence; its padding is at the end.
    """

    sources: Tokens
    lengths: Lengths | None
    given: Tokens

    def to(self, device: torch.device) -> "Lesson":
        lengths = None if self.lengths is None else self.lengths.to(device)
        return Lesson(self.sources.to(device), lengths, self.given.to(device))


class Outlook(NamedTuple):
    """What tells each next token: features, and the table and bias that they are read with."""

    features: Features
    table: Float[torch.Tensor, "model token wide"]
    bias: Float[torch.Tensor, "model token"]

    def scores(self) -> Float[torch.Tensor, "model sample time token"]:
        """How likely each token is to follow, as unscaled log probabilities."""
        return linear(self.features, self.table, self.bias)


class Written(NamedTuple):
    """Steps of the writer: what tells each next token, what was looked at, the state after them."""

    outlook: Outlook
    shares: Shares | None
    state: State


class Seq2Seq(nn.Module):
    """A stack of translators of one shape; every parameter has a leading `model` axis.

    Cell weights carry PyTorch's own names after `encoder_` and `decoder_`. The table of target
    tokens is also the last layer (Press & Wolf 2017).
    """

    source_table: nn.Parameter
    target_table: nn.Parameter
    target_bias: nn.Parameter
    start_weight: nn.Parameter
    start_bias: nn.Parameter
    key_weight: nn.Parameter
    read_weight: nn.Parameter
    read_bias: nn.Parameter

    def __init__(
        self,
        shape: TranslatorShape,
        seeds: Sequence[int],
        *,
        backend: BackendName = "auto",
        half: bool = False,
    ) -> None:
        """One model for each seed; with `half`, what is learned from is computed in bfloat16."""
        super().__init__()
        self.shape, self.backend, self.in_half = shape, backend, half
        for side, cell in (("encoder", shape.encoder), ("decoder", shape.decoder)):
            for name, weight in initial(cell, seeds).items():
                self.register_parameter(f"{side}_{name}", nn.Parameter(weight))
        # Another stream than the cells', which draw from the seed itself.
        self.generators = [torch.Generator().manual_seed(seed + 2**31) for seed in seeds]
        for name, own in shape.shapes.items():
            bound = 0.0 if name.endswith("bias") else (3 / own[-1]) ** 0.5
            draws = [torch.rand(own, generator=each) * 2 - 1 for each in self.generators]
            self.register_parameter(name, nn.Parameter(torch.stack(draws) * bound))

    def forward(self, lesson: Lesson, _: None = None) -> Outlook:
        """What tells each token of the translations that were given.

        In training, a share of the batches, by the shape's `teaching`, is written without looking
        at them: each token that the writer reads is then its own likeliest.
        """
        device, half = lesson.sources.device.type, self.in_half and self.training
        with torch.autocast(device, torch.bfloat16, enabled=half):
            memory, state = self.read(lesson.sources, lesson.lengths)
            if self.training and self._draw(0, ()).item() >= self.shape.teaching:
                return self._written_freely(memory, state, lesson.given)
            return self.write(memory, state, lesson.given).outlook

    def read(self, sources: Tokens, lengths: Lengths | None = None) -> tuple[Memory, State]:
        """What the reader leaves, and where the writer starts; no lengths, no padding."""
        inputs = self._embedded(self.source_table, sources)
        values, state = self._run("encoder", self.shape.encoder, inputs, None, lengths)
        values = self._dropped(values)
        keys = linear(values, self.key_weight) if self.shape.look else values
        steps = torch.arange(sources.shape[2], device=sources.device)
        ends = sources.shape[2] if lengths is None else lengths[..., None]
        last = state.hidden[:, -self.shape.encoder.directions :].permute(0, 2, 1, 3).flatten(2)
        start = self._start(self._dropped(last[:, :, None]))
        return Memory(values, keys, (steps < ends).expand(sources.shape)), start

    def write(self, memory: Memory, state: State, tokens: Tokens) -> Written:
        """The writer reads these tokens, from `state` on; its outlook tells what follows each."""
        inputs, look = self._embedded(self.target_table, tokens), self.shape.look
        if look is None or not look.feeds:
            outputs, state = self._run("decoder", self.shape.decoder, inputs, state)
            found = look.at(memory, outputs, self._asking()) if look else None
            return self._told(outputs, found, state)
        steps = list[Written]()
        for each in inputs.unbind(2):
            found = look.at(memory, state.hidden[:, -1][:, :, None], self._asking())
            fed = torch.cat([each[:, :, None], found[0]], dim=3)
            outputs, state = self._run("decoder", self.shape.decoder, fed, state)
            steps.append(self._told(outputs, found, state))
        return _joined(steps)

    def _written_freely(self, memory: Memory, state: State, given: Tokens) -> Outlook:
        steps, token = list[Written](), given[:, :, :1]
        while len(steps) < given.shape[2]:
            steps.append(self.write(memory, state, token))
            state, token = steps[-1].state, steps[-1].outlook.scores().argmax(dim=-1)
        return _joined(steps).outlook

    def _told(self, outputs: Features, found: Looked | None, state: State) -> Written:
        read, shares = self._dropped(outputs), None
        if found is not None:
            read, shares = torch.cat([read, found[0]], dim=3), found[1]
        told = self._dropped(torch.tanh(linear(read, self.read_weight, self.read_bias)))
        return Written(Outlook(told, self.target_table, self.target_bias), shares, state)

    def _start(self, last: Float[torch.Tensor, "model sample 1 wide"]) -> State:
        cell = self.shape.decoder
        made = torch.tanh(linear(last, self.start_weight, self.start_bias))[:, :, 0]
        parts = made.view(*made.shape[:2], self.shape.state_parts, cell.layers, cell.hidden)
        return State(*(part.transpose(1, 2).contiguous() for part in parts.unbind(2)))

    def _embedded(self, table: torch.Tensor, tokens: Tokens) -> Features:
        """Each token's row, scaled so that its features are of the size of one."""
        rows = map(nn.functional.embedding, tokens.unbind(), table.unbind())
        return self._dropped(torch.stack(list(rows)) * table.shape[2] ** 0.5)

    def _run(
        self,
        side: str,
        cell: Cell,
        inputs: Features,
        state: State | None,
        lengths: Lengths | None = None,
    ) -> tuple[torch.Tensor, State]:
        weights = {name: getattr(self, f"{side}_{name}") for name in cell.shapes}
        return run(cell, weights, inputs, state, lengths, backend=self.backend)

    def _asking(self) -> dict[str, torch.Tensor]:
        named = ("query_weight", "score_weight")
        return {name: getattr(self, name) for name in named if name in self.shape.shapes}

    def _dropped(self, inputs: Features) -> Features:
        """A share of each sentence's features set to zero, the same ones at every step."""
        share = self.shape.dropout
        if not self.training or not share:
            return inputs
        size = (inputs.shape[1], 1, inputs.shape[3])
        draws = torch.stack([self._draw(model, size) for model in range(len(inputs))])
        return inputs * ((draws >= share).to(inputs) / (1 - share))

    def _draw(self, model: int, size: tuple[int, ...]) -> torch.Tensor:
        return torch.rand(size, generator=self.generators[model])


def _joined(steps: Sequence[Written]) -> Written:
    """Single steps as one."""
    features = torch.cat([each.outlook.features for each in steps], dim=2)
    shares = [each.shares for each in steps if each.shares is not None]
    outlook = steps[-1].outlook._replace(features=features)
    return Written(outlook, torch.cat(shares, dim=2) if shares else None, steps[-1].state)

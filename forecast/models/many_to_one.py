"""Many-to-one networks: a recurrence reads a window, a linear head answers from its last state."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import nn

from forecast.cells import Cell, choose, initial, native, run
from forecast.settings import BackendName


class ManyToOne(nn.Module):
    """A stack of independent networks of one shape; every parameter has a leading `model` axis.

    Cell weights carry PyTorch's own names, so one model's slice loads into `torch.nn`; the head is
    `head_weight (model, output, hidden)` and `head_bias (model, output)`.
    """

    def __init__(
        self,
        cell: Cell,
        outputs: int,
        seeds: Sequence[int],
        *,
        backend: BackendName = "auto",
        quiet_head: bool = True,
    ) -> None:
        """One model for each seed; a quiet head starts at zero, so the untrained answer is zero."""
        super().__init__()
        self.cell = cell
        self.backend: str = backend
        for name, weight in initial(cell, seeds).items():
            self.register_parameter(name, nn.Parameter(weight))
        width = cell.directions * cell.hidden
        bound = 0.0 if quiet_head else width**-0.5
        # Another stream than the cell's, which draws from the seed itself.
        self.generators = [torch.Generator().manual_seed(seed + 2**31) for seed in seeds]
        draws = [torch.rand(outputs, width + 1, generator=each) for each in self.generators]
        head = (torch.stack(draws) * 2 - 1) * bound
        self.head_weight = nn.Parameter(head[..., :-1].contiguous())
        self.head_bias = nn.Parameter(head[..., -1].contiguous())

    @property
    def draws(self) -> bool:
        """Whether learning draws at random."""
        return self.cell.dropout > 0

    def forward(
        self,
        sequence: Float[torch.Tensor, "model sample time feature"],
        models: Int[torch.Tensor, " model"] | None = None,
    ) -> Float[torch.Tensor, "model sample output"]:
        """Answers of the whole stack, or of the named models alone, one for each given sequence."""
        named, generators = self._weights(models), self.generators
        if self.draws and models is not None:
            generators = [generators[int(model)] for model in models.cpu()]
        weight, bias = named.pop("head_weight"), named.pop("head_bias")
        _, state = run(
            self.cell,
            named,
            sequence,
            backend=self.backend,
            training=self.training,
            generator=generators,
            every=False,
        )
        top = state.hidden[:, -self.cell.directions :]
        read = top.permute(0, 2, 1, 3).flatten(2)
        return torch.baddbmm(bias[:, None], read, weight.transpose(1, 2))

    def learner(
        self,
        sequence: Float[torch.Tensor, "model sample time feature"],
        means: Sequence[torch.Tensor],
        squares: Sequence[torch.Tensor],
        clip: float,
    ) -> native.Learner | None:
        """Who makes a step of the squared error and Adam in one native call, on such sequences.

        `means` and `squares` are Adam's, in the order of the parameters. None where that call
        cannot be made: for several layers or directions, or another backend.
        """
        simple = self.cell.layers == self.cell.directions == 1
        where = (sequence.device, len(sequence), sequence.dtype)
        if not simple or choose(self.backend, self.cell, *where) != "native":
            return None
        return native.Learner(self.cell, list(self.parameters()), means, squares, clip)

    def _weights(self, models: torch.Tensor | None) -> dict[str, torch.Tensor]:
        named = self.named_parameters()
        return {
            name: each if models is None else each.index_select(0, models) for name, each in named
        }

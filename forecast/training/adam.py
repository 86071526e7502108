"""Adam (Kingma & Ba 2015, algorithm 1), element by element.

It is torch's, to the last bits, which a test holds it to. It is here because `torch.optim` imports
torch's compiler at its first step, which takes longer than learning a small network.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float

Number = float | Float[torch.Tensor, ""]


class Adam:
    """Follows the gradients of these parameters; betas 0.9 and 0.999, epsilon 1e-8, as usual.

    `paces` are factors of the learning rate, one for each model: the first axis of the parameters.
    """

    def __init__(
        self,
        parameters: Iterable[torch.nn.Parameter],
        learning_rate: float,
        paces: torch.Tensor | None = None,
    ) -> None:
        self.parameters, self.learning_rate, self.steps = list(parameters), learning_rate, 0
        self.paces = paces
        self.means = [torch.zeros_like(each) for each in self.parameters]
        self.squares = [torch.zeros_like(each) for each in self.parameters]

    @torch.no_grad()
    def go_on(
        self, steps: int, means: Iterable[torch.Tensor], squares: Iterable[torch.Tensor]
    ) -> None:
        """Go on where another one stood."""
        self.steps = steps
        for own, given in ((self.means, means), (self.squares, squares)):
            for each, other in zip(own, given, strict=True):
                each.copy_(other)

    def zero_grad(self) -> None:
        for each in self.parameters:
            each.grad = None

    def pace(self) -> tuple[float, float]:
        """Of one more step: its size, and by what the root of the squares is divided."""
        self.steps += 1
        size = self.learning_rate / (1 - 0.9**self.steps)
        return size, (1 - 0.999**self.steps) ** 0.5

    @torch.no_grad()
    def step(self, size: Number, widen: Number) -> None:
        """One step at such a pace; a parameter without a gradient stays where it is."""
        for each, mean, square in zip(self.parameters, self.means, self.squares, strict=True):
            if each.grad is None:
                continue
            mean.lerp_(each.grad, 1 - 0.9)
            square.mul_(0.999).addcmul_(each.grad, each.grad, value=1 - 0.999)
            moved = mean
            if self.paces is not None:
                moved = mean * self.paces.view(-1, *[1] * (mean.dim() - 1))
            each.addcdiv_(moved * size, square.sqrt().div_(widen).add_(1e-8), value=-1)

"""The best weights of each model so far, and every loss on the way there."""

from collections.abc import Mapping

import torch
from jaxtyping import Bool, Float
from torch import nn

from forecast.training.course import Snapshot

Losses = Float[torch.Tensor, " model"]
Which = Bool[torch.Tensor, " model"]


class Best:
    """Mutable: is told every epoch's losses, and keeps a copy of what was lowest."""

    def __init__(self, parameters: Mapping[str, nn.Parameter]) -> None:
        self.parameters = parameters
        self.weights = {name: weight.detach().clone() for name, weight in parameters.items()}
        some = next(iter(self.weights.values()))
        self.lowest = torch.full((len(some),), torch.inf, device=some.device)
        self.epoch = torch.zeros(len(some), dtype=torch.long, device=some.device)
        self.diverged = torch.zeros(len(some), dtype=torch.bool, device=some.device)
        self.curve: list[tuple[Losses, Losses]] = []

    def go_on(self, start: Snapshot) -> None:
        """Take over what another course had found."""
        device = self.lowest.device
        for name, weight in self.weights.items():
            weight.copy_(start.best[name])
        self.epoch = torch.tensor(start.best_epoch, device=device)
        both = (each.to(device) for each in (start.training, start.validation))
        self.curve = list(zip(*(each.unbind(1) for each in both), strict=True))
        judged = torch.stack([loss for _, loss in self.curve]).gather(0, self.epoch[None])[0]
        self.lowest = judged.nan_to_num(-start.epoch)

    def note(self, epoch: int, still: Which, trained: Losses, validation: Losses | None) -> Which:
        """Keep the losses of an epoch and the weights that are better; which models did not fail.

        Only those count that are `still` learning. Without a validation loss the newest is best.
        """
        score = torch.full_like(trained, -epoch) if validation is None else validation
        whole = [weight.isfinite().flatten(1).all(dim=1) for weight in self.parameters.values()]
        lost = still & ~(torch.stack(whole).all(dim=0) & score.isfinite())
        better = still & ~lost & (score < self.lowest)
        self.diverged |= lost
        self.lowest = torch.where(better, score, self.lowest)
        self.epoch[better] = epoch
        for name, weight in self.parameters.items():
            self.weights[name][better] = weight[better]
        nothing = torch.full_like(trained, torch.nan)
        judged = nothing if validation is None else validation
        self.curve.append((trained.where(still, nothing), judged))
        return still & ~lost

    def losses(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Training and validation loss, (model, epoch) each, on the processor."""
        training, validation = zip(*self.curve, strict=True)
        return torch.stack(training, dim=1).cpu(), torch.stack(validation, dim=1).cpu()

"""A whole step of learning in one call: forward, loss, backward, clipping and Adam.

It is what the layer, a linear head, a mean squared error and the optimiser give one after another.
It is faster because a block of samples goes there and back again at once: the tape of the way there
never reaches main memory, however many models there are.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int

from forecast.cells.base import Cell
from forecast.cells.native.call import (
    BEST,
    addresses,
    check,
    kind_of,
    learner_of,
    threads,
    view,
)


class Learner:
    """A stack of networks while it learns: one layer in one direction, and a linear head.

    Parameters are the layer's four and the head's weight `(model, output, hidden)` and bias; means
    and squares are Adam's, of the same shapes. All are moved in place.
    """

    def __init__(
        self,
        cell: Cell,
        parameters: Sequence[torch.Tensor],
        means: Sequence[torch.Tensor],
        squares: Sequence[torch.Tensor],
        clip: float = 0.0,
        kernel: int = BEST,
    ) -> None:
        """Gradients of a model are clipped to the norm `clip`; 0 never clips.

        Raises:
            SettingError: no compiled kernel, or not float32 or float64 on a processor.
        """
        self._kept = [*parameters, *means, *squares]
        check(self._kept)
        if not all(each.is_contiguous() for each in self._kept):
            raise ValueError("parameters, means and squares are moved in place: contiguous ones")
        self._does = learner_of(parameters[0].dtype)(
            kernel,
            kind_of(cell),
            (cell.features, cell.hidden, parameters[4].shape[1]),
            addresses(*parameters),
            addresses(*means),
            addresses(*squares),
            clip,
            threads(),
        )

    def losses(
        self,
        sequence: Float[torch.Tensor, "model sample time feature"],
        targets: Float[torch.Tensor, "model sample output"],
        importance: Float[torch.Tensor, "model sample"],
        models: Int[torch.Tensor, " model"] | None,
    ) -> Float[torch.Tensor, " model"]:
        """Mean squared error of each model over its samples, by importance.

        `models` names the parameters that the samples are for, where not all are asked.
        """
        return self._call(self._does.losses, (sequence, targets, importance), models)

    def step(
        self,
        sequence: Float[torch.Tensor, "model sample time feature"],
        targets: Float[torch.Tensor, "model sample output"],
        importance: Float[torch.Tensor, "model sample"],
        models: Int[torch.Tensor, " model"] | None,
        pace: tuple[float, float],
    ) -> Float[torch.Tensor, " model"]:
        """The same losses, and a step of those models down the gradients of them.

        `pace` is Adam's step size and by what the root of its squares is divided.
        """
        return self._call(self._does.step, (sequence, targets, importance), models, *pace)

    def _call(
        self,
        does: Callable[..., None],
        samples: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
        models: torch.Tensor | None,
        *pace: float,
    ) -> torch.Tensor:
        sequence, targets, importance = samples
        check([self._kept[0], *samples])
        loss = sequence.new_empty(len(sequence))
        does(
            tuple(sequence.shape[:3]),
            *addresses(models),
            view(sequence, 4),
            view(targets, 3),
            view(importance, 2),
            *addresses(loss),
            *pace,
        )
        return loss

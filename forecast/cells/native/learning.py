"""A whole step of learning in one call: forward, loss, backward, clipping and Adam.

It is what the layer, a linear head, a mean squared error and the optimiser give one after another.
It is faster because a block of samples goes there and back again at once: the tape of the way there
never reaches main memory, however many models there are.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch.autograd.graph import increment_version

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
from forecast.cells.native.shapes import fit, fit_models, fit_parameters, fit_sequence


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
            SettingError: no compiled kernel, or not float32 or float64 on a processor, of another
                shape than the cell's, or not contiguous.
        """
        self._kept = [*parameters, *means, *squares]
        check(self._kept)
        fit_parameters(cell, parameters, [*means, *squares])
        self._features = cell.features
        self._models, self._outputs = parameters[5].shape
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

        Raises:
            DataError: samples or numbers of models that do not fit the parameters or each other.
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

        Raises:
            DataError: as `losses`.
        """
        losses = self._call(self._does.step, (sequence, targets, importance), models, *pace)
        # Autograd has not seen them move: a graph made before has to refuse its way back.
        for each in self._kept:
            increment_version(each)
        return losses

    def _call(
        self,
        does: Callable[..., None],
        samples: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
        models: torch.Tensor | None,
        *pace: float,
    ) -> torch.Tensor:
        sequence, targets, importance = (each.resolve_neg() for each in samples)
        check([self._kept[0], sequence, targets, importance])
        asked = self._models if models is None else len(models)
        fit_sequence(sequence, asked, self._features)
        count = sequence.shape[1]
        fit("targets", targets, (asked, count, self._outputs))
        fit("importance", importance, (asked, count))
        if models is not None:
            fit_models(models, self._models)
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

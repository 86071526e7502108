import pytest
import torch
from torch.nn import functional

from forecast.models.seq2seq import Outlook
from forecast.training.tied_loss import tied_cross_entropy

TARGETS = torch.tensor([[[1, 4, 0], [2, 2, 6]], [[3, 0, 5], [6, 1, 1]]])
WEIGHTS = torch.tensor([[[1.0, 0.5, 0.0], [1.0, 1.0, 2.0]]]).expand(2, 2, 3)


def _outlook(dtype: torch.dtype) -> Outlook:
    own = torch.Generator().manual_seed(0)
    shapes = (2, 2, 3, 4), (2, 7, 4), (2, 7)
    parts = (torch.randn(shape, generator=own, dtype=dtype) for shape in shapes)
    return Outlook(*(part.requires_grad_() for part in parts))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_loss_and_gradients_are_those_of_torch(smoothing: float) -> None:
    ours, theirs = _outlook(torch.float64), _outlook(torch.float64)
    losses = tied_cross_entropy(ours, TARGETS, smoothing=smoothing)
    expected = functional.cross_entropy(
        theirs.scores().flatten(0, 2),
        TARGETS.flatten(),
        reduction="none",
        label_smoothing=smoothing,
    ).view(TARGETS.shape)
    torch.testing.assert_close(losses, expected)
    for loss in (losses, expected):
        torch.autograd.backward((loss * WEIGHTS).sum())
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own.grad, other.grad)


def test_half_precision_comes_close() -> None:
    whole, half = _outlook(torch.float32), _outlook(torch.float32)
    rough = half._replace(features=half.features.bfloat16())
    losses = [tied_cross_entropy(each, TARGETS) for each in (whole, rough)]
    for loss in losses:
        torch.autograd.backward(loss.sum())
    torch.testing.assert_close(*losses, rtol=0.02, atol=0.05)
    assert half.features.grad is not None
    torch.testing.assert_close(half.features.grad, whole.features.grad, rtol=0.05, atol=0.05)

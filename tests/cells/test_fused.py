"""torch's own kernels: the bits of `torch.nn`, in any stack."""

import numpy as np
import pytest
import torch

from forecast.cells import run, to_torch
from tests.cells.twins import KINDS, by_backend, case, model

kinds = pytest.mark.parametrize("kind", KINDS)


@kinds
def test_a_model_has_the_same_bits_in_any_stack(kind: str) -> None:
    stack = case(KINDS[kind], models=3, samples=40, dtype=torch.float32)
    together = by_backend(stack, "fused")
    for index in range(3):
        alone = by_backend(model(stack, index), "fused")
        assert all(np.array_equal(alone[name][0], together[name][index]) for name in alone)


@kinds
def test_the_bits_are_those_of_torch(kind: str) -> None:
    stack = case(KINDS[kind], models=2, samples=40, dtype=torch.float32)
    outputs, _ = run(stack.cell, stack.weights, stack.sequence, backend="fused")
    for index in range(2):
        expected, _ = to_torch(stack.cell, stack.weights, index)(stack.sequence[index])
        assert torch.equal(outputs[index], expected)

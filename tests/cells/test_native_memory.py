"""What lies in memory is what torch means: signs that wait, numbers that have moved."""

import pytest
import torch

from forecast.cells import Cell, LayerState, LayerWeights, initial
from forecast.cells.native import Learner, available, describe, layer
from forecast.errors import SettingError
from forecast.models.many_to_one import ManyToOne
from forecast.training.adam import Adam

pytestmark = pytest.mark.skipif(not available(), reason=f"no compiled kernel: {describe()}")

CELL = Cell(kind="lstm", features=3, hidden=4)


def waiting(*shape: int) -> torch.Tensor:
    """Numbers whose sign torch has only noted as turned."""
    own = torch.Generator().manual_seed(0)
    made = torch.view_as_complex(torch.randn(*shape, 2, generator=own)).conj().imag
    assert made.is_neg()
    return made


def network() -> tuple[ManyToOne, Adam]:
    made = ManyToOne(CELL, 1, [0], backend="native", quiet_head=False)
    return made, Adam(made.parameters(), 0.01)


def learner_of(made: ManyToOne, adam: Adam) -> Learner:
    return Learner(CELL, list(made.parameters()), adam.means, adam.squares)


def test_a_layer_reads_signs_that_wait() -> None:
    weights = [each.requires_grad_() for each in initial(CELL, [0]).values()]
    sequence, hidden, memory = waiting(1, 40, 5, 3), waiting(1, 40, 4), waiting(1, 40, 4)
    back = waiting(1, 40, 5, 4)

    def answer(*given: torch.Tensor) -> list[torch.Tensor]:
        sequence, hidden, memory, back = given
        state = LayerState(hidden, memory)
        outputs, _ = layer(CELL, LayerWeights(*weights), sequence, state, None)
        return [outputs, *torch.autograd.grad(outputs, weights, back)]

    given = (sequence, hidden, memory, back)
    plain = [each.resolve_neg() for each in given]
    assert all(map(torch.equal, answer(*given), answer(*plain)))


def test_a_learner_reads_signs_that_wait() -> None:
    learner = learner_of(*network())
    given = waiting(1, 40, 5, 3), waiting(1, 40, 1), waiting(1, 40)
    plain = [each.resolve_neg() for each in given]
    assert torch.equal(learner.losses(*given, None), learner.losses(*plain, None))


def test_a_learner_refuses_parameters_whose_sign_waits() -> None:
    made, adam = network()
    adam.means[-1] = waiting(1, 1)
    with pytest.raises(SettingError, match="head_bias is moved in place"):
        learner_of(made, adam)


def test_a_graph_from_before_a_step_refuses_its_way_back() -> None:
    made, adam = network()
    learner = learner_of(made, adam)
    samples = torch.randn(1, 40, 5, 3), torch.randn(1, 40, 1), torch.ones(1, 40)
    learner.losses(*samples, None)
    loss = made(samples[0]).square().mean()
    learner.step(*samples, None, adam.pace())
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_a_step_is_seen_in_everything_that_it_moves_and_a_loss_in_nothing() -> None:
    made, adam = network()
    learner = learner_of(made, adam)
    kept = [*made.parameters(), *adam.means, *adam.squares]
    samples = torch.randn(1, 40, 5, 3), torch.randn(1, 40, 1), torch.ones(1, 40)
    before = [each._version for each in kept]
    learner.losses(*samples, None)
    assert [each._version for each in kept] == before
    learner.step(*samples, None, adam.pace())
    assert all(each._version > old for each, old in zip(kept, before, strict=True))

import pytest
import torch

from forecast.cells import Cell, to_torch
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind

WINDOWS = torch.randn(2, 6, 7, 5, generator=torch.Generator().manual_seed(0))


def test_an_untrained_quiet_network_answers_zero() -> None:
    network = ManyToOne(Cell(kind="lstm", features=5, hidden=4), 3, seeds=[0, 1])
    assert network(WINDOWS).abs().max() == 0
    assert network(WINDOWS).shape == (2, 6, 3)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_the_answer_is_torch_nn_and_a_linear_layer(kind: CellKind) -> None:
    cell = Cell(kind=kind, features=5, hidden=4, layers=2)
    network = ManyToOne(cell, 3, seeds=[0, 1], quiet_head=False)
    weights = dict(network.named_parameters())
    for model in range(2):
        outputs, _ = to_torch(cell, weights, model)(WINDOWS[model])
        head = weights["head_weight"][model], weights["head_bias"][model]
        expected = torch.nn.functional.linear(outputs[:, -1], *head)
        torch.testing.assert_close(network(WINDOWS)[model], expected)


def test_both_directions_read_the_whole_window() -> None:
    network = ManyToOne(
        Cell(kind="gru", features=5, hidden=4, bidirectional=True), 1, [0, 1], quiet_head=False
    )
    sequence = WINDOWS.clone().requires_grad_()
    network(sequence).sum().backward()
    assert sequence.grad is not None
    assert (sequence.grad.abs().sum(dim=(0, 1, 3)) > 0).all()


def test_a_part_of_the_stack_answers_as_it_does_in_the_whole() -> None:
    network = ManyToOne(Cell(kind="lstm", features=5, hidden=4), 1, [0, 1], quiet_head=False)
    assert torch.equal(network(WINDOWS[1:], torch.tensor([1]))[0], network(WINDOWS)[1])


def test_dropout_acts_in_training_only_and_follows_the_seed() -> None:
    cell = Cell(kind="lstm", features=5, hidden=4, layers=2, dropout=0.5)
    first, second = (ManyToOne(cell, 1, [0, 1], quiet_head=False) for _ in range(2))
    assert torch.equal(first(WINDOWS), second(WINDOWS))
    assert not torch.equal(first(WINDOWS), first(WINDOWS))
    assert torch.equal(first.eval()(WINDOWS), first(WINDOWS))

from collections.abc import Callable

import numpy as np
import pytest
import torch

from forecast.cells import Cell
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind, Training
from forecast.training import graphs
from forecast.training.adam import Adam
from forecast.training.batches import Samples
from forecast.training.loop import Curves, attempt
from forecast.training.losses import squared_error
from forecast.training.steps import Steps
from tests.training.recorder import recorded
from tests.training.test_loop import _samples as samples

COURSES = {
    "whole": Training(epochs=20, patience=4, learning_rate=0.05),
    "batches, the last of them smaller": Training(epochs=8, batch=25, patience=4, clip=0.0),
}


class Counted:
    """A recorder for the processor, and how often what it recorded was replayed."""

    replays = 0

    def __call__(self, work: Callable[[], torch.Tensor]) -> tuple[graphs.Replay, torch.Tensor]:
        again, losses = recorded(work)

        def replay() -> None:
            self.replays += 1
            again()

        return replay, losses


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    found = Counted()
    monkeypatch.setitem(graphs.RECORDERS, "cpu", found)
    return found


def _learned(how: Training, cell: Cell) -> tuple[ManyToOne, Curves]:
    """Models end at different times, so the stack changes its shape on the way."""
    networks = ManyToOne(cell, 1, [0, 1, 2], backend="unrolled")
    return networks, attempt(networks, samples(60, [0, 1, 2]), samples(20, [3, 4, 5]), how)


@pytest.mark.parametrize("how", COURSES.values(), ids=COURSES)
@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_replayed_steps_are_the_steps_themselves(
    request: pytest.FixtureRequest, kind: CellKind, how: Training
) -> None:
    cell = Cell(kind=kind, features=1, hidden=4, bidirectional=kind == "gru")
    slow, by_hand = _learned(how, cell)
    counted = request.getfixturevalue("counted")
    fast, replayed = _learned(how, cell)
    assert counted.replays > how.epochs // 2
    np.testing.assert_array_equal(by_hand.training, replayed.training)
    np.testing.assert_array_equal(by_hand.validation, replayed.validation)
    for (name, one), other in zip(slow.named_parameters(), fast.parameters(), strict=True):
        assert torch.equal(one, other), name


def test_what_draws_at_random_is_not_replayed(counted: Counted) -> None:
    _learned(COURSES["whole"], Cell(kind="gru", features=1, hidden=4, layers=2, dropout=0.1))
    assert counted.replays == 0


def test_what_cannot_be_recorded_is_done_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Callable[[], torch.Tensor]) -> tuple[graphs.Replay, torch.Tensor]:
        raise RuntimeError("operation not permitted when stream is capturing")

    how, cell = COURSES["whole"], Cell(kind="rnn", features=1, hidden=4)
    _, by_hand = _learned(how, cell)
    monkeypatch.setitem(graphs.RECORDERS, "cpu", refused)
    _, unrecorded = _learned(how, cell)
    np.testing.assert_array_equal(by_hand.training, unrecorded.training)


def test_only_so_many_recordings_are_kept(counted: Counted) -> None:
    call = graphs.Graphs(counted)
    for count in range(1, 2 * graphs.MOST):
        for _ in range(graphs.WARM + 2):
            assert call(torch.square, torch.full((count,), 3.0)).tolist() == [9.0] * count
    assert len(call.recordings) == graphs.MOST
    assert counted.replays == 2 * (2 * graphs.MOST - 1)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn"])
@pytest.mark.parametrize("active", [[0, 1, 2], [0, 2]])
def test_a_step_never_waits_for_the_device(kind: CellKind, active: list[int]) -> None:
    """Tensors without data refuse to be read: a graph could not be recorded, a GPU would stand."""
    networks = ManyToOne(Cell(kind=kind, features=2, hidden=4), 1, [0, 1, 2]).to("meta")
    shapes = ((5, 2), (1,), ())
    given = Samples(*(torch.empty(len(active), 30, *each, device="meta") for each in shapes))
    adam = Adam(networks.parameters(), 0.01)
    steps = Steps(networks, squared_error, adam, 1.0, given)
    which = torch.empty(len(active), dtype=torch.long, device="meta")
    for losses in (steps.learn(given, which), steps.judge(given, which)):
        assert (losses.device.type, losses.shape) == ("meta", (len(active),))

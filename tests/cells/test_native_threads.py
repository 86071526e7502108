"""The kernel beside the threads of Python: it holds none of them up, and shares nothing."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock, Thread

import pytest
import torch

from forecast.cells import Cell, initial
from forecast.cells.native import TEAM, Learner, available, describe
from forecast.cells.native.call import BEST, Given, How, addresses, bind, view
from forecast.models.many_to_one import ManyToOne
from forecast.training.adam import Adam

pytestmark = pytest.mark.skipif(not available(), reason=f"no compiled kernel: {describe()}")

CELL = Cell(kind="lstm", features=5, hidden=32)
SAMPLES, TIME = 2000, 20
PATIENCE = 60.0  # seconds for which no thread is made to let another one run


class Work:
    """Calls of the compiled module alone: what torch does beside them would let others run, too."""

    def __init__(self) -> None:
        self.kept: list[torch.Tensor] = []
        weights = initial(CELL, [0]).values()
        sequence = self.ones(1, SAMPLES, TIME, 5)
        self.layer = bind(How(BEST, CELL), Given(sequence, *weights))
        self.kept += weights
        state = (1, SAMPLES, 32)
        self.results = [self.ones(1, SAMPLES, TIME, 32), self.ones(*state), self.ones(*state)]
        self.tape = addresses(self.ones(self.layer.tape_size))
        network = ManyToOne(CELL, 1, [0], backend="native")
        adam = Adam(network.parameters(), 0.01)
        self.learner = Learner(CELL, adam.parameters, adam.means, adam.squares)
        samples = sequence, self.ones(1, SAMPLES, 1), self.ones(1, SAMPLES)
        views = (view(each, axes) for each, axes in zip(samples, (4, 3, 2), strict=True))
        self.lesson = ((1, SAMPLES, TIME), 0, *views, *addresses(self.ones(1)))
        self.views = [view(each, axes) for each, axes in zip(self.results, (4, 3, 3), strict=True)]
        self.gradients = addresses(*(self.ones(*each.shape) for each in weights))

    def ones(self, *shape: int) -> torch.Tensor:
        self.kept.append(torch.ones(shape))
        return self.kept[-1]

    def there(self) -> None:
        self.layer.forward(*self.views, *self.tape)

    def back(self) -> None:
        nothing = [view(None, axes) for axes in (4, 3, 3)]
        self.layer.backward(*self.tape, *self.views, self.gradients, *nothing)

    def losses(self) -> None:
        self.learner._does.losses(*self.lesson)

    def step(self) -> None:
        self.learner._does.step(*self.lesson, 0.01, 1.0)


@pytest.fixture
def patient() -> Iterator[None]:
    """A thread of Python runs on until it waits for something or lets others run by itself."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(PATIENCE)
    yield
    sys.setswitchinterval(before)


def passed_by(work: Callable[[], object], rounds: int) -> bool:
    """Whether another thread could run while this one did nothing but the work."""
    gate, seen = Lock(), list[bool]()

    def run() -> None:
        with gate:
            seen.append(True)

    gate.acquire()
    other = Thread(target=run)
    other.start()
    gate.release()  # the other waits for nothing any more but its turn
    for _ in range(rounds):
        work()
        if seen:
            break
    found = bool(seen)
    other.join()
    return found


@pytest.mark.usefixtures("patient")
def test_other_threads_run_while_the_kernel_computes() -> None:
    work = Work()
    work.there()
    assert not passed_by(lambda: sum(range(100_000)), rounds=20)
    for each in (work.there, work.back, work.losses, work.step):
        assert passed_by(each, rounds=200), each


def learned(seed: int) -> list[torch.Tensor]:
    """What a network has become after some steps by two threads of the kernel."""
    own = torch.Generator().manual_seed(seed)
    samples = [torch.randn(shape, generator=own) for shape in ((2, 700, 7, 5), (2, 700, 1))]
    network = ManyToOne(CELL, 1, [seed, seed + 1], backend="native", quiet_head=False)
    adam = Adam(network.parameters(), 0.01)
    team = TEAM.set(2)
    learner = Learner(CELL, adam.parameters, adam.means, adam.squares, 1.0)
    TEAM.reset(team)
    for _ in range(5):
        learner.step(*samples, torch.ones(2, 700), None, adam.pace())
    return [each.detach() for each in network.parameters()]


def test_networks_that_learn_in_several_threads_at_once_do_not_meet() -> None:
    alone = [learned(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(learned, range(4)))
    for one, other in zip(alone, together, strict=True):
        assert all(map(torch.equal, one, other))

import numpy as np
import pytest
import torch
from torch import nn

from forecast.cells import Cell, native
from forecast.errors import TrainingError
from forecast.models.many_to_one import ManyToOne
from forecast.settings import BackendName, Training
from forecast.training.batches import Samples, stack
from forecast.training.loop import train
from forecast.training.losses import squared_error


def _samples(count: int, seeds: list[int]) -> Samples:
    """Sums of two noisy numbers, to be learned from windows of two."""
    datasets = []
    for seed in seeds:
        random = np.random.default_rng(seed)
        x = 0.5 * random.standard_normal((count, 2, 1))
        datasets.append([(x, x.sum(axis=1) + 0.1 * random.standard_normal((count, 1)))])
    return stack(datasets)


def _networks(models: int) -> ManyToOne:
    return ManyToOne(Cell(kind="lstm", features=1, hidden=4), 1, list(range(models)))


def _weights(networks: nn.Module) -> dict[str, torch.Tensor]:
    return {name: each.detach().clone() for name, each in networks.named_parameters()}


def test_what_can_be_learned_is_learned() -> None:
    networks = _networks(2)
    curves = train(networks, _samples(200, [0, 1]), _samples(50, [2, 3]), Training(epochs=150))
    assert (np.nanmin(curves.validation, axis=1) < 0.1 * curves.validation[:, 0]).all()


def test_each_model_is_left_with_its_best_weights() -> None:
    networks, judge = _networks(2), _samples(50, [2, 3])
    curves = train(networks, _samples(20, [0, 1]), judge, Training(epochs=200, learning_rate=0.1))
    with torch.no_grad():
        losses = squared_error(networks.eval()(judge.inputs), judge.targets).mean(dim=1)
    lowest = [curves.validation[model, best] for model, best in enumerate(curves.best)]
    np.testing.assert_allclose(losses.numpy(), lowest, rtol=1e-5)
    np.testing.assert_allclose(lowest, np.nanmin(curves.validation, axis=1))


def test_noise_leaves_the_untrained_network() -> None:
    networks = _networks(1)
    learn, judge = _samples(30, [0]), _samples(30, [1])
    before = _weights(networks)
    noise = judge._replace(targets=torch.zeros_like(judge.targets))
    curves = train(networks, learn, noise, Training(patience=5))
    assert curves.best == (0,)
    assert curves.validation.shape == (1, 6)
    assert all(torch.equal(before[name], each) for name, each in _weights(networks).items())


@pytest.mark.parametrize("batch", [0, 16])
def test_no_model_moves_another_by_one_bit(batch: int) -> None:
    """Not even by ending early, which changes who else is computed."""
    how = Training(epochs=60, patience=5, learning_rate=0.05, batch=batch)
    learn, judge = _samples(60, [0, 1, 2]), _samples(20, [3, 4, 5])
    other = Samples(*(each.clone() for each in learn[:3]))
    other.targets[0], other.targets[2] = 0.0, 3 * other.targets[2]
    calm, wild = _networks(3), _networks(3)
    calm_curves = train(calm, learn, judge, how)
    wild_curves = train(wild, other, judge, how)
    assert (
        np.isfinite(calm_curves.validation).sum(1)[0]
        != np.isfinite(wild_curves.validation).sum(1)[0]
    )
    for name, weight in _weights(calm).items():
        assert torch.equal(weight[1], _weights(wild)[name][1]), name


@pytest.mark.parametrize("backend", ["unrolled", *(["native"] if native.available() else [])])
def test_a_batch_without_a_sample_of_a_model_tells_nothing_of_it(backend: BackendName) -> None:
    """Of 33 places, the shorter history fills 5: most batches of 2 hold padding alone."""
    random = np.random.default_rng(0)
    data = [random.standard_normal((count, 2, 1)) for count in (5, 33)]
    learn = stack([[(x, np.zeros((len(x), 1)))] for x in data])
    networks = ManyToOne(
        Cell(kind="lstm", features=1, hidden=4), 1, [0, 1], backend=backend, quiet_head=False
    )
    with torch.no_grad():
        answers = networks(learn.inputs)[..., 0].square() * learn.weights
    how = Training(epochs=1, batch=2, learning_rate=1e-8, validation=0.0)
    curves = train(networks, learn, None, how)
    assert curves.diverged == (False, False)
    # The mean over batches is that over samples, but for batches with one sample only.
    means = answers.sum(dim=1) / learn.weights.sum(dim=1)
    np.testing.assert_allclose(curves.training[:, 1], means.numpy(), rtol=0.3)


class _Counted(ManyToOne):
    """Notes of how many models a step is made, whoever makes it."""

    def __init__(self, backend: BackendName) -> None:
        super().__init__(Cell(kind="lstm", features=1, hidden=4), 1, [0, 1, 2], backend=backend)
        self.learned: list[int] = []

    def forward(self, sequence, models=None):
        if self.training:
            self.learned.append(len(sequence))
        return super().forward(sequence, models)

    def learner(self, sequence, means, squares, clip):
        found = super().learner(sequence, means, squares, clip)
        return found and _CountedLearner(found, self.learned)


class _CountedLearner:
    def __init__(self, learner: native.Learner, learned: list[int]) -> None:
        self.losses, self._learner, self._learned = learner.losses, learner, learned

    def step(self, sequence, *others):
        self._learned.append(len(sequence))
        return self._learner.step(sequence, *others)


@pytest.mark.parametrize("backend", ["unrolled", *(["native"] if native.available() else [])])
def test_a_model_that_has_ended_is_not_computed_any_more(backend: BackendName) -> None:
    learn, judge = _samples(60, [0, 1, 2]), _samples(20, [3, 4, 5])
    judge.targets[0] *= -1  # what it learns makes its answers worse
    networks = _Counted(backend)
    curves = train(networks, learn, judge, Training(epochs=20, patience=3))
    learning = np.isfinite(curves.validation[:, 1:]).sum(axis=0)
    assert networks.learned == learning.tolist()
    assert learning[0] == 3 > learning[-1]


def test_gradients_are_clipped_model_by_model() -> None:
    how = Training(epochs=1, clip=1e-9, validation=0.0)
    networks = _networks(2)
    learn = _samples(30, [0, 1])
    learn.targets[0] *= 1e6
    before = _weights(networks)
    train(networks, learn, None, how)
    moved = [
        (_weights(networks)["head_bias"] - before["head_bias"])[model].abs().max()
        for model in (0, 1)
    ]
    assert moved[0] > 0
    assert 0.5 < moved[0] / moved[1] < 2


def test_a_model_that_diverges_ends_alone_with_finite_weights() -> None:
    networks, learn, judge = _networks(2), _samples(30, [0, 1]), _samples(30, [2, 3])
    learn.targets[0, 0] = torch.nan
    curves = train(networks, learn, judge, Training(epochs=20, patience=20))
    assert curves.diverged == (True, False)
    assert curves.best[1] > 0
    assert all(each.isfinite().all() for each in _weights(networks).values())


def test_when_all_diverge_the_error_names_the_learning_rate() -> None:
    learn = _samples(30, [0])
    learn.targets[0, 0] = torch.nan
    with pytest.raises(TrainingError, match=r"at learning rate 0\.01"):
        train(_networks(1), learn, _samples(30, [1]), Training())


def test_progress_counts_the_epochs() -> None:
    seen = []
    train(
        _networks(1),
        _samples(9, [0]),
        None,
        Training(epochs=3),
        progress=lambda *at: seen.append(at),
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.skipif(not native.available(), reason="the native kernel is not installed")
def test_learning_in_one_native_call_is_learning_step_by_step() -> None:
    learn, judge = _samples(60, [0, 1]), _samples(20, [2, 3])
    cell = Cell(kind="gru", features=1, hidden=4)
    curves = [
        train(ManyToOne(cell, 1, [0, 1], backend=backend), learn, judge, Training(epochs=25))
        for backend in ("native", "unrolled")
    ]
    np.testing.assert_allclose(curves[0].training, curves[1].training, rtol=1e-3)
    np.testing.assert_allclose(curves[0].validation, curves[1].validation, rtol=1e-3)

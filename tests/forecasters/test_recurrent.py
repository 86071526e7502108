from dataclasses import replace

import numpy as np
import pytest

from forecast.cells import native
from forecast.errors import CheckpointError, DataError, TrainingError
from forecast.forecasters.recurrent import FittedRecurrent, Recurrent, restore
from forecast.settings import BackendName, CellKind, Compute, Inputs, Network, Training
from forecast.training.checkpoint import Checkpoint
from tests.made import table

WHOLE = table(160, signal=0.8)
SHALLOW = Network(hidden=3)
DEEP = Network(hidden=3, layers=2, bidirectional=True, dropout=0.2)
# GiB that hold some of the networks below, and not all: by the kernel, and by torch.
MEMORY = {SHALLOW: (2e-4, 8e-4), DEEP: (2e-3, 1.8e-3)}
KNOWN = [WHOLE.iloc[:end] for end in range(120, 160)]


def _forecaster(cell: CellKind = "lstm", seed: int = 0) -> Recurrent:
    training = Training(epochs=40, learning_rate=0.02, seed=seed)
    return Recurrent(cell=cell, network=Network(hidden=4), training=training)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_each_cell_learns_and_answers_in_prices(cell: CellKind) -> None:
    fitted = _forecaster(cell).fit_many([WHOLE.iloc[:120]], 3)[0]
    assert fitted.curve.best > 0
    answers = fitted.forecast(KNOWN)
    assert answers.shape == (40, 3)
    last = np.array([each["close"].iloc[-1] for each in KNOWN])
    assert np.abs(np.log(answers / last[:, None])).max() < 0.1


def test_histories_learned_together_are_as_if_learned_alone() -> None:
    histories = [WHOLE.iloc[:100], WHOLE.iloc[:140]]
    together = _forecaster().fit_many(histories, 1)
    alone = [_forecaster().fit_many([each], 1)[0] for each in histories]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.forecast(KNOWN), other.forecast(KNOWN), rtol=1e-5)


def test_one_history_does_not_move_the_forecasts_of_another_by_one_bit() -> None:
    calm, wild = (
        _forecaster().fit_many([WHOLE.iloc[:100], table(140, seed)], 1)[0] for seed in (5, 6)
    )
    assert np.array_equal(calm.forecast(KNOWN), wild.forecast(KNOWN))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others() -> None:
    first, again, other = (
        _forecaster(seed=seed).fit_many([WHOLE.iloc[:120]], 1)[0].forecast(KNOWN)
        for seed in (0, 0, 1)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_histories_are_left_as_they_were() -> None:
    history = WHOLE.iloc[:120].copy()
    _forecaster().fit_many([history], 1)[0].forecast([history])
    assert history.equals(WHOLE.iloc[:120])


def test_a_refit_starts_from_the_weights_before() -> None:
    still = Recurrent(network=Network(hidden=4), training=Training(epochs=1, learning_rate=1e-8))
    before = _forecaster().fit_many([WHOLE.iloc[:120]], 1)
    after = still.refit_many(before, [WHOLE.iloc[:120]], 1)
    np.testing.assert_allclose(after[0].forecast(KNOWN), before[0].forecast(KNOWN), rtol=1e-6)


def test_the_level_recipe_answers_near_its_range() -> None:
    forecaster = Recurrent(
        inputs=Inputs(inputs="level"),
        training=Training(epochs=100, validation=0.0),
        network=Network(hidden=4),
    )
    history = WHOLE.iloc[:120]
    answers = forecaster.fit_many([history], 1)[0].forecast(KNOWN)
    low, high = history["close"].min(), history["close"].max()
    assert ((answers > low - (high - low)) & (answers < high + (high - low))).all()


def test_a_saved_network_answers_with_the_same_bits() -> None:
    fitted = _forecaster("gru").fit_many([WHOLE.iloc[:120]], 2)[0]
    assert np.array_equal(restore(fitted.checkpoint()).forecast(KNOWN), fitted.forecast(KNOWN))


@pytest.mark.parametrize(
    "change",
    [
        {"cell": "gru"},
        {"cell": "x"},
        {"inputs": {}},
        {"network": {"hidden": 5}},
        {"training": {"nonsense": 1}},
    ],
)
def test_a_description_that_does_not_fit_the_weights_is_refused(change: dict[str, object]) -> None:
    saved = _forecaster().fit_many([WHOLE.iloc[:120]], 1)[0].checkpoint()
    with pytest.raises(CheckpointError, match="is not one that this version can make") as error:
        restore(Checkpoint(saved.weights, {**saved.about, **change}))
    assert "\n" not in str(error.value)


def test_too_short_a_history_names_both_numbers() -> None:
    with pytest.raises(DataError, match=r"7 rows; window 7 \+ horizon 1 need 8"):
        _forecaster().fit_many([WHOLE.iloc[:8]], 1)


def test_pooled_histories_that_end_together_share_one_network() -> None:
    settings = Training(epochs=30, learning_rate=0.02, pooled=True)
    forecaster = Recurrent(network=Network(hidden=4), training=settings)
    histories = [WHOLE.iloc[:120], table(120, 1, 0.8), WHOLE.iloc[:100]]
    first, second, other = forecaster.fit_many(histories, 1)
    for name, weight in first.weights.items():
        assert np.array_equal(weight, second.weights[name])
    assert not np.array_equal(first.weights["head_weight"], other.weights["head_weight"])
    assert first.inputs.spread != second.inputs.spread
    alone = forecaster.fit_many(histories[2:], 1)[0]
    np.testing.assert_allclose(other.forecast(KNOWN), alone.forecast(KNOWN), rtol=1e-5)


@pytest.mark.parametrize("batch", [0, 32])
def test_a_network_learns_the_same_bits_however_many_seeds_learn_beside_it(batch: int) -> None:
    def fitted(seed: int, seeds: int) -> FittedRecurrent:
        how = Training(epochs=20, learning_rate=0.02, seed=seed, seeds=seeds, batch=batch)
        forecaster = Recurrent(network=Network(hidden=4), training=how)
        return forecaster.fit_many([WHOLE.iloc[:120]], 1)[0]

    three, last = fitted(5, 3), fitted(7, 1)
    for name, weight in last.weights.items():
        assert np.array_equal(three.weights[name][2], weight[0]), name
    assert not np.array_equal(three.weights["weight_ih_l0"][0], three.weights["weight_ih_l0"][1])


@pytest.mark.parametrize("pooled", [False, True])
def test_seeds_answer_with_the_mean_of_their_log_changes(pooled: bool) -> None:
    how = Training(epochs=20, learning_rate=0.02, seeds=3, pooled=pooled, trust=0.0)
    forecaster = Recurrent(network=Network(hidden=4), training=how)
    histories = [WHOLE.iloc[:120], table(120, 1, 0.8)]
    together = forecaster.fit_many(histories, 2)
    alone = [
        replace(forecaster, training=replace(how, seed=seed, seeds=1)).fit_many(histories, 2)
        for seed in range(3)
    ]
    for at, fit in enumerate(together):
        logs = np.mean([np.log(each[at].forecast(KNOWN)) for each in alone], axis=0)
        np.testing.assert_allclose(np.log(fit.forecast(KNOWN)), logs, rtol=1e-7)


def test_a_saved_ensemble_answers_with_the_same_bits_and_can_go_on() -> None:
    how = Training(epochs=20, learning_rate=0.02, seeds=3)
    forecaster = Recurrent(network=Network(hidden=4), training=how)
    fitted = forecaster.fit_many([WHOLE.iloc[:120]], 2)[0]
    restored = restore(fitted.checkpoint())
    assert np.array_equal(restored.forecast(KNOWN), fitted.forecast(KNOWN))
    onward = [
        forecaster.refit_many([each], [WHOLE.iloc[:130]], 2)[0] for each in (fitted, restored)
    ]
    assert np.array_equal(onward[0].forecast(KNOWN), onward[1].forecast(KNOWN))


def test_a_warm_refit_takes_a_tenth_of_the_epochs() -> None:
    forecaster = Recurrent(network=Network(hidden=4), training=Training(epochs=40, validation=0.0))
    before = forecaster.fit_many([WHOLE.iloc[:120]], 1)
    after = forecaster.refit_many(before, [WHOLE.iloc[:140]], 1)
    assert (len(before[0].curve.training), len(after[0].curve.training)) == (41, 5)


@pytest.mark.parametrize("backend", ["native", "fused", "unrolled"])
@pytest.mark.parametrize("batch", [0, 32])
@pytest.mark.parametrize("network", [SHALLOW, DEEP], ids=["one layer", "deep"])
def test_less_memory_moves_no_forecast_by_one_bit(
    backend: BackendName, batch: int, network: Network
) -> None:
    if backend == "native" and not native.available():
        pytest.skip("the native kernel is not installed")
    how = Training(epochs=12, learning_rate=0.02, seeds=2, batch=batch)
    forecaster = Recurrent(network=network, training=how, compute=Compute(backend=backend))
    _same_in_portions(forecaster, MEMORY[network][backend != "native"], (90, 150, 120, 100))


@pytest.mark.skipif(not native.available(), reason="the native kernel is not installed")
def test_few_samples_are_learned_alike_beside_more_of_others() -> None:
    """The kernel adds up few samples in another order, and padding makes them many."""
    how = Training(epochs=5, learning_rate=0.02, trust=0.0)
    forecaster = Recurrent(network=Network(hidden=64), training=how)
    _same_in_portions(forecaster, 3e-3, (40, 150, 120))


def _same_in_portions(forecaster: Recurrent, memory: float, rows: tuple[int, ...]) -> None:
    histories = [table(count, seed, 0.8) for seed, count in enumerate(rows)]
    seen = list[tuple[int, int]]()
    wide = replace(forecaster, progress=lambda *at: seen.append(at))
    tight = replace(wide, compute=replace(wide.compute, memory=memory))
    whole, parts = (each.fit_many(histories, 2) for each in (wide, tight))
    assert len({total for _, total in seen}) == 2
    for one, other in zip(whole, parts, strict=True):
        assert np.array_equal(one.forecast(KNOWN), other.forecast(KNOWN))


def test_a_model_larger_than_what_may_be_taken_is_refused_with_both_numbers() -> None:
    huge = Recurrent(network=Network(hidden=4000), compute=Compute(memory=0.5))
    with pytest.raises(TrainingError, match=r"need [\d.]+ GiB of memory; 0\.5 GiB may be taken"):
        huge.fit_many([WHOLE], 1)


def test_histories_of_other_columns_learn_beside_each_other() -> None:
    bare = table(130, 1, 0.8)[["close"]]
    full, closes = _forecaster().fit_many([WHOLE.iloc[:120], bare], 1)
    assert full.forecast(KNOWN).shape == (40, 1)
    assert closes.forecast([bare]).shape == (1, 1)


def test_noise_is_answered_with_nearly_the_last_close() -> None:
    noise = table(400, seed=3)
    eager = Recurrent(training=Training(trust=0.0, epochs=60)).fit_many([noise.iloc[:300]], 1)[0]
    careful = Recurrent(training=Training(epochs=60)).fit_many([noise.iloc[:300]], 1)[0]
    known = [noise.iloc[:end] for end in range(300, 400)]
    last = noise["close"].to_numpy()[299:399, None]
    away = [np.abs(np.log(fit.forecast(known) / last)).max() for fit in (eager, careful)]
    assert away[1] < 0.5 * away[0]

import numpy as np
import pytest

from forecast.evaluation.bootstrap import resampled_rows, shares, usual_block, usual_shares
from forecast.evaluation.superiority import confidence_set, superior

ROWS, BLOCK, REPEATS = 200, 14, 300


def errors(seed: int, models: int = 4, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Losses of models that add noise to a random walk, and of the last close."""
    random = np.random.default_rng(seed)
    change = random.normal(0, 1, rows)
    said = random.normal(0, 0.2, (rows, models))
    return np.square(change[:, None] - said), np.square(change)


@pytest.mark.parametrize("seed", range(3))
def test_superior_equals_arch_on_scaled_losses_and_the_same_resamples(seed: int) -> None:
    bootstrap = pytest.importorskip("arch.bootstrap")
    losses, naive = errors(seed)
    gains = naive[:, None] - losses
    unscaled = bootstrap.SPA(naive, losses, block_size=BLOCK, reps=2, seed=seed)
    unscaled.compute()
    # Its `studentize` moves no p-value, so what it compares is scaled beforehand.
    scaled = gains / np.sqrt(unscaled._loss_diff_var)
    theirs = bootstrap.SPA(np.zeros(ROWS), -scaled, block_size=BLOCK, reps=REPEATS, seed=seed)
    theirs.compute()
    again = bootstrap.StationaryBootstrap(BLOCK, np.arange(ROWS), seed=seed)
    draws = shares(np.array([each[0][0] for each in again.bootstrap(REPEATS)]))
    ours = superior(losses, naive, draws, BLOCK)
    assert ours.p_value == pytest.approx(theirs.pvalues["consistent"], abs=1e-9)
    expected = (scaled.mean(axis=0) * np.sqrt(ROWS)).max()
    assert ours.statistic == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_confidence_set_equals_arch_on_the_same_resamples(seed: int) -> None:
    bootstrap = pytest.importorskip("arch.bootstrap")
    losses, naive = errors(seed)
    losses = np.column_stack([losses, naive])
    theirs = bootstrap.MCS(losses, 0.05, reps=REPEATS, block_size=BLOCK, seed=seed)
    theirs.compute()
    draws = shares(np.array(theirs._bootstrap_indices))
    expected = theirs.pvalues.sort_index()["Pvalue"].to_numpy()
    assert confidence_set(losses, draws) == pytest.approx(expected, abs=1e-9)


def test_a_model_that_knows_something_is_superior_and_alone_in_the_set() -> None:
    losses, naive = errors(3)
    losses[:, 2] = naive * 0.5
    draws = usual_shares(ROWS, 1)
    assert superior(losses, naive, draws, BLOCK).p_value < 0.01
    levels = confidence_set(np.column_stack([losses, naive]), draws)
    assert levels[2] == 1
    assert np.delete(levels, 2).max() < 0.05


def test_the_best_of_ten_on_random_walks_is_rarely_called_superior() -> None:
    draws = shares(resampled_rows(ROWS, BLOCK, repeats=200))
    p_values = [superior(*errors(seed, models=10), draws, BLOCK).p_value for seed in range(200)]
    # 18 of 200 is the 99 % bound of a test of 5 %.
    assert sum(p_value < 0.05 for p_value in p_values) <= 18


def test_the_unit_of_the_losses_moves_nothing() -> None:
    losses, naive = errors(4)
    draws = usual_shares(ROWS, 1)
    money, cents = (superior(k * losses, k * naive, draws, BLOCK) for k in (1.0, 1e4))
    assert money.p_value == cents.p_value
    assert money.statistic == pytest.approx(cents.statistic, rel=1e-9)


def test_models_identical_to_the_last_close_are_left_out() -> None:
    losses, naive = errors(5)
    draws = usual_shares(ROWS, 1)
    with_copy = np.column_stack([losses, naive])
    assert superior(with_copy, naive, draws, BLOCK) == superior(losses, naive, draws, BLOCK)
    alone = superior(naive[:, None], naive, draws, BLOCK)
    assert alone.reason == "every model is identical to the last close"
    ahead = superior(naive[:, None] - 0.1, naive, draws, BLOCK)
    assert ahead.reason == "the two errors differ by the same amount each time"
    assert confidence_set(np.column_stack([naive, naive]), draws).tolist() == [1.0, 1.0]


def test_too_few_forecasts_have_no_p_value() -> None:
    losses, naive = errors(6, rows=9)
    few = superior(losses, naive, usual_shares(9, 1), usual_block(9))
    assert few.reason == "too few forecasts: 9; needs 12"

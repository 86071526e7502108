import torch
from hypothesis import given
from hypothesis import strategies as st

from forecast.training.batches import Samples
from forecast.training.shrinkage import supported

ALONE, TWO = torch.ones(1), torch.ones(2)


def _judge(targets: torch.Tensor, weights: torch.Tensor | None = None) -> Samples:
    weights = torch.ones(targets.shape[:2]) if weights is None else weights
    return Samples(torch.empty(*targets.shape[:2], 0, 0), targets, weights)


def _noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_what_came_true_often_enough_is_kept_whole() -> None:
    said = _noise(1, 2000, 1)
    assert supported(said, _judge(said + 0.1 * _noise(1, 2000, 1, seed=1)), 0.3, ALONE) > 0.98


def test_the_opposite_of_what_came_is_taken_back_whole() -> None:
    said = _noise(1, 2000, 1)
    assert supported(said, _judge(-said), 0.3, ALONE) == 0


def test_the_same_slope_is_believed_more_with_more_samples() -> None:
    said = 0.1 * _noise(1, 4000, 1)
    came = _judge(said + 0.995 * _noise(1, 4000, 1, seed=1))
    few = _judge(came.targets[:, :100])
    assert supported(said[:, :100], few, 0.3, ALONE) < supported(said, came, 0.3, ALONE)


def test_silence_stays_silent() -> None:
    assert (
        supported(torch.zeros(2, 10, 3), _judge(_noise(2, 10, 3)), 0.3, TWO).tolist()
        == [[0.0] * 3] * 2
    )


def test_noise_is_hardly_ever_answered() -> None:
    said, came = _noise(1000, 100, 1), _noise(1000, 100, 1, seed=1)
    shares = supported(said, _judge(came), 0.5, torch.ones(1000))
    assert (shares > 0).sum() <= 40
    assert (supported(said, _judge(came + 0.5 * said), 0.5, torch.ones(1000)) > 0).sum() > 990


def test_two_windows_that_overlap_nearly_whole_prove_nothing() -> None:
    said = _noise(1, 20, 1).abs().repeat(1, 1, 20)
    shares = supported(said, _judge(said + 0.1 * _noise(1, 20, 20, seed=1)), 0.5, ALONE)[0]
    assert shares[0] > 0.7
    assert shares[-1] == 0


@given(st.integers(0, 20), st.floats(0.01, 10))
def test_shares_are_shares_and_padding_does_not_count(padding: int, trust: float) -> None:
    said = _noise(2, 30, 2)
    came = 0.3 * said + 0.2 * _noise(2, 30, 2, seed=1)
    wide = torch.nn.functional.pad(said, (0, 0, 0, padding), value=9.0)
    targets = torch.nn.functional.pad(came, (0, 0, 0, padding))
    weights = torch.nn.functional.pad(torch.ones(2, 30), (0, padding))
    shares = supported(wide, _judge(targets, weights), trust, TWO)
    torch.testing.assert_close(shares, supported(said, _judge(came), trust, TWO))
    assert ((shares >= 0) & (shares <= 1)).all()


def test_overlapping_answers_and_tickers_of_one_day_count_as_one() -> None:
    said = _noise(1, 300, 2)
    judge = _judge(said[..., :1].repeat(1, 1, 2) + _noise(1, 300, 1, seed=1))
    near, far = supported(said[..., :1].repeat(1, 1, 2), judge, 0.3, ALONE)[0]
    assert far < near
    assert supported(said[..., :1].repeat(1, 1, 2), judge, 0.3, 2 * ALONE)[0, 0] == far

import pytest
import torch

from forecast.cells import BACKENDS, Cell
from forecast.errors import DataError, SettingError
from forecast.models.language import LanguageModel, Reading
from forecast.training.losses import cross_entropy

TEXT = torch.randint(5, (2, 3, 12), generator=torch.Generator().manual_seed(1))


def _model(kind: str = "lstm", features: int = 5, **more: object) -> LanguageModel:
    cell = Cell(kind=kind, features=features, hidden=8, layers=2)
    return LanguageModel(cell, 5, [0, 1], **more).eval()


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_a_text_read_in_pieces_is_the_text_read_at_once(kind: str) -> None:
    model = _model(kind)
    whole = model(Reading(TEXT))
    parts = [model(Reading(TEXT[:, :, at : at + 4], fresh=at == 0)) for at in (0, 4, 8)]
    torch.testing.assert_close(torch.cat(parts, dim=2), whole, rtol=1e-5, atol=1e-6)


def test_named_samples_start_afresh() -> None:
    model, later = _model(), TEXT[:, :, 4:]
    model(Reading(TEXT[:, :, :4]))
    mixed = model(Reading(later, fresh=False, anew=torch.tensor([1])))
    fresh = model(Reading(later))
    model(Reading(TEXT[:, :, :4]))
    going_on = model(Reading(later, fresh=False))
    torch.testing.assert_close(mixed[:, 1], fresh[:, 1])
    torch.testing.assert_close(mixed[:, [0, 2]], going_on[:, [0, 2]])


def test_no_score_knows_what_comes_after_it() -> None:
    model, other = _model(), TEXT.clone()
    other[:, :, 7:] = 0
    torch.testing.assert_close(model(Reading(TEXT))[:, :, :7], model(Reading(other))[:, :, :7])


def test_one_hot_tokens_are_columns_of_the_input_weights() -> None:
    """So an embedding with these columns as its rows, read by an identity, says the same."""
    one_hot, embedded = _model(one_hot=True), _model()
    own = one_hot.state_dict() | {"embedding_weight": torch.eye(5).expand(2, 5, 5)}
    embedded.load_state_dict(own)
    torch.testing.assert_close(embedded(Reading(TEXT)), one_hot(Reading(TEXT)))


def test_one_hot_asks_for_as_many_features_as_tokens() -> None:
    with pytest.raises(SettingError, match="5 tokens are as many features; got 3"):
        _model(features=3, one_hot=True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_says_the_same(backend: str) -> None:
    ours, slow = (_model("gru", 3, backend=name)(Reading(TEXT)) for name in (backend, "unrolled"))
    torch.testing.assert_close(ours, slow, rtol=1e-4, atol=1e-5)


def test_half_precision_is_close() -> None:
    cell = Cell(kind="lstm", features=5, hidden=160)
    full, half = (LanguageModel(cell, 5, [0], halved=half).eval() for half in (False, True))
    losses = [cross_entropy(each(Reading(TEXT[:1])), TEXT[:1]).mean() for each in (full, half)]
    assert losses[1].item() == pytest.approx(losses[0].item(), abs=0.02)
    assert full.head_weight.dtype == half.head_weight.dtype == torch.float32


def test_dropout_acts_in_learning_alone_and_repeats() -> None:
    calm = _model(dropout=0.5)
    assert torch.equal(calm(Reading(TEXT)), _model()(Reading(TEXT)))
    first, second = (_model(dropout=0.5).train()(Reading(TEXT)) for _ in range(2))
    assert torch.equal(first, second)
    assert not torch.equal(first, calm(Reading(TEXT)))


def test_reading_both_ways_is_refused() -> None:
    cell = Cell(kind="lstm", features=5, hidden=8, bidirectional=True)
    with pytest.raises(SettingError, match="reads forwards only"):
        LanguageModel(cell, 5, [0])


def test_no_model_can_be_left_out() -> None:
    with pytest.raises(DataError, match="learns together"):
        _model()(Reading(TEXT), torch.tensor([0]))

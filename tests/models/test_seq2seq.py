import pytest
import torch

from forecast.models.search import Marks, Search, search
from forecast.models.seq2seq import Lesson, Seq2Seq
from forecast.models.translator_shape import TranslatorShape
from forecast.settings import AttentionKind, CellKind

MARKS = Marks(padding=0, start=2, end=3)
SOURCES = torch.tensor([[[4, 5, 6, 3], [6, 3, 0, 0], [5, 5, 3, 0]]]).repeat(2, 1, 1)
LENGTHS = torch.tensor([[4, 2, 3]]).repeat(2, 1)
GIVEN = torch.tensor([[[2, 4, 5], [2, 5, 0], [2, 6, 4]]]).repeat(2, 1, 1)
ATTENTIONS: list[AttentionKind] = ["luong", "bahdanau", "none"]


def _network(attention: AttentionKind, kind: CellKind = "gru", layers: int = 1) -> Seq2Seq:
    shape = TranslatorShape(
        kind=kind, sources=7, targets=8, width=5, hidden=6, layers=layers, attention=attention
    )
    return Seq2Seq(shape, seeds=[0, 1]).eval()


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize(("kind", "layers"), [("gru", 1), ("lstm", 2), ("rnn", 1)])
def test_a_packed_batch_is_read_and_written_as_its_sentences_one_by_one(
    attention: AttentionKind, kind: CellKind, layers: int
) -> None:
    network = _network(attention, kind, layers)
    together = network(Lesson(SOURCES, LENGTHS, GIVEN)).scores()
    for row, length in enumerate(LENGTHS[0].tolist()):
        alone = Lesson(SOURCES[:, row : row + 1, :length], None, GIVEN[:, row : row + 1])
        torch.testing.assert_close(together[:, row : row + 1], network(alone).scores())


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("backend", ["fused", "unrolled"])
def test_all_steps_at_once_are_the_steps_one_by_one(attention: AttentionKind, backend: str) -> None:
    network = _network(attention, "lstm", 2)
    memory, state = network.read(SOURCES, LENGTHS)
    whole = network.write(memory, state, GIVEN)
    network.backend = backend
    for step in range(GIVEN.shape[2]):
        written = network.write(memory, state, GIVEN[:, :, step : step + 1])
        state = written.state
        torch.testing.assert_close(
            written.outlook.features, whole.outlook.features[:, :, step : step + 1]
        )
    torch.testing.assert_close(state.hidden, whole.state.hidden)


@pytest.mark.parametrize("attention", ["luong", "bahdanau"])
def test_shares_of_attention_sum_to_one_and_skip_padding(attention: AttentionKind) -> None:
    network = _network(attention)
    shares = network.write(*network.read(SOURCES, LENGTHS), GIVEN).shares
    assert shares is not None
    torch.testing.assert_close(shares.sum(dim=3), torch.ones(2, 3, 3))
    assert shares[:, 1, :, 2:].abs().max() == 0


def test_no_model_moves_another_by_one_bit() -> None:
    one, two = _network("luong"), _network("luong")
    with torch.no_grad():
        for weight in two.parameters():
            weight[1] *= 2
    lesson = Lesson(SOURCES, LENGTHS, GIVEN)
    assert torch.equal(one(lesson).scores()[0], two(lesson).scores()[0])


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_greedy_search_takes_the_likeliest_token_at_every_step(attention: AttentionKind) -> None:
    network = _network(attention)
    found = search(network, SOURCES, LENGTHS, MARKS, Search(longest=6))
    memory, state = network.read(SOURCES, LENGTHS)
    start = torch.full((2, 3, 1), MARKS.start)
    scores = network.write(memory, state, torch.cat([start, found[:, :, :-1]], dim=2))
    told = scores.outlook.scores()
    told[..., [MARKS.padding, MARKS.start]] = -torch.inf
    going = (found == MARKS.end).cumsum(dim=2) - (found == MARKS.end).int() == 0
    assert torch.equal(found[going], told.argmax(dim=3)[going])
    assert (found[~going] == MARKS.padding).all()


def _every_translation(network: Seq2Seq, row: int, longest: int) -> list[tuple[float, list[int]]]:
    """Mean log probability of every translation that ends within `longest` tokens, or is cut."""
    length = int(LENGTHS[0, row])
    memory, state = network.read(SOURCES[:, row : row + 1, :length])
    letters = [token for token in range(8) if token not in (MARKS.padding, MARKS.start)]
    found, open_ended = list[tuple[float, list[int]]](), [list[int]()]
    for _ in range(longest):
        open_ended = [[*told, letter] for told in open_ended for letter in letters]
        found += [(0.0, told) for told in open_ended if told[-1] == MARKS.end]
        open_ended = [told for told in open_ended if told[-1] != MARKS.end]
    return [
        (_mean_log(network, memory, state, told), told)
        for told in [each for _, each in found] + open_ended
    ]


def _mean_log(network: Seq2Seq, memory, state, told: list[int]) -> float:
    given = torch.tensor([MARKS.start, *told[:-1]]).expand(2, 1, -1)
    scores = network.write(memory, state, given).outlook.scores()[0, 0]
    scores[:, [MARKS.padding, MARKS.start]] = -torch.inf
    return float(scores.log_softmax(dim=1)[torch.arange(len(told)), torch.tensor(told)].mean())


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_beam_wide_enough_finds_the_best_of_all_translations(attention: AttentionKind) -> None:
    network = _network(attention)
    with torch.no_grad():
        found = search(network, SOURCES, LENGTHS, MARKS, Search(width=400, longest=3))
        for row in range(3):
            _, best = max(_every_translation(network, row, 3))
            assert found[0, row][: len(best)].tolist() == best


def test_beams_of_a_batch_are_those_of_its_sentences_alone() -> None:
    network = _network("luong", "lstm")
    how = Search(width=3, longest=8)
    together = search(network, SOURCES, LENGTHS, MARKS, how)
    for row, length in enumerate(LENGTHS[0].tolist()):
        alone = search(network, SOURCES[:, row : row + 1, :length], None, MARKS, how)[:, 0]
        shared = min(alone.shape[1], together.shape[2])
        assert torch.equal(together[:, row, :shared], alone[:, :shared])


def test_what_is_never_to_be_written_is_not_written() -> None:
    network = _network("none")
    with torch.no_grad():
        network.target_bias[:, 1] = 100.0
    assert (search(network, SOURCES, LENGTHS, MARKS, Search()) == 1).any()
    marks = MARKS._replace(unwritten=(1,))
    assert not (search(network, SOURCES, LENGTHS, marks, Search(width=2)) == 1).any()


def test_without_teaching_the_given_translation_is_not_looked_at() -> None:
    shape = TranslatorShape(kind="gru", sources=7, targets=8, width=5, hidden=6, teaching=0.0)
    network = Seq2Seq(shape, seeds=[0, 1]).train()
    other = GIVEN.clone()
    other[:, :, 1:] = 7
    first, second = (network(Lesson(SOURCES, LENGTHS, each)).scores() for each in (GIVEN, other))
    assert torch.equal(first, second)
    network.eval()
    assert not torch.equal(first, network(Lesson(SOURCES, LENGTHS, GIVEN)).scores())


def test_dropout_acts_in_training_only_and_follows_the_seed() -> None:
    shape = TranslatorShape(kind="gru", sources=7, targets=8, width=5, hidden=6, dropout=0.5)
    lesson = Lesson(SOURCES, LENGTHS, GIVEN)
    first, second = (Seq2Seq(shape, seeds=[0, 1]) for _ in range(2))
    assert torch.equal(first(lesson).scores(), second(lesson).scores())
    assert not torch.equal(first(lesson).scores(), first(lesson).scores())
    assert torch.equal(first.eval()(lesson).scores(), first(lesson).scores())

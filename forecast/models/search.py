"""The search for translations: at every step the best so far is kept (greedy), or several (beam).

All sentences of a batch are searched together. A candidate that has ended waits, and is compared
with the others by its mean log probability.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int

from forecast.cells import State
from forecast.models.attention import Memory
from forecast.models.seq2seq import Lengths, Seq2Seq, Tokens

Candidates = Float[torch.Tensor, "model sample candidate"]


class Marks(NamedTuple):
    """The tokens that fill up, begin and end a translation, and those that are never written."""

    padding: int
    start: int
    end: int
    unwritten: tuple[int, ...] = ()


class Search(NamedTuple):
    """How far is searched: candidates of a sentence (1 is greedy), and tokens at most.

    A candidate's log probability is divided by its length to the power of `evenness`; with 0 short
    ones win (Wu et al. 2016, section 7).
    """

    width: int = 1
    longest: int = 50
    evenness: float = 1.0


class _Beam(NamedTuple):
    """The candidates of every sentence, the best first."""

    tokens: Int[torch.Tensor, "model sample candidate time"]
    total: Candidates
    length: Candidates
    ended: Bool[torch.Tensor, "model sample candidate"]


@torch.no_grad()
def search(
    network: Seq2Seq, sources: Tokens, lengths: Lengths | None, marks: Marks, how: Search
) -> Int[torch.Tensor, "model sample target"]:
    """The best translation found of every sentence, with its end, then padding."""
    memory, state = network.read(sources, lengths)
    memory = Memory(*(_repeated(each, how.width, 1) for each in memory))
    state = State(*(_repeated(each, how.width, 2) for each in state if each is not None))
    beam = _beginning(sources, marks, how.width)
    while beam.tokens.shape[3] <= how.longest and not bool(beam.ended.all()):
        newest = beam.tokens[..., -1].flatten(1)[:, :, None]
        written = network.write(memory, state, newest)
        following = _log_probabilities(written.outlook.scores()[:, :, 0], beam, marks)
        beam, parents = _next(beam, following, marks, how)
        state = _chosen(written.state, parents)
    return beam.tokens[:, :, 0, 1:]


def _repeated(each: torch.Tensor, times: int, axis: int) -> torch.Tensor:
    return each if times == 1 else each.repeat_interleave(times, dim=axis)


def _beginning(sources: Tokens, marks: Marks, width: int) -> _Beam:
    """One real candidate of each sentence; the others have no chance against what follows it."""
    shape = (*sources.shape[:2], width)
    total = torch.full(shape, -torch.inf, device=sources.device)
    total[..., 0] = 0.0
    tokens = torch.full((*shape, 1), marks.start, device=sources.device)
    return _Beam(tokens, total, torch.zeros_like(total), torch.zeros_like(total, dtype=torch.bool))


def _log_probabilities(
    scores: Float[torch.Tensor, "model candidates token"], beam: _Beam, marks: Marks
) -> Float[torch.Tensor, "model sample candidate token"]:
    """What each token adds; after the end only padding follows, which adds nothing."""
    for token in (marks.padding, marks.start, *marks.unwritten):
        scores[:, :, token] = -torch.inf
    following = scores.float().log_softmax(dim=-1).view(*beam.total.shape, -1)
    following[beam.ended] = -torch.inf
    following[..., marks.padding].masked_fill_(beam.ended, 0.0)
    return following


def _next(
    beam: _Beam,
    following: Float[torch.Tensor, "model sample candidate token"],
    marks: Marks,
    how: Search,
) -> tuple[_Beam, Int[torch.Tensor, "model sample candidate"]]:
    """The best candidates that are one token longer, and which ones they continue."""
    added, tokens = following.topk(min(how.width, following.shape[3]), dim=3)
    total = beam.total[..., None] + added
    length = (beam.length + ~beam.ended)[..., None].expand_as(total)
    _, best = (total / length**how.evenness).flatten(2).topk(how.width, dim=2)
    parents = best // tokens.shape[3]
    newest = tokens.flatten(2).gather(2, best)
    told = beam.tokens.take_along_dim(parents[..., None], dim=2)
    return _Beam(
        torch.cat([told, newest[..., None]], dim=3),
        total.flatten(2).gather(2, best),
        length.flatten(2).gather(2, best),
        beam.ended.gather(2, parents) | (newest == marks.end),
    ), parents


def _chosen(state: State, parents: Int[torch.Tensor, "model sample candidate"]) -> State:
    """The states of those candidates that go on."""
    width = parents.shape[2]
    if width == 1:
        return state
    first = torch.arange(parents.shape[1], device=parents.device)[:, None] * width
    rows = (parents + first).flatten(1)[:, None, :, None]
    return State(*(part.take_along_dim(rows, dim=2) for part in state if part is not None))

"""Which token comes next, drawn by scores: temperature, the k likeliest, the likeliest share."""

import numpy as np
from jaxtyping import Float

from forecast.text_settings import Sampling

BLOCK = 1 << 18  # numbers that are drawn at once


class Draws:
    """Draws tokens one after the other, reproducibly.

    Adding Gumbel noise and taking the largest draws by probability (Gumbel 1954), without the cost
    of probabilities.
    """

    def __init__(self, how: Sampling, tokens: int) -> None:
        self.how = how
        self.random = np.random.default_rng(how.seed)
        self.noise, self.at = np.empty((max(1, BLOCK // tokens), tokens), np.float32), 0

    def draw(self, scores: Float[np.ndarray, " token"]) -> int:
        """A token by its scores (log probabilities but for a constant).

        >>> greedy = Draws(Sampling(temperature=0.0), tokens=3)
        >>> greedy.draw(np.array([0.1, 2.0, 0.3]))
        1
        """
        if not self.how.temperature:
            return int(scores.argmax())
        scores = scores * np.float32(1 / self.how.temperature)
        if self.how.top_k or self.how.top_p < 1:
            scores = _kept(scores, self.how)
        if self.at % len(self.noise) == 0:
            self._renew()
        noise = self.noise[self.at % len(self.noise)]
        self.at += 1
        return int((scores + noise).argmax())

    def _renew(self) -> None:
        self.random.standard_exponential(dtype=np.float32, out=self.noise)
        np.log(np.maximum(self.noise, np.float32(1e-30)), out=self.noise)
        np.negative(self.noise, out=self.noise)


def _kept(scores: Float[np.ndarray, " token"], how: Sampling) -> Float[np.ndarray, " token"]:
    """The scores of the likeliest tokens; all others can no longer be drawn."""
    order = np.argsort(-scores, kind="stable")
    count = min(how.top_k, len(order)) if how.top_k else len(order)
    if how.top_p < 1:
        shares = np.exp(scores[order[:count]] - scores[order[0]])
        reached = np.cumsum(shares) >= how.top_p * shares.sum()
        count = int(reached.argmax()) + 1
    kept = np.full_like(scores, -np.inf)
    kept[order[:count]] = scores[order[:count]]
    return kept

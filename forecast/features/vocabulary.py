"""What a text is made of: characters, words or byte pairs, numbered; and the way back to the text.

Nothing is lost: what was encoded without an unknown token decodes to the same text, in any script.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from jaxtyping import Int

from forecast.errors import DataError, SettingError
from forecast.features import byte_pairs, words
from forecast.text_settings import Level

Tokens = Int[np.ndarray, " token"]

PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<sos>", "<eos>"
SPECIALS = (PAD, UNKNOWN, START, END)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vocabulary:
    """Tokens by number; the special ones, as far as wanted, come first.

    `merges` is what the byte-pair library made, as its JSON; it is empty at the other levels.

    >>> vocabulary = learn(["hihello"], "char")
    >>> vocabulary.names, vocabulary.encode("hello").tolist()
    (('h', 'l', 'e', 'i', 'o'), [0, 2, 1, 1, 4])
    >>> vocabulary.decode([0, 3])
    'hi'
    """

    level: str
    tokens: tuple[str, ...]
    specials: tuple[str, ...] = ()
    merges: str = ""
    _places: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.level not in get_args(Level):
            legal = ", ".join(get_args(Level))
            raise SettingError(f"level is one of {legal}; got {self.level!r}")
        if foreign := set(self.specials) - set(SPECIALS):
            legal = ", ".join(SPECIALS)
            raise SettingError(f"special tokens are {legal}; got {', '.join(sorted(foreign))}")
        # A text cannot hold a special token: at no level is one of these a single token of it.
        places = {token: place for place, token in enumerate(self.names)}
        if len(places) < len(self.names):
            raise SettingError("a token comes twice in the vocabulary; each has one number")
        object.__setattr__(self, "_places", places)

    def __len__(self) -> int:
        return len(self.specials) + len(self.tokens)

    @property
    def names(self) -> tuple[str, ...]:
        """Every token by its number, the special ones first."""
        return self.specials + self.tokens

    def place(self, name: str) -> int:
        """The number of a token.

        Raises:
            DataError: the vocabulary does not have it.
        """
        if name not in self._places:
            raise DataError(f"{name!r} is none of the {len(self):,} tokens of this vocabulary")
        return self._places[name]

    def encode(self, text: str) -> Tokens:
        """The numbers of a text's tokens, in order; START and END are added by the caller.

        Raises:
            DataError: a token is not known, and the vocabulary has no `<unk>` to stand for it.
        """
        pieces = self.split(text)
        unknown = self._places.get(UNKNOWN, -1)
        found = np.array([self._places.get(each, unknown) for each in pieces], dtype=np.int64)
        if (found < 0).any():
            strange = [pieces[at] for at in np.flatnonzero(found < 0)]
            shown = ", ".join(repr(each) for each in dict.fromkeys(strange[:100]))
            raise DataError(
                f"text: {len(strange)} of {len(pieces)} tokens are not among the {len(self):,} of"
                f" the vocabulary ({shown[:80]}); write only what the model has learned from"
            )
        return found

    def decode(self, numbers: Iterable[int] | Int[np.ndarray, "_"]) -> str:
        """The text of these tokens; `<unk>` is written so, other special tokens not at all."""
        names = self.names
        kept = [names[int(each)] for each in numbers]
        return self.join([each for each in kept if each not in (PAD, START, END)])

    def split(self, text: str) -> list[str]:
        """The text's tokens as strings, known or not."""
        if self.level == "bpe":
            return byte_pairs.split(self.merges, text)
        return _split(text, self.level)

    def join(self, pieces: Sequence[str]) -> str:
        """The text of tokens as strings: the way back from `split`."""
        if self.level == "bpe":
            return byte_pairs.join(pieces)
        return words.join(pieces) if self.level == "word" else "".join(pieces)

    def as_json(self) -> dict[str, Any]:
        """Everything, as JSON values."""
        return {
            "level": self.level,
            "tokens": list(self.tokens),
            "specials": list(self.specials),
            "merges": self.merges,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Vocabulary":
        """The vocabulary that `as_json` described.

        Raises:
            KeyError, TypeError, SettingError: it is no such description.
        """
        tokens, specials = (tuple(map(str, told[each])) for each in ("tokens", "specials"))
        merges = str(told["merges"])
        return cls(level=told["level"], tokens=tokens, specials=specials, merges=merges)


def learn(
    texts: Iterable[str],
    level: Level,
    *,
    least: int = 1,
    most: int = 0,
    specials: Sequence[str] = (),
) -> Vocabulary:
    """The tokens that come at least `least` times, at most `most` of them (0: all).

    The most frequent come first, ties in alphabetical order. Byte pairs are learned until there are
    `most` tokens (0: 1,000), special ones not counted.

    Raises:
        SettingError: an unknown level, or the byte-pair library is not installed.
    """
    if level == "bpe":
        merges, tokens = byte_pairs.learn(texts, most=most or 1000, least=least)
        return Vocabulary(level=level, tokens=tokens, specials=tuple(specials), merges=merges)
    counts = Counter[str]()
    for text in texts:
        counts.update(_split(text, level))
    often = sorted(counts, key=lambda token: (-counts[token], token))
    kept = tuple(token for token in often if counts[token] >= least)[: most or None]
    return Vocabulary(level=level, tokens=kept, specials=tuple(specials))


def _split(text: str, level: str) -> list[str]:
    return words.split(text) if level == "word" else list(text)

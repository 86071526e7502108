"""A text as words and signs, and back without loss.

One space between two words is implied, so that a word is the same token wherever it stands: a sign
that follows without a space carries a joiner before it, as in OpenNMT's tokeniser, and any other
white space is a token of its own.
"""

import re
from collections.abc import Iterable, Sequence

JOINER = "\uffed"  # a half-width black square, which nobody writes; alone, it is itself

# A word may hold apostrophes and hyphens, and may start with an apostrophe, as in 's.
_PIECE = re.compile(
    rf"(?P<space>\s)|{JOINER}|['\u2019]?\w+(?:['\u2019-]\w+)*|[^\w\s{JOINER}]+", re.UNICODE
)


def split(text: str) -> list[str]:
    """The tokens of a text.

    >>> [token.replace(JOINER, "|") for token in split("Don't go, Avengers!  End")]
    ["Don't", 'go', '|,', 'Avengers', '|!', ' ', ' ', 'End']
    """
    tokens, gap, after_word = list[str](), "", False
    for match in _PIECE.finditer(text):
        piece = match[0]
        if match["space"]:
            gap += piece
            continue
        tokens += _between(gap, after_word=after_word)
        tokens.append(JOINER + piece if after_word and not gap else piece)
        gap, after_word = "", True
    return tokens + list(gap)


def _between(gap: str, *, after_word: bool) -> Iterable[str]:
    """The space between two pieces as tokens; a single one between words is implied."""
    return () if gap == " " and after_word else gap


def join(tokens: Sequence[str]) -> str:
    """The text of these tokens.

    >>> join(split("Don't go, Avengers!  End"))
    "Don't go, Avengers!  End"
    """
    text, after_word = list[str](), False
    for token in tokens:
        if token.isspace():
            text.append(token)
            after_word = False
        elif token.startswith(JOINER) and len(token) > 1:
            text.append(token[1:])
            after_word = True
        else:
            text += [" ", token] if after_word else [token]
            after_word = True
    return "".join(text)

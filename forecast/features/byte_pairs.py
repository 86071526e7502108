"""Byte pairs (Sennrich et al. 2016) over the bytes of UTF-8, by the `tokenizers` library.

It is an extra: `pip install 'forecast[text]'`. Without it characters and words are there.
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from forecast.errors import SettingError
from forecast.extras import extra


def learn(texts: Iterable[str], *, most: int, least: int) -> tuple[str, tuple[str, ...]]:
    """The library's own JSON, and the tokens in its order.

    Raises:
        SettingError: the library is not installed, or fewer tokens are wanted than there are bytes.
    """
    if most < 256:
        raise SettingError(f"byte pairs need at least 256 tokens, one for each byte; got {most}")
    library = _library()
    made = library.Tokenizer(library.models.BPE())
    made.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = library.trainers.BpeTrainer(
        vocab_size=most,
        min_frequency=least,
        show_progress=False,
        initial_alphabet=sorted(library.pre_tokenizers.ByteLevel.alphabet()),
    )
    made.train_from_iterator(texts, trainer)
    numbers: dict[str, int] = made.get_vocab()
    return made.to_str(), tuple(sorted(numbers, key=lambda token: numbers[token]))


def split(merges: str, text: str) -> list[str]:
    """The tokens of a text, by what `learn` gave."""
    return list(_made(merges).encode(text).tokens)


def join(tokens: Sequence[str]) -> str:
    """The text of these tokens; bytes that are no UTF-8, as in half a character, become U+FFFD.

    What is no byte pair, such as `<unk>`, stays as it is.
    """
    parts, run, bytes_of = list[str](), bytearray(), _bytes()
    for token in tokens:
        if all(sign in bytes_of for sign in token) and not token.startswith("<unk>"):
            run += bytes(bytes_of[sign] for sign in token)
        else:
            parts += [run.decode("utf-8", "replace"), token]
            run = bytearray()
    return "".join([*parts, run.decode("utf-8", "replace")])


@functools.lru_cache(maxsize=1)
def _bytes() -> dict[str, int]:
    """The byte behind each sign of a byte-pair token, as GPT-2 writes them.

    Printable bytes stand for themselves, the others for U+0100 onwards in their order.
    """
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {
        chr(256 + place): byte for place, byte in enumerate(others)
    }


@functools.lru_cache(maxsize=8)
def _made(merges: str) -> Any:
    try:
        return _library().Tokenizer.from_str(merges)
    except SettingError:
        raise
    except Exception as error:  # the library raises nothing narrower
        raise ValueError(f"no byte pairs: {error}") from error


def _library() -> Any:
    return extra(
        "tokenizers",
        "level bpe needs the library tokenizers; install it with: pip install 'forecast[text]'",
    )

"""Frozen records of what can be chosen for models of text, in the manner of `settings`."""

from dataclasses import dataclass
from typing import Literal

from forecast.errors import SettingError
from forecast.settings import CellKind, check, setting

Level = Literal["char", "word", "bpe"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tokens:
    """What a text is cut into."""

    level: Level = setting("char", "What a token is: a character, a word, or byte pairs.")
    least: int = setting(1, "Tokens that come less often than this become <unk>.", low=1)
    vocabulary: int = setting(
        0, "Largest vocabulary; 0: every character, 10,000 words or 1,000 byte pairs.", low=0
    )
    encoding: str = setting("", "Encoding of the corpus, for example cp949; else UTF-8.")

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextNetwork:
    """The shape of a language model."""

    cell: CellKind = setting("lstm", "The recurrent cell.")
    hidden: int = setting(256, "Hidden units of each layer.", low=1, high=4096)
    layers: int = setting(1, "Layers on top of each other.", low=1, high=16)
    embedding: int = setting(
        64, "Numbers that stand for a token; 0: one-hot, slow to learn.", low=0, high=4096
    )
    dropout: float = setting(
        0.1, "Share of units dropped between layers and before the answer.", low=0.0, high=0.9
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextTraining:
    """How a language model learns."""

    minutes: float = setting(1.75, "Minutes of learning in all.", low=0.001, high=1e6)
    epochs: int = setting(
        0, "Passes over the corpus, instead of minutes; 0 goes by minutes.", low=0, high=1_000_000
    )
    learning_rate: float = setting(0.005, "Adam's learning rate at its height.", low=1e-8, high=1.0)
    batch: int = setting(32, "Places of the corpus that are read side by side.", low=1, high=4096)
    window: int = setting(64, "Tokens between two steps of learning.", low=1, high=10_000)
    clip: float = setting(1.0, "Largest gradient norm; 0 never clips.", low=0.0)
    validation: float = setting(
        0.1, "Last share of the corpus, kept to judge by; 0 for none.", low=0.0, high=0.5
    )
    patience: int = setting(10, "Judgements without improvement before learning stops.", low=1)
    seed: int = setting(0, "Seed of everything random.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampling:
    """How a text is drawn from a model."""

    temperature: float = setting(
        0.8, "Below 1 more of the likely, above 1 more of the rare; 0 the likeliest.", low=0.0
    )
    top_k: int = setting(0, "Draw among the k likeliest tokens only; 0: all.", low=0)
    top_p: float = setting(
        1.0, "Draw among the likeliest tokens that share this probability.", low=0.001, high=1.0
    )
    length: int = setting(500, "Tokens to draw.", low=0, high=10**9)
    seed: int = setting(0, "Seed of the draws.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSettings:
    """Everything chosen for one language model."""

    tokens: Tokens = Tokens()
    network: TextNetwork = TextNetwork()
    training: TextTraining = TextTraining()

    def __post_init__(self) -> None:
        if self.tokens.level == "bpe" and 0 < self.tokens.vocabulary < 256:
            raise SettingError(
                "byte pairs need at least 256 tokens, one for each byte; got"
                f" {self.tokens.vocabulary}"
            )

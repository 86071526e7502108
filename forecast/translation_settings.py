"""Frozen records of every choice about translators, each field with its help sentence."""

from dataclasses import dataclass
from typing import Literal

from forecast.settings import AttentionKind, CellKind, check, setting
from forecast.text_settings import Level

Precision = Literal["auto", "single", "half"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslatorKind:
    """What a translator is made of, and which sentences it takes."""

    cell: CellKind = setting("lstm", "Cell that reads and writes.")
    hidden: int = setting(256, "Hidden units of each layer.", low=2, high=4096)
    embedding: int = setting(256, "Numbers that stand for a token.", low=1, high=4096)
    layers: int = setting(1, "Layers on top of each other.", low=1, high=16)
    attention: AttentionKind = setting("luong", "How the source is looked at while writing.")
    level: Level = setting("word", "What a token is; bpe (byte pairs) needs an extra.")
    vocabulary: int = setting(
        8000, "Tokens of each language at most, the most frequent; 0 for all.", low=0
    )
    longest: int = setting(
        50, "Tokens of a sentence at most; pairs with longer ones are left out.", low=1, high=1000
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslatorTraining:
    """How a translator learns."""

    minutes: float = setting(0.0, "Learn for so long; 0 goes by epochs.", low=0.0, high=1e6)
    epochs: int = setting(10, "Passes over the pairs, where no minutes are given.", low=1)
    batch: int = setting(32, "Pairs per step.", low=1, high=100_000)
    learning_rate: float = setting(0.0015, "Adam's learning rate at its height.", low=1e-8, high=10)
    dropout: float = setting(0.12, "Share of features dropped while learning.", low=0.0, high=0.9)
    smoothing: float = setting(
        0.1, "Share of what is wanted that is spread over all tokens.", low=0.0, high=0.9
    )
    teaching: float = setting(
        1.0,
        "Share of the batches in which the writer reads the true translation, not its own.",
        low=0.0,
        high=1.0,
        option="teacher_forcing",
    )
    validation: float = setting(
        0.02,
        "Share of the pairs, drawn at random, that judges and is not learned from.",
        low=0.0,
        high=0.5,
    )
    precision: Precision = setting(
        "auto",
        "How products are computed while learning; auto takes half (bfloat16) where it is faster.",
    )
    seed: int = setting(0, "Seed of everything random.", low=0, high=2**31 - 1)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Writing:
    """How a translation is written."""

    beam: int = setting(
        5,
        "Candidates followed for each sentence; 1 takes the likeliest token at once.",
        low=1,
        high=100,
    )

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslatorSettings:
    """Everything chosen for one translator, as written into its result folder."""

    kind: TranslatorKind = TranslatorKind()
    training: TranslatorTraining = TranslatorTraining()

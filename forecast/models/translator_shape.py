"""The shape of a translator: its two cells, its attention, and the weights between them."""

from dataclasses import dataclass

from forecast.cells import Cell
from forecast.models.attention import ATTENTIONS, Attention
from forecast.settings import AttentionKind, CellKind


@dataclass(frozen=True, kw_only=True, slots=True)
class TranslatorShape:
    """What a translator is made of; `sources` and `targets` count the tokens of each vocabulary.

    `width` is that of a token. `dropout` is the share of features dropped from tokens, memory and
    outputs, the same ones at every step of a sentence (Gal & Ghahramani 2016). `teaching` is the
    share of batches in which the writer reads the true translation (Williams & Zipser 1989).

    >>> shape = TranslatorShape(kind="gru", sources=50, targets=40, width=8, hidden=6)
    >>> shape.encoder.directions, shape.encoder.hidden, shape.decoder.features
    (2, 3, 8)
    """

    kind: CellKind
    sources: int
    targets: int
    width: int
    hidden: int
    layers: int = 1
    attention: AttentionKind = "luong"
    dropout: float = 0.0
    teaching: float = 1.0

    @property
    def encoder(self) -> Cell:
        """The reader; it reads in both directions, which share the hidden units."""
        half = (self.hidden + 1) // 2
        return Cell(
            kind=self.kind, features=self.width, hidden=half, layers=self.layers, bidirectional=True
        )

    @property
    def memory(self) -> int:
        """Features that the reader leaves of each step."""
        return self.encoder.directions * self.encoder.hidden

    @property
    def look(self) -> Attention | None:
        """The attention, if any."""
        return ATTENTIONS.get(self.attention)

    @property
    def decoder(self) -> Cell:
        """The writer; where attention feeds it, what is looked at stands beside the token."""
        beside = self.memory if self.look and self.look.feeds else 0
        return Cell(
            kind=self.kind, features=self.width + beside, hidden=self.hidden, layers=self.layers
        )

    @property
    def state_parts(self) -> int:
        """Tensors in a state: the LSTM has a memory too."""
        return 2 if self.kind == "lstm" else 1

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of every weight of one model that is not a cell's own, by name."""
        starts = self.state_parts * self.layers * self.hidden
        shapes: dict[str, tuple[int, ...]] = {
            "source_table": (self.sources, self.width),
            "target_table": (self.targets, self.width),
            "target_bias": (self.targets,),
            "start_weight": (starts, self.memory),
            "start_bias": (starts,),
            "read_weight": (self.width, self.hidden + (self.memory if self.look else 0)),
            "read_bias": (self.width,),
        }
        if self.look:
            shapes["key_weight"] = (self.hidden, self.memory)
        if self.look and self.look.feeds:
            shapes |= {"query_weight": (self.hidden, self.hidden), "score_weight": (self.hidden,)}
        return shapes

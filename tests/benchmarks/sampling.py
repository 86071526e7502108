"""How many characters a second does one text of a model with 512 hidden units write?"""

import time
from collections.abc import Callable

import pandas as pd
import torch

from forecast.cells import Cell
from forecast.features.vocabulary import learn
from forecast.models.language import LanguageModel, Reading
from forecast.text_settings import Sampling, TextNetwork
from forecast.texts.learning import weights_of
from forecast.texts.model import speak
from forecast.texts.speaker import Speaker
from tests.benchmarks.record import Gate, Result

HIDDEN, NEEDED, ROUNDS = 512, 15_000, 9
SIGNS = "".join(map(chr, range(32, 97)))


def run() -> Result:
    """The speaker of each cell beside a loop over the network; the median of several rounds."""
    rows = [_row(kind) for kind in ("lstm", "gru", "rnn")]
    lstm = rows[0]["characters a second"]
    return Result(
        question="How many characters a second does one text of 512 hidden units write?",
        settings={"hidden": HIDDEN, "tokens": len(SIGNS), "rounds": ROUNDS},
        table=pd.DataFrame(rows),
        formats={
            "ratio": ".1f",
            "characters a second": ",.0f",
            "best round": ",.0f",
            "loop in torch": ",.0f",
        },
        gates=[Gate(f"LSTM at least {NEEDED:,} a second", f"{lstm:,.0f}", lstm >= NEEDED)],
    )


def _row(kind: str) -> dict[str, str | float]:
    cell = Cell(kind=kind, features=TextNetwork().embedding, hidden=HIDDEN)
    network = LanguageModel(cell, 65, [0]).eval()
    vocabulary = learn([SIGNS], "char")
    speaker = Speaker(network.cell, weights_of(network))
    rates = sorted(
        _rate(lambda: sum(map(len, speak(speaker, vocabulary, [0], Sampling(length=4000)))))
        for _ in range(ROUNDS)
    )
    slow = _rate(lambda: _loop(network, 300))
    middle = rates[len(rates) // 2]
    return {
        "cell": kind,
        "ratio": middle / slow,
        "characters a second": middle,
        "best round": rates[-1],
        "loop in torch": slow,
    }


def _rate(write: Callable[[], int]) -> float:
    started = time.perf_counter()
    return write() / (time.perf_counter() - started)


@torch.no_grad()
def _loop(network: LanguageModel, length: int) -> int:
    token = torch.zeros(1, 1, 1, dtype=torch.long)
    for step in range(length):
        scores = network(Reading(token, fresh=step == 0))[0, 0, -1]
        token = torch.multinomial(scores.softmax(0), 1).view(1, 1, 1)
    return length

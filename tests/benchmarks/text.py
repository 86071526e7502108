"""How well does the default language model know Tiny Shakespeare after nanoGPT's wall time?

nanoGPT's documented recipe for a processor reached 1.886 nats a character here in about 110 s.
"""

import time
from dataclasses import asdict

import pandas as pd
import torch

from forecast import text
from forecast.text_settings import TextSettings
from tests.benchmarks.record import Gate, Result, shared_data

NANOGPT, SECONDS, NEEDED = 1.886, 110.0, 1.50


def run() -> Result:
    """One run of `forecast text fit` as it stands, the last tenth held back and read as a whole."""
    corpus = text.read(shared_data("text/tinyshakespeare/input.txt"))
    started = time.perf_counter()
    result = text.fit(corpus, TextSettings())
    seconds = time.perf_counter() - started
    assert result.score is not None
    found, read = result.score.per_character, result.learned.count
    table = pd.DataFrame(
        {
            "model": ["nanoGPT, as documented", "forecast text fit"],
            "nats / nanoGPT's": [1.0, found / NANOGPT],
            "nats a character": [NANOGPT, found],
            "seconds": [SECONDS, seconds],
            "characters a second": [float("nan"), read / seconds],
        }
    )
    return Result(
        question="How well does the default language model know Tiny Shakespeare after 110 s?",
        settings=asdict(result.model.settings.network) | {"threads": torch.get_num_threads()},
        table=table,
        formats={
            "nats / nanoGPT's": ".3f",
            "nats a character": ".4f",
            "seconds": ".0f",
            "characters a second": ",.0f",
        },
        gates=[
            Gate(f"at most {NEEDED} nats a character", f"{found:.4f}", found <= NEEDED),
            Gate(f"in {SECONDS:.0f} s, +5 %", f"{seconds:.0f} s", seconds <= 1.05 * SECONDS),
        ],
        notes=["First 90 % learned, last 10 % scored from its first character to its last."],
    )

"""Four processes at once on the same tickers, results and cache."""

import os
import time
from pathlib import Path

from forecast.data import cache
from tests.data.test_cache import quotes
from tests.reliability.trial import QUICK, Finding, code, listen, run

PROCESSES = 4
COMMANDS = (
    ("fit", "GOOG", *QUICK),
    ("plot", "GOOG"),
    ("predict", "GOOG", "--source", "sample"),
    ("data", "list"),
)


def crowd(folder: Path, times: int) -> Finding:
    """Fit, plot, predict and list side by side, while a fifth process writes the cache."""
    first = run(folder, *COMMANDS[0])
    assert first.code == 0, first.said
    writer = os.fork()
    if writer == 0:
        while True:
            cache.write(quotes("GOOG", 400, seed=time.monotonic_ns() % 100))
    failed, words = 0, set[str]()
    for turn in range(times):
        together = [listen(folder, *COMMANDS[(turn + at) % 4]) for at in range(PROCESSES)]
        for process, said in together:
            told = said.read()
            if code(process):
                failed += 1
                words.add(told.strip()[-200:])
    os.kill(writer, 9)
    os.waitpid(writer, 0)
    told = f"{PROCESSES} at once; " + ("; ".join(sorted(words)) or "no refusal, no torn read")
    return Finding("a crowd on one folder and cache", times * PROCESSES, failed, told)

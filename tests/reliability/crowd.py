"""Four processes at once on the same ticker, its results and its cached prices."""

import json
import os
import time
from pathlib import Path

from forecast.data import cache
from forecast.reporting.history import kept
from forecast.reporting.trials import TRIALS
from tests.data.test_cache import quotes
from tests.reliability.trial import Finding, code, listen, run

ROWS = 400
CACHED = ("GOOG", "--source", "cache", "--quiet")
FIT = ("fit", *CACHED, "--epochs", "3", "--refit", "0", "--seed")


def crowd(folder: Path, times: int) -> Finding:
    """Fit, plot, predict and fit otherwise side by side, while a fifth process writes the cache."""
    cache.write(quotes("GOOG", ROWS))
    first = run(folder, *FIT, "0")
    assert first.code == 0, first.said
    writer = os.fork()
    if writer == 0:
        while True:
            cache.write(quotes("GOOG", ROWS, seed=time.monotonic_ns() % 100))
    refused = list[str]()
    for turn in range(times):
        odd, even = ((*FIT, str(2 * turn + at)) for at in (1, 2))
        commands = (odd, ("plot", "GOOG"), ("predict", *CACHED), even)
        for process, said in [listen(folder, *command) for command in commands]:
            told = said.read()
            refused += [told.strip()[-200:]] if code(process) else []
    os.kill(writer, 9)
    os.waitpid(writer, 0)
    made, place = 1 + 2 * times, folder / "reports" / "GOOG"
    counted, runs = len(json.loads((place / TRIALS).read_bytes())), len(kept(place))
    told = f"4 at once; {counted} of {made} fits counted, {runs} kept; "
    told += "; ".join(sorted(set(refused))) or "no refusal, no torn read"
    lost = len(refused) + (made - counted) + (made - runs)
    return Finding("a crowd on one ticker and cache", 4 * times, lost, told)

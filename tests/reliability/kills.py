"""Killed at any moment: every file is whole, the next command works, nothing is left lying."""

import json
import os
import random
import signal
import time
from pathlib import Path

from forecast.data import cache
from forecast.errors import ForecastError
from forecast.reporting import folder as folders
from tests.data.test_cache import quotes
from tests.reliability.trial import QUICK, Finding, code, killed, run, start

FIT = ("fit", "GOOG", *QUICK)
ROWS = 500
INTERRUPTED = 130
LONGEST = 1.0


def fit(place: Path, times: int) -> Finding:
    """Kill `fit` at random moments; what it had learned by then is found by the next one."""
    return _commands(place, times, (*FIT, "--resume"))


def plot(place: Path, times: int) -> Finding:
    """Kill `plot` at random moments."""
    return _commands(place, times, ("plot", "GOOG"))


def text(place: Path, times: int) -> Finding:
    """Kill `text fit` at random moments."""
    corpus = place / "corpus.txt"
    corpus.write_text("the quick brown fox jumps over the lazy dog. " * 200)
    learn = ("text", "fit", str(corpus), "--hidden", "16", "--epochs", "2", "--quiet")
    return _commands(place, times, learn)


def _commands(folder: Path, times: int, arguments: tuple[str, ...]) -> Finding:
    moments = random.Random(0)
    if arguments[0] == "plot":
        run(folder, *FIT)
    whole = run(folder, *arguments)
    assert whole.code == 0, whole.said
    done = torn = 0
    for _ in range(times):
        done += killed(folder, moments.uniform(0, whole.seconds), *arguments)
        torn += not _sound(folder)
    after = run(folder, *arguments)
    left = [*folder.rglob("*.tmp"), *folder.rglob(".resume-*")]
    next_ = "works" if after.code == 0 else f"fails: {after.said}"
    told = f"{done} killed before their end; {torn} torn; the next {next_}; {len(left)} files left"
    name = f"G9 kill -9 in {' '.join(arguments[:2])}"
    return Finding(name, times, torn + len(left) + (after.code != 0), told)


def _sound(folder: Path) -> bool:
    """Whether everything that a folder of results holds can be read."""
    try:
        for path in folder.rglob("*.json"):
            json.loads(path.read_bytes())
        for scores in folder.glob("reports/GOOG/scores.json"):
            folders.read(scores.parent)
    except (ValueError, ForecastError):
        return False
    return True


def interrupted(folder: Path, times: int) -> Finding:
    """Press Ctrl-C at random moments of each command."""
    corpus = folder / "corpus.txt"
    corpus.write_text("the quick brown fox jumps over the lazy dog. " * 200)
    learn = ("text", "fit", str(corpus), "--hidden", "16", "--epochs", "2", "--quiet")
    pairs = folder / "pairs.tsv"
    pairs.write_text("".join(f"the {at} foxes\tdie {at} Füchse\n" for at in range(2000)))
    translate = ("translate", "fit", str(pairs), "--hidden", "32", "--epochs", "3", "--quiet")
    moments, slowest, wrong = random.Random(0), 0.0, list[str]()
    commands = (FIT, ("plot", "GOOG"), learn, translate)
    for command in commands:
        whole = run(folder, *command)
        for _ in range(times):
            process = start(folder, *command)
            time.sleep(moments.uniform(0, whole.seconds))
            asked = time.perf_counter()
            os.kill(process, signal.SIGINT)
            end = code(process)
            slowest = max(slowest, time.perf_counter() - asked)
            if end not in (0, INTERRUPTED) or not _sound(folder):
                wrong.append(f"{command[0]} ended with {end}")
    left = [*folder.rglob("*.tmp")]
    told = (
        f"fit, plot, text fit, translate fit; exit 130 or done, the slowest {slowest:.2f} s later; "
    )
    told += "; ".join(sorted(set(wrong))) or f"nothing torn, {len(left)} files left"
    lost = len(wrong) + len(left) + (slowest > LONGEST)
    return Finding("Ctrl-C at any moment", len(commands) * times, lost, told)


def cache_update(folder: Path, times: int) -> Finding:
    """Kill whoever writes the cache at random moments."""
    cache.write(quotes("X", ROWS), folder)
    moments, torn = random.Random(0), 0
    for _ in range(times):
        writer = os.fork()
        if writer == 0:
            while True:
                cache.write(quotes("X", ROWS, seed=time.monotonic_ns() % 1000), folder)
        time.sleep(moments.uniform(0, 0.1))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        kept = cache.read("X", folder)
        torn += kept is None or len(kept.table) != ROWS
    return Finding("G9 kill -9 in a cache update", times, torn, f"{torn} copies torn or lost")

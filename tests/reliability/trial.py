"""A command run in a forked child: fast to start, free to be killed or starved."""

import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from forecast.cli import main

QUICK = ("--source", "sample", "--epochs", "3", "--refit", "0", "--quiet")


def nothing() -> None:
    """Limit nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a campaign found: a row of the report; `lost` must be 0."""

    campaign: str
    tried: int
    lost: int
    told: str


@dataclass(frozen=True, slots=True)
class End:
    """How a command ended: its exit code (negative: the signal), its seconds, its words."""

    code: int
    seconds: float
    said: str


def start(
    folder: Path,
    *arguments: str,
    before: Callable[[], None] = lambda: None,
    said: Path | None = None,
) -> int:
    """The process of a command that runs in `folder`; `before` limits it."""
    sys.stdout.flush()
    process = os.fork()
    if process:
        return process
    end = 1
    try:
        os.chdir(folder)
        words = os.open(os.devnull, os.O_WRONLY) if said is None else said
        os.dup2(words, 1)
        os.dup2(words, 2)
        before()
        end = _run(arguments)
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(end)


def _run(arguments: tuple[str, ...]) -> int:
    try:
        main(arguments, prog_name="forecast")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def run(folder: Path, *arguments: str, before: Callable[[], None] = nothing) -> End:
    """A command from its start to its end."""
    started = time.perf_counter()
    process, words = listen(folder, *arguments, before=before)
    said = words.read()
    return End(code(process), time.perf_counter() - started, said)


def listen(
    folder: Path, *arguments: str, before: Callable[[], None] = nothing
) -> tuple[int, TextIO]:
    """The process of a command, and what it says."""
    hear, said = os.pipe()
    process = start(folder, *arguments, before=before, said=said)
    os.close(said)
    return process, os.fdopen(hear, errors="replace")


def code(process: int) -> int:
    """The exit code of a process, once it has ended; negative: the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def killed(folder: Path, after: float, *arguments: str) -> bool:
    """Whether a command could be killed so many seconds after its start."""
    process = start(folder, *arguments)
    time.sleep(after)
    os.kill(process, signal.SIGKILL)
    return code(process) == -signal.SIGKILL


def limited(size: int) -> Callable[[], None]:
    """What keeps a command from writing files beyond so many bytes, as a full disk would."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit

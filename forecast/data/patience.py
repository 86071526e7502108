"""Asking a remote source: how long, how often, and when to give up."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from forecast.errors import SourceError

THREAD = "forecast-asks"
_Value = TypeVar("_Value")


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long, in seconds, and how often a source is asked, and by which clock."""

    connect: float = 2.0
    request: float = 10.0
    total: float = 30.0
    tries: int = 3
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], datetime] = _utc


PATIENCE = Patience()


class Refusal(NamedTuple):
    """Why nothing came, whether asking again may help, and how many seconds to wait at least."""

    sentence: str
    hopeful: bool
    wait: float = 0.0


def patiently(
    ask: Callable[[], _Value],
    explain: Callable[[Exception], Refusal],
    patience: Patience,
) -> _Value:
    """What `ask` answers, asked again after growing pauses while that may help.

    `explain` says what an error of `ask` means. Pauses double and vary by half, so that many
    who were refused at once do not return at once; none is shorter than what was asked for.

    Raises:
        SourceError: the last sentence, once tries or time are used up, or nothing would help.
    """
    deadline, tries = time.monotonic() + patience.total, 0
    while True:
        try:
            return within(deadline - time.monotonic(), ask)
        except Exception as error:
            tries += 1
            refusal = explain(error)
            pause = max(patience.pause * 2**tries * random.uniform(0.5, 1.0), refusal.wait)
            late = time.monotonic() + pause > deadline
            if late or not refusal.hopeful or tries == patience.tries:
                raise SourceError(refusal.sentence) from error
        patience.sleep(pause)


def within(seconds: float, work: Callable[[], _Value]) -> _Value:
    """What `work` returns or raises; `TimeoutError` when it takes longer.

    A thread, because neither looking up a host nor a transfer that trickles in can be interrupted;
    one that is too late is left to end by itself.

    >>> within(1.0, lambda: 2 + 2)
    4
    """
    future: Future[_Value] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:  # noqa: BLE001 - raised again where the result is awaited
            future.set_exception(error)

    threading.Thread(target=run, name=THREAD, daemon=True).start()
    return future.result(max(seconds, 0.0))

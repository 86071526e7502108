"""Ctrl-C as a question: whoever learns asks from time to time whether to stop.

Where that takes too long, the program is ended all the same (`forecast.__main__`).
"""

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def asked_to_stop() -> Generator[Callable[[], bool]]:
    """Inside, the first Ctrl-C makes the answer yes; the second one interrupts as usual.

    Outside the main thread, which alone can hear of Ctrl-C, the answer stays no.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    before = signal.getsignal(signal.SIGINT)

    def note(_: int, __: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, note)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)

"""Ctrl-C as a question: whoever learns asks from time to time whether to stop."""

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
    told = signal.set_wakeup_fd(-1)  # whoever would insist on an end does not hear of it
    try:
        yield asked.is_set
    finally:
        signal.set_wakeup_fd(told)
        signal.signal(signal.SIGINT, before)

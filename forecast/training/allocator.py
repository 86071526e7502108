"""Memory that a step of learning gave back is there for the next step, without asking the system.

glibc gives large blocks back at once, and the system then clears them page by page when they are
asked for again, which can take as long as the computing itself (mallopt(3)).
"""

import ctypes
import platform
from collections.abc import Generator
from contextlib import contextmanager

MAPS, TRIM = -4, -1  # M_MMAP_MAX, M_TRIM_THRESHOLD
DEFAULTS = {MAPS: 65_536, TRIM: 128 * 1024}


@contextmanager
def kept_memory() -> Generator[None]:
    """Inside, large blocks stay with this process; afterwards glibc is as it starts."""
    if platform.libc_ver()[0] != "glibc":
        yield
        return
    library = ctypes.CDLL(None)
    library.mallopt(MAPS, 0)
    library.mallopt(TRIM, 2**31 - 1)
    try:
        yield
    finally:
        for name, value in DEFAULTS.items():
            library.mallopt(name, value)
        library.malloc_trim(0)

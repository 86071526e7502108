import platform
import resource

import numpy as np
import pytest

from forecast.training.allocator import kept_memory


def _faults() -> int:
    """Pages that the system hands out while a large block is taken and given back, ten times."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        np.ones(2**22)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told")
def test_large_blocks_are_used_again() -> None:
    with kept_memory():
        np.ones(2**22)
        kept = _faults()
    assert kept < 100
    assert _faults() > 10 * (kept + 1)

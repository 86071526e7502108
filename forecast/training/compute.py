"""Where learning runs: which device, how many processor threads."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial

import torch

from forecast.cells import native
from forecast.errors import SettingError
from forecast.settings import Compute


def device_of(compute: Compute) -> torch.device:
    """The device asked for, or for `auto` the first of CUDA, MPS, CPU that is there.

    Raises:
        SettingError: a device was asked for that this machine or this torch does not have.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if compute.device == "auto":
        return torch.device(next((name for name, works in there.items() if works), "cpu"))
    if not there.get(compute.device, True):
        raise SettingError(f"device {compute.device} is not available here; try --device auto")
    return torch.device(compute.device)


def halves(device: torch.device) -> bool:
    """Whether products in bfloat16 are faster there than in single precision."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    told = getattr(torch.cpu, "get_capabilities", None)  # since torch 2.9
    able: dict[str, bool] = {} if told is None else told()
    return device.type == "cpu" and any(map(able.get, ("avx512_bf16", "amx_bf16")))


# A forked process has none of its parent's threads; OpenMP's would be waited for for ever.
_BORN = os.getpid()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=partial(torch.set_num_threads, 1))


@contextmanager
def threads_of(compute: Compute, *, small: bool) -> Generator[None]:
    """Inside, networks compute with the threads asked for; afterwards all is as before.

    Where networks are small, only the native kernel has these threads, and torch has one: its
    operations would be too short to share, and its waiting threads spin, which on a busy machine
    makes learning tens of times slower. In a forked process torch has one, too.
    """
    before = torch.get_num_threads()
    threads = compute.threads or before
    team = native.TEAM.set(threads)
    torch.set_num_threads(1 if small or os.getpid() != _BORN else threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
        native.TEAM.reset(team)

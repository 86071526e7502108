"""What a run runs on: versions, device, threads, cache, network."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

import torch

from forecast.cells import BACKENDS, native
from forecast.data import known, yahoo
from forecast.settings import Compute
from forecast.training.compute import device_of

PACKAGES = ("forecast", "torch", "numpy", "pandas", "scikit-learn")


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """The versions of Python and of these packages, by name."""
    return {"python": platform.python_version(), **{name: version(name) for name in packages}}


def facts() -> dict[str, str]:
    """What is here: versions, device, threads, the place of the cache, the state of the network."""
    device = device_of(Compute())
    return {
        **versions((*PACKAGES, "yfinance", "matplotlib")),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": str(torch.get_num_threads()),
        "cells": ", ".join(BACKENDS),
        "native kernel": native.describe(),
        "cache": str(known.cache()),
        "network": yahoo.pulse() or "Yahoo can be reached",
    }

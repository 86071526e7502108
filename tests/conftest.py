"""Every test keeps its copies of prices to itself, and leaves the other cores alone."""

import os
from pathlib import Path

import jaxtyping
import pytest
import torch
from hypothesis import settings

torch.set_num_threads(1)
# The first example of a test pays for imports; a busy machine is no failure. A build must not fail
# for an example that was found by chance: new ones are found where people work.
settings.register_profile("unhurried", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own, also for the processes that it starts."""
    place = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("FORECAST_CACHE", str(place))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    return place


@pytest.fixture
def own_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where types are checked as the tests run, the checker would be the first to refuse."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)

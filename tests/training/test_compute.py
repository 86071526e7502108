import pytest
import torch

from forecast.cells import native
from forecast.errors import SettingError
from forecast.settings import Compute
from forecast.training.compute import device_of, threads_of


def test_a_device_that_is_not_there_is_refused() -> None:
    assert device_of(Compute(device="cpu")) == torch.device("cpu")
    absent = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(SettingError, match=f"device {absent} is not available here"):
        device_of(Compute(device=absent))


def test_threads_are_those_asked_for_and_afterwards_those_before() -> None:
    before = torch.get_num_threads()
    with threads_of(Compute(threads=before + 1), small=False):
        assert torch.get_num_threads() == before + 1
    with threads_of(Compute(), small=False):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before


def test_small_networks_leave_their_threads_to_the_kernel() -> None:
    before = torch.get_num_threads()
    with threads_of(Compute(threads=3), small=True):
        assert (torch.get_num_threads(), native.TEAM.get()) == (1, 3)
    assert (torch.get_num_threads(), native.TEAM.get()) == (before, None)

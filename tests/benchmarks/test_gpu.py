import pytest
import torch

from forecast.training.graphs import Graphs
from tests.benchmarks import gpu
from tests.benchmarks.record import AbsentError
from tests.training.recorder import recorded


def test_without_a_gpu_the_benchmark_says_so() -> None:
    if torch.cuda.is_available():
        pytest.skip("a GPU is here")
    with pytest.raises(AbsentError, match="no NVIDIA GPU is here"):
        gpu.run()


def test_a_row_compares_the_three_sides() -> None:
    place = gpu.Place("cpu", lambda: None, lambda: Graphs(recorded))
    found = gpu.row(place, "gru", (2, 3, 4, 5), 2)
    assert (found["kind"], found["hidden"], found["models"]) == ("gru", 3, 2)
    assert all(isinstance(found[name], float) for name in gpu.FORMATS)

"""How long is one training step of a stack on a GPU: replayed, kernel by kernel, by torch.nn?"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from statistics import median

import pandas as pd
import torch

from forecast.cells import Cell
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind
from forecast.training.adam import Adam
from forecast.training.batches import Samples
from forecast.training.graphs import RECORDERS, WARM, Call, Graphs, directly
from forecast.training.losses import squared_error
from forecast.training.steps import Steps
from tests.benchmarks.record import AbsentError, Gate, Result
from tests.benchmarks.step import KINDS, MODELS, SIZES, Size, Step, theirs

ROUNDS, STEPS = 9, 10
RIVALS = ("torch.nn", "kernel by kernel")
FORMATS = {
    **{f"{name} over replayed": ".2f" for name in RIVALS},
    **{f"{name} ms": ".3f" for name in ("replayed", *RIVALS)},
}


@dataclass(frozen=True, slots=True)
class Place:
    """A device, how to wait until it has done all that it was told, and how steps are called."""

    device: str
    wait: Callable[[], None]
    replaying: Callable[[], Call]


def run() -> Result:
    """One row for each cell, size and number of models."""
    if not torch.cuda.is_available():
        raise AbsentError("no NVIDIA GPU is here")
    place = Place("cuda", torch.cuda.synchronize, lambda: Graphs(RECORDERS["cuda"]))
    table = pd.DataFrame([row(place, *each) for each in product(KINDS, SIZES, MODELS)])
    stacks = table[table["models"] > 1]
    slowest = float(stacks["torch.nn over replayed"].min())
    return Result(
        question="How long is one training step of a stack on a GPU (forward, loss, backward, Adam)"
        " replayed as a CUDA graph, kernel by kernel, and by torch.nn (cuDNN) model after model?",
        settings={"rounds": ROUNDS, "steps": STEPS, "gpu": torch.cuda.get_device_name()},
        table=table,
        formats=FORMATS,
        gates=[Gate("stacks are faster than torch.nn", f"{slowest:.2f} at least", slowest > 1)],
        notes=[
            "Ratios are medians over rounds of a side's time over that of the replayed step;"
            " milliseconds are of one step of one model."
        ],
    )


def row(place: Place, kind: CellKind, size: Size, models: int) -> dict[str, object]:
    """The medians of interleaved rounds."""
    features, hidden, window, samples = size
    cell = Cell(kind=kind, features=features, hidden=hidden)
    sides: dict[str, tuple[Step, int]] = {
        "replayed": (ours(place, cell, (models, window, samples), place.replaying()), 1),
        "kernel by kernel": (ours(place, cell, (models, window, samples), directly), 1),
        "torch.nn": (theirs(cell, window, samples, place.device), models),
    }
    found = {name: list[float]() for name in sides}
    for _ in range(ROUNDS):
        for name, (step, times) in sides.items():
            found[name].append(times / models * _milliseconds(place, step))
    rounds = pd.DataFrame(found)
    ratios = {f"{name} over replayed": median(rounds[name] / rounds["replayed"]) for name in RIVALS}
    size_of = asdict(cell) | {"window": window, "samples": samples, "models": models}
    shown = ("kind", "hidden", "window", "samples", "models")
    medians = {f"{name} ms": median(each) for name, each in found.items()}
    return {name: size_of[name] for name in shown} | ratios | medians


def ours(place: Place, cell: Cell, shape: tuple[int, int, int], call: Call) -> Step:
    """As `train` takes it, from all samples."""
    models, window, samples = shape
    stack = ManyToOne(cell, 1, range(models), backend="unrolled", quiet_head=False)
    stack.to(place.device)
    lessons = Samples(
        torch.randn(models, samples, window, cell.features),
        torch.randn(models, samples, 1),
        torch.ones(models, samples),
    ).to(torch.device(place.device))
    steps = Steps(stack, squared_error, Adam(stack.parameters(), 0.001), 1.0, lessons)
    steps.call = call
    active = torch.arange(models, device=place.device)

    def step() -> None:
        steps.learn(lessons, active)

    return step


def _milliseconds(place: Place, step: Step) -> float:
    """Of one step, after as many as a recording waits for."""
    for _ in range(WARM + 1):
        step()
    place.wait()
    started = time.perf_counter()
    for _ in range(STEPS):
        step()
    place.wait()
    return 1e3 * (time.perf_counter() - started) / STEPS

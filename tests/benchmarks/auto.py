"""Is learning with `--backend auto` anywhere slower than torch.nn?

`step` measures the kernel at the sizes it was made for. Here are the others: deep and two-way
cells, cells wider than the kernel's, and batches of a few windows. Our side is the step that
training takes, with the backend that `choose` names; sides run interleaved in one process.
"""

from dataclasses import dataclass
from functools import partial
from itertools import product
from statistics import median

import pandas as pd
import torch

from forecast.cells import SMALL, Cell, choose
from forecast.cells.native import TEAM, describe
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind
from forecast.training.adam import Adam
from forecast.training.allocator import kept_memory
from forecast.training.batches import Samples
from forecast.training.losses import squared_error
from forecast.training.steps import Steps
from tests.benchmarks.record import Gate, Result
from tests.benchmarks.step import KINDS, Step, settled, theirs

ROUNDS, THREADS, MODELS = 7, (1, 2), (1, 8)
WORK, STEPS = 3e8, 50  # a turn of each side: so many multiplications, or so many steps
NOISE = 0.95  # a ratio of two equal sides may be as low by chance
FORMATS = {"ratio": ".2f", "auto": ".3f", "torch.nn": ".3f"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A cell, and of how many windows it learns at once: a `batch`, or all that there are."""

    kind: CellKind
    hidden: int
    layers: int = 1
    two_way: bool = False
    window: int = 30
    samples: int
    batch: bool = False

    @property
    def cell(self) -> Cell:
        return Cell(
            kind=self.kind,
            features=5,
            hidden=self.hidden,
            layers=self.layers,
            bidirectional=self.two_way,
        )


DEEP = [
    Case(kind=kind, hidden=hidden, layers=2, window=window, samples=samples, batch=samples <= 64)
    for kind in KINDS
    for hidden, window, samples in ((64, 30, 256), (64, 60, 64), (128, 60, 64), (128, 30, 8))
]
TWO_WAY = [
    Case(kind=kind, hidden=64, two_way=True, samples=samples, batch=samples < 64)
    for kind in KINDS
    for samples in (8, 256)
]
# At and beyond the borders of `choose`.
WIDE = [
    Case(kind=kind, hidden=hidden, samples=samples)
    for kind, hidden, counts in (
        ("lstm", 160, (64, 256)),
        ("lstm", 192, (64, 256)),
        ("lstm", 256, (64, 256)),
        ("gru", 640, (64,)),
        ("rnn", 320, (64,)),
        ("rnn", 640, (64,)),
    )
    for samples in counts
]
# From hardly any windows to batches that people choose, and one that fills lanes badly.
FEW = [
    Case(kind=kind, hidden=hidden, samples=samples, batch=True)
    for kind, widths in (
        ("lstm", (32, 64, 96, 128, 160, 256)),
        ("gru", (64, 128, 256)),
        ("rnn", (64, 256)),
    )
    for hidden in widths
    for samples in (2, 4, 8, 12, 16, 32, 33, 64)
]


def run() -> Result:
    """Some minutes alone on the machine; nothing else may run beside it."""
    cases = [*DEEP, *TWO_WAY, *WIDE, *FEW]
    table = pd.DataFrame([row(*each) for each in product(cases, MODELS, THREADS)])
    least = float(table["ratio"].min())
    return Result(
        question="Is learning with --backend auto anywhere slower than torch.nn? Milliseconds of"
        " one step of one model; the ratio is torch's time over ours.",
        settings={"rounds": ROUNDS, "features": 5, "kernel": describe()},
        table=table,
        formats=FORMATS,
        gates=[
            Gate(
                f"nowhere slower than torch.nn by more than chance ({NOISE})",
                f"{least:.2f} times as fast at the least",
                least >= NOISE,
            )
        ],
        notes=[
            "Ratios are medians over rounds. Models of torch.nn learn one after the other, with"
            " fused Adam. batch: the windows are a batch; else all that there are."
        ],
    )


def row(case: Case, models: int, threads: int) -> dict[str, object]:
    """Medians of interleaved rounds."""
    gates = 4 * case.layers * (1 + case.two_way) * case.hidden * (case.hidden + 5)
    work = gates * case.window * case.samples * models
    times = min(STEPS, max(1, int(WORK / work)))
    team = TEAM.set(threads)
    stack = ManyToOne(case.cell, 1, range(models), quiet_head=False)
    batch = case.samples if case.batch else 0
    stack.backend = choose(stack.backend, case.cell, "cpu", models, batch=batch)
    own = partial(settled, ours(case, stack), times, 1 if case.hidden <= SMALL else threads)
    rival = partial(settled, theirs(case.cell, case.window, case.samples), times * models, threads)
    rounds = list[tuple[float, float]]()
    for _ in range(ROUNDS):
        with kept_memory():
            mine = own() / models
        rounds.append((mine, rival()))
    TEAM.reset(team)
    told = {"kind": case.kind, "hidden": case.hidden, "layers": case.layers}
    told |= {"two-way": case.two_way, "window": case.window, "samples": case.samples}
    return {
        "ratio": median(rival / mine for mine, rival in rounds),
        **told,
        "batch": case.batch,
        "models": models,
        "threads": threads,
        "backend": stack.backend,
        "auto": median(mine for mine, _ in rounds),
        "torch.nn": median(rival for _, rival in rounds),
    }


def ours(case: Case, stack: ManyToOne) -> Step:
    """As `train` takes it."""
    models = len(stack.head_bias)
    lessons = Samples(
        torch.randn(models, case.samples, case.window, case.cell.features),
        torch.randn(models, case.samples, 1),
        torch.ones(models, case.samples),
    )
    steps = Steps(stack, squared_error, Adam(stack.parameters(), 0.001), 1.0, lessons)
    return partial(_learned, steps, lessons, torch.arange(models))


def _learned(steps: Steps, lessons: Samples, active: torch.Tensor) -> None:
    steps.learn(lessons, active)

"""How long is one training step (forward, backward, Adam), ours against torch.nn's?

Both sides run interleaved in one process, so that what disturbs the machine disturbs both; a ratio
is the median of the ratios of single rounds.
"""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from math import nan

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure
from torch import nn

from forecast.cells import Cell, initial, to_torch
from forecast.cells.base import GATES
from forecast.cells.native import TEAM, describe
from forecast.models.many_to_one import ManyToOne
from forecast.reporting.pictures.canvas import caption, panel, sheet, styled
from forecast.reporting.pictures.colours import INK, NAMED
from forecast.settings import CellKind
from forecast.training.adam import Adam
from tests.benchmarks.record import Gate, Result

KINDS: tuple[CellKind, ...] = ("lstm", "gru", "rnn")
SIZES = [(5, 10, 7, 1500), (5, 32, 20, 1500), (5, 64, 30, 512), (5, 128, 60, 256)]
MODELS = (1, 8, 64)
THREADS = (1, 2)
ROUNDS = 9
# Model samples x steps x hidden, up to which autograd is measured, too: it would take minutes.
LARGEST = 8 * 256 * 60 * 128
# How many times as fast as torch.nn one model, and a stack of them, have to be.
NEEDED: dict[tuple[CellKind, int], tuple[float, float]] = {
    ("lstm", 10): (5, 8), ("gru", 10): (10, 15), ("rnn", 10): (3, 5),
    ("lstm", 32): (2.5, 2.5), ("gru", 32): (2, 2),
}  # fmt: skip

Step = Callable[[], None]
Size = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Milliseconds of one step of one model; ratios are torch's time over ours."""

    ratio_one_call: float
    ratio_autograd: float
    kind: CellKind
    features: int
    hidden: int
    window: int
    samples: int
    models: int
    threads: int
    one_call: float
    autograd: float
    torch_nn: float


def ours(cell: Cell, models: int, window: int, samples: int, *, one_call: bool) -> Step:
    """As training has it: the windows are views of their series, and Adam is our own."""
    stack = ManyToOne(cell, 1, range(models), backend="native", quiet_head=False)
    series = torch.randn(models, cell.features, samples + window - 1)
    sequence = series.unfold(2, window, 1).permute(0, 2, 3, 1)
    targets, importance = torch.randn(models, samples, 1), torch.ones(models, samples)
    optimiser = Adam(stack.parameters(), 0.001)
    learner = stack.learner(sequence, optimiser.means, optimiser.squares, 0.0)
    if learner is None:
        raise RuntimeError("no native learner for this cell")

    def at_once() -> None:
        learner.step(sequence, targets, importance, None, optimiser.pace())

    def by_autograd() -> None:
        optimiser.zero_grad()
        (stack(sequence) - targets).square().mean(dim=(1, 2)).sum().backward()
        optimiser.step(*optimiser.pace())

    return at_once if one_call else by_autograd


def theirs(cell: Cell, window: int, samples: int, device: str = "cpu") -> Step:
    """One model by torch.nn, as a plain training loop has it."""
    module, head = to_torch(cell, initial(cell, [0])), nn.Linear(cell.hidden * cell.directions, 1)
    network = nn.ModuleList([module, head]).to(device)
    optimiser = torch.optim.Adam(network.parameters(), fused=True)
    sequence = torch.randn(samples, window, cell.features, device=device)
    targets = torch.randn(samples, 1, device=device)

    def step() -> None:
        optimiser.zero_grad()
        _, state = module(sequence)
        hidden = state[0] if cell.kind == "lstm" else state
        top = hidden[-1] if cell.directions == 1 else torch.cat([hidden[-2], hidden[-1]], dim=-1)
        nn.functional.mse_loss(head(top), targets).backward()
        optimiser.step()

    return step


def milliseconds(step: Step, times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        step()
    return (time.perf_counter() - start) / times * 1e3


def settled(step: Step, times: int, threads: int) -> float:
    """Time of one step, once the threads of whoever ran before have stopped waiting for more."""
    torch.set_num_threads(threads)
    time.sleep(0.02)
    step()
    return milliseconds(step, times)


def _milliseconds_a_model(step: Step, *, cost: int, models: int, threads: int = 1) -> float:
    return settled(step, max(1, 10**6 // cost), threads) / models


def measure(kind: CellKind, size: Size, models: int, threads: int) -> Row:
    team = TEAM.set(threads)
    features, hidden, window, samples = size
    cell = Cell(kind=kind, features=features, hidden=hidden)
    cost = models * samples * window * hidden
    ran = partial(_milliseconds_a_model, cost=cost, models=models)
    # Small networks learn with torch on one thread, and the kernel on all: see training.compute.
    at_once = partial(ran, ours(cell, models, window, samples, one_call=True))
    by_autograd = partial(ran, ours(cell, models, window, samples, one_call=False))
    alone = partial(ran, theirs(cell, window, samples), cost=cost // models, models=1)
    TEAM.reset(team)
    rounds = [
        [at_once(), by_autograd() if cost <= LARGEST else nan, alone(threads=threads)]
        for _ in range(ROUNDS)
    ]
    one_call, autograd, torch_nn = (statistics.median(each) for each in zip(*rounds, strict=True))
    return Row(
        ratio_one_call=statistics.median(each[2] / each[0] for each in rounds),
        ratio_autograd=statistics.median(each[2] / each[1] for each in rounds),
        kind=kind, features=features, hidden=hidden, window=window, samples=samples,
        models=models, threads=threads, one_call=one_call, autograd=autograd, torch_nn=torch_nn,
    )  # fmt: skip


def sgemm(threads: int) -> float:
    """What this machine reaches with torch's product of matrices, in GFLOP/s."""
    torch.set_num_threads(threads)
    a, b = torch.randn(2, 1024, 1024)
    time.sleep(0.02)
    seconds = min(milliseconds(lambda: torch.mm(a, b), 4) for _ in range(ROUNDS)) / 1e3
    return 2 * 1024**3 / seconds / 1e9


def useful(row: Row) -> float:
    """GFLOP of one step: products there, back to the hidden state, and into the gradients."""
    gates = GATES[row.kind] * row.hidden
    multiplied = gates * (2 * (row.features + row.hidden) + row.hidden)
    return 2 * multiplied * row.window * row.samples / 1e9


def rows(sizes: Sequence[Size], threads: Sequence[int]) -> list[Row]:
    every = product(threads, KINDS, sizes, MODELS)
    return [measure(kind, size, models, count) for count, kind, size, models in every]


def gates(found: list[Row]) -> list[Gate]:
    kept = list[Gate]()
    for (kind, hidden), (one, many) in NEEDED.items():
        own = [row for row in found if (row.kind, row.hidden) == (kind, hidden)]
        for name, needed, ratios in (
            ("one model", one, [row.ratio_one_call for row in own if row.models == 1]),
            ("a stack", many, [row.ratio_one_call for row in own if row.models > 1]),
        ):
            if ratios:
                promise = f"nn.{kind.upper()}, hidden {hidden}, {name}: {needed} times as fast"
                worst = min(ratios)
                kept.append(Gate(promise, f"{worst:.1f} times at the least", worst >= needed))
    worst = min(row.ratio_one_call for row in found)
    kept.append(Gate("nowhere slower than torch.nn", f"{worst:.2f} times at the least", worst >= 1))
    return kept


def picture(found: list[Row]) -> Figure:
    """Bars of the ratios, a group for each size and number of models, a panel for each threads."""
    with styled():
        title = "One step of learning: how many times as fast as torch.nn"
        figure = sheet(
            title,
            "For each model, by hidden units and models that learn together; the line is torch.nn.",
        )
        for place, threads in enumerate(THREADS):
            own = [row for row in found if row.threads == threads]
            groups = sorted({(row.hidden, row.models) for row in own})
            axes = panel(figure, (0.075 + 0.47 * place, 0.17, 0.42, 0.62))
            for shift, kind in enumerate(KINDS):
                heights = [
                    row.ratio_one_call
                    for group in groups
                    for row in own
                    if (row.kind, row.hidden, row.models) == (kind, *group)
                ]
                left = np.arange(len(groups)) + 0.27 * (shift - 1)
                axes.bar(left, heights, 0.25, label=kind, color=NAMED[kind])
            axes.axhline(1.0, color=INK, linewidth=1.0)
            names = [f"{hidden}\n{models}" for hidden, models in groups]
            axes.set_xticks(range(len(groups)), names, fontsize=7.5)
            caption(axes, f"{threads} thread{'s' if threads > 1 else ''}")
            axes.legend(loc="upper right")
    return figure


def run() -> Result:
    """Eight minutes alone on the machine; nothing else may run beside it."""
    found = rows(SIZES, THREADS)
    limits = {count: sgemm(count) for count in THREADS}
    table = pd.DataFrame(
        {
            **asdict(row),
            "of_sgemm": useful(row) / (row.one_call / 1e3) / limits[row.threads],
        }
        for row in found
    )
    return Result(
        question=(
            "How long is one training step (forward, backward, Adam), ours against torch.nn's?"
            " Milliseconds for each model; ratios are torch's time over ours."
        ),
        settings={
            "rounds": ROUNDS,
            "kernel": describe(),
            **{f"sgemm GFLOP/s, {count} threads": round(limit) for count, limit in limits.items()},
        },
        table=table,
        formats=dict.fromkeys(["ratio_one_call", "ratio_autograd"], ".1f")
        | dict.fromkeys(["one_call", "autograd", "torch_nn"], ".3f")
        | {"of_sgemm": ".0%"},
        gates=gates(found),
        figure=picture(found),
        notes=(
            "one call: the whole step in the native kernel; autograd: the layer alone.",
            "of sgemm: the products of every window by itself, as a share of what sgemm does here;"
            " windows share some.",
            "Adam is torch's fused one on their side, and ours on ours.",
        ),
    )

"""How long is one training step (forward, backward, Adam), ours against torch.nn's?

Both sides run interleaved in one process, so that what disturbs the machine disturbs both; a ratio
is the median of the ratios of single rounds. `python -m tests.benchmarks.bench_step` writes
`reports/benchmarks/step.json` and `step.md`.
"""

import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import torch
from torch import nn

from forecast.cells import Cell, initial, to_torch
from forecast.cells.native import TEAM, describe
from forecast.models.many_to_one import ManyToOne
from forecast.settings import CellKind
from forecast.training.adam import Adam

KINDS: tuple[CellKind, ...] = ("lstm", "gru", "rnn")
SIZES = [(5, 10, 7, 1500), (5, 32, 20, 1500), (5, 64, 30, 512), (5, 128, 60, 256)]
MODELS = (1, 8, 64)
THREADS = (1, 2)
ROUNDS = 9
LARGEST = 64 * 1500 * 7 * 10  # model samples x steps x hidden: more would take minutes
PLACE = Path(__file__).parents[2] / "reports" / "benchmarks"

Step = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """Milliseconds of one step of one model; ratios are torch's time over ours."""

    ratio_one_call: float
    ratio_autograd: float
    kind: str
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
        optimiser.step()

    return at_once if one_call else by_autograd


def theirs(cell: Cell, window: int, samples: int) -> Step:
    module, head = to_torch(cell, initial(cell, [0])), nn.Linear(cell.hidden, 1)
    optimiser = torch.optim.Adam([*module.parameters(), *head.parameters()], fused=True)
    sequence, targets = torch.randn(samples, window, cell.features), torch.randn(samples, 1)

    def step() -> None:
        optimiser.zero_grad()
        _, state = module(sequence)
        hidden = state[0] if cell.kind == "lstm" else state
        nn.functional.mse_loss(head(hidden[0]), targets).backward()
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


def measure(kind: CellKind, size: tuple[int, int, int, int], models: int, threads: int) -> Row:
    team = TEAM.set(threads)
    features, hidden, window, samples = size
    cell = Cell(kind=kind, features=features, hidden=hidden)
    steps = [
        ours(cell, models, window, samples, one_call=True),
        ours(cell, models, window, samples, one_call=False),
        theirs(cell, window, samples),
    ]
    cost = models * samples * window * hidden
    times = [
        max(1, LARGEST // 6 // cost),
        max(1, LARGEST // 6 // cost),
        max(1, 10**6 // (cost // models)),
    ]
    TEAM.reset(team)
    # Small networks learn with torch on one thread, and the kernel on all: see training.compute.
    hired = (1, 1, threads)
    rounds = [
        [
            settled(step, count, own) / per
            for step, count, own, per in zip(steps, times, hired, (models, models, 1), strict=True)
        ]
        for _ in range(ROUNDS)
    ]
    one_call, autograd, torch_nn = (statistics.median(each) for each in zip(*rounds, strict=True))
    return Row(
        ratio_one_call=statistics.median(each[2] / each[0] for each in rounds),
        ratio_autograd=statistics.median(each[2] / each[1] for each in rounds),
        kind=kind, features=features, hidden=hidden, window=window, samples=samples,
        models=models, threads=threads, one_call=one_call, autograd=autograd, torch_nn=torch_nn,
    )  # fmt: skip


def about() -> dict[str, str]:
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, kernel {describe()}, {torch.get_num_threads()} cores",
        "processor": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "command": "python -m tests.benchmarks.bench_step",
    }


def table(rows: list[Row], facts: dict[str, str]) -> str:
    names = list(asdict(rows[0]))
    lines = [
        "| " + " | ".join(name.replace("_", " ") for name in names) + " |",
        "|---" * len(names) + "|",
    ]
    for row in rows:
        cells = (
            f"{each:.3g}" if isinstance(each, float) else str(each) for each in asdict(row).values()
        )
        lines.append("| " + " | ".join(cells) + " |")
    head = "One training step, milliseconds for each model; ratios: torch.nn's time over ours."
    return "\n".join([head, "", *(f"- {k}: {v}" for k, v in facts.items()), "", *lines, ""])


def main() -> None:
    facts, rows = about(), list[Row]()
    for threads in THREADS:
        for size in SIZES:
            for kind in KINDS:
                for models in MODELS:
                    if models * size[1] * size[2] * size[3] <= LARGEST:
                        rows.append(measure(kind, size, models, threads))
                        print(rows[-1], flush=True)  # noqa: T201
    PLACE.mkdir(parents=True, exist_ok=True)
    record = {"about": facts, "rows": [asdict(row) for row in rows]}
    (PLACE / "step.json").write_text(json.dumps(record, indent=1) + "\n")
    (PLACE / "step.md").write_text(table(rows, facts))


if __name__ == "__main__":
    main()

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

from forecast.cells import Cell, LayerWeights, initial, run, to_torch
from forecast.cells.native import Head, describe, squared_error
from forecast.settings import CellKind

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
    weights = {name: nn.Parameter(each) for name, each in initial(cell, range(models)).items()}
    head = Head(
        nn.Parameter(torch.randn(models, 1, cell.hidden)), nn.Parameter(torch.zeros(models, 1))
    )
    optimiser = torch.optim.Adam([*weights.values(), *head], fused=True)
    sequence = torch.randn(models, samples, window, cell.features)
    targets, importance = torch.randn(models, samples, 1), torch.ones(models, samples)

    def loss() -> torch.Tensor:
        if one_call:
            layer = LayerWeights(*weights.values())
            return squared_error(cell, layer, head, sequence, targets, importance).sum()
        _, state = run(cell, weights, sequence, backend="native")
        answers = torch.baddbmm(head.bias[:, None], state.hidden[:, 0], head.weight.mT)
        return (answers - targets).square().mean(dim=(1, 2)).sum()

    def step() -> None:
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()

    return step


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


def measure(kind: CellKind, size: tuple[int, int, int, int], models: int, threads: int) -> Row:
    torch.set_num_threads(threads)
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
    for step in steps:
        milliseconds(step, 2)
    rounds = [
        [
            milliseconds(step, count) / per
            for step, count, per in zip(steps, times, (models, models, 1), strict=True)
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

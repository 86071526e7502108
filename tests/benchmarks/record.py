"""What a benchmark found, and how it is written: one JSON and one Markdown table each."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from matplotlib.figure import Figure

from forecast.reporting.formats import rows, to_json
from forecast.reporting.pictures.canvas import svg

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "reports" / "benchmarks"


class AbsentError(Exception):
    """The data of a benchmark are not here; the message is the sentence that says so."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One promise, what was found, and whether that keeps it."""

    promise: str
    found: str
    kept: bool


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Result:
    """What one benchmark found.

    `formats` says how the columns of `table` are written, for example `.3f`; text needs none.
    """

    question: str
    settings: Mapping[str, Any]
    table: pd.DataFrame
    formats: Mapping[str, str]
    gates: Sequence[Gate] = ()
    notes: Sequence[str] = ()
    figure: Figure | None = None


def shared_data(name: str) -> Path:
    """A file of the data that may not be copied into the project.

    Raises:
        AbsentError: it is not beside this checkout.
    """
    path = ROOT / ".." / "shared" / "data" / name
    if not path.is_file():
        raise AbsentError(f"{name} is not beside this checkout, in ../shared/data")
    return path


def machine(today: date) -> dict[str, Any]:
    """What the figures of one run depend on besides the code."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "pandas": pd.__version__,
        "date": today.isoformat(),
    }


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def write(name: str, result: Result, machine: Mapping[str, Any], folder: Path = FOLDER) -> None:
    """The JSON and the page of one benchmark, and the index of all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    found = {
        "question": result.question,
        "machine": machine,
        "settings": result.settings,
        "gates": [asdict(gate) for gate in result.gates],
        "notes": list(result.notes),
        "rows": rows(result.table),
    }
    (folder / f"{name}.json").write_bytes(to_json(found))
    (folder / f"{name}.md").write_text(_page(name, result, machine), encoding="utf-8")
    if result.figure is not None:
        (folder / f"{name}.svg").write_bytes(svg(result.figure))
    (folder / "README.md").write_text(_index(folder), encoding="utf-8")


def _page(name: str, result: Result, machine: Mapping[str, Any]) -> str:
    written = {
        column: [_cell(value, result.formats.get(column, "")) for value in result.table[column]]
        for column in result.table.columns
    }
    parts = [f"# {name}", result.question]
    parts += [f"![The same as a picture]({name}.svg)"] if result.figure is not None else []
    parts += [markdown(pd.DataFrame(written))]
    parts += ["\n".join(_gate(**asdict(gate)) for gate in result.gates)]
    parts += ["\n".join(f"- {note}" for note in result.notes)]
    parts += [_facts("Settings", result.settings), _facts("Machine", machine)]
    parts += [
        f"Made by `python -m tests.benchmarks {name}`; all digits: [{name}.json]({name}.json)"
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _index(folder: Path) -> str:
    """One line for each benchmark; one that writes its own page may lack what others have."""
    entries = [(path.stem, json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]
    table = pd.DataFrame(
        {
            "benchmark": f"[{name}]({name}.md)",
            "question": found.get("question", ""),
            "promises kept": _count(found.get("gates", [])),
            "date": found.get("machine", {}).get("date", ""),
        }
        for name, found in entries
    )
    broken = [
        f"- {name}: {gate['promise']}; found {gate['found']}"
        for name, found in entries
        for gate in found.get("gates", [])
        if not gate["kept"]
    ]
    parts = ["# Benchmarks", markdown(table)]
    parts += ["Promises not kept:\n\n" + "\n".join(broken)] if broken else []
    return "\n\n".join([*parts, "Made by `python -m tests.benchmarks`."]) + "\n"


def _count(gates: Sequence[Mapping[str, Any]]) -> str:
    return f"{sum(gate['kept'] for gate in gates)} of {len(gates)}" if gates else ""


def markdown(table: pd.DataFrame) -> str:
    """A table of text in Markdown; numbers stand to the right.

    >>> print(markdown(pd.DataFrame({"name": ["a"], "n": ["1"]})))
    | name | n |
    |---|---:|
    | a | 1 |
    """
    numeric = [all(_numeric(value) for value in table[name]) for name in table.columns]
    lines = [table.columns, *table.itertuples(index=False)]
    text = ["| " + " | ".join(map(str, line)) + " |" for line in lines]
    rule = "|" + "|".join("---:" if right else "---" for right in numeric) + "|"
    return "\n".join([text[0], rule, *text[1:]])


def _numeric(text: str) -> bool:
    return not text or text[0].isdigit() or (text[0] in "-+" and text[1:2].isdigit())


def _cell(value: Any, form: str) -> str:
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return ""
    return format(value, form)


def _gate(promise: str, found: str, *, kept: bool) -> str:
    return f"- {'kept' if kept else '**NOT kept**'}: {promise}; found {found}"


def _facts(title: str, facts: Mapping[str, Any]) -> str:
    return f"{title}: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."

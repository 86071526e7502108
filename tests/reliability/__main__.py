"""`python -m tests.reliability [campaign ...]`: run campaigns, and write what was lost: nothing.

Each campaign leaves its finding in `reports/reliability.json`, from which the page is written; so
they can be run one by one.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import partial
from pathlib import Path

import click
import torch

from tests.benchmarks.record import machine
from tests.reliability import crowd, damaged, endurance, faults, foreign, fuzz, gates, kills, odds
from tests.reliability.doors import DOORS
from tests.reliability.trial import Finding

REPORT = Path(__file__).parents[2] / "reports" / "reliability.md"
Campaign = Callable[[Path, int], Finding]
# What is tried, and how often; `--quick` takes a twentieth.
CAMPAIGNS: dict[str, tuple[Campaign, int]] = {
    "future": (gates.future, 120),
    "leaks": (gates.leaks, 1),
    "walks": (odds.walks, 400),
    "planted": (odds.planted, 5),
    "scale": (gates.scale, 1),
    "coverage": (odds.coverage, 100),
    "oracles": (gates.oracles, 1),
    "malformed": (gates.malformed, 1),
    "kill-fit": (kills.fit, 200),
    "kill-plot": (kills.plot, 200),
    "kill-text": (kills.text, 200),
    "kill-cache": (kills.cache_update, 200),
    "ctrl-c": (kills.interrupted, 40),
    "full-disk": (faults.full, 21),
    "places": (faults.places, 1),
    "crowd": (crowd.crowd, 25),
    "foreign": (foreign.foreign, 2000),
    "damaged": (damaged.damaged, 1),
    **{f"bytes-{door}": (partial(fuzz.bytes_at, door), 1_000_000) for door in DOORS},
    "soak": (endurance.soak, 200),
    "twice": (endurance.twice, 1),
    "baseline": (gates.baseline, 1),
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(CAMPAIGNS)))
@click.option("--times", type=int, help="Try so often instead.")
@click.option("--quick", is_flag=True, help="Try a twentieth, and write nothing.")
def main(names: tuple[str, ...], times: int | None, *, quick: bool) -> None:
    """Run campaigns, all of them where none is named, and write what they found."""
    torch.set_num_threads(1)
    lost = 0
    for name in names or CAMPAIGNS:
        campaign, usual = CAMPAIGNS[name]
        often = max(2, usual // 20) if quick else times or usual
        found, seconds = _run(campaign, often)
        click.echo(f"{found.campaign}: {found.tried:,} tried, {found.lost} lost; {found.told}")
        lost += found.lost
        if not quick:
            _record(name, found, seconds)
    raise SystemExit(bool(lost))


def _run(campaign: Campaign, times: int) -> tuple[Finding, float]:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FORECAST_CACHE"] = f"{folder}/own-cache"
        place = Path(folder) / "place"
        place.mkdir()
        found = campaign(place, times)
    return found, time.monotonic() - started


def _record(name: str, found: Finding, seconds: float) -> None:
    kept = REPORT.with_suffix(".json")
    every = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    every[name] = {**asdict(found), "seconds": round(seconds), "date": f"{date.today()}"}
    every = {each: every[each] for each in CAMPAIGNS if each in every}
    kept.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8")
    facts = ", ".join(f"{name} {fact}" for name, fact in machine(date.today()).items())
    rows = [
        f"| {row['campaign']} | {row['tried']:,} | {row['lost']} | {row['told']} |\n"
        for row in every.values()
    ]
    minutes = sum(row["seconds"] for row in every.values()) / 60
    REPORT.write_text(
        "# Reliability\n\n"
        "What was tried to lose something, and what was lost. `python -m tests.reliability`\n"
        f"writes this page ({minutes:.0f} minutes; {facts}).\n\n"
        "| campaign | tried | lost | |\n|---|---:|---:|---|\n" + "".join(rows),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()

"""`python -m tests.reliability [campaign ...]`: run campaigns, and write what was lost: nothing."""

import os
import tempfile
import time
from datetime import date
from importlib import import_module
from pathlib import Path

import click
import torch

from tests.benchmarks.record import machine
from tests.reliability.trial import Finding

REPORT = Path(__file__).parents[2] / "reports" / "reliability.md"
# How often each is tried; `--quick` takes a twentieth.
CAMPAIGNS = {
    "kills": 200,
    "faults": 21,
    "crowd": 25,
    "foreign": 2000,
    "malformed": 20_000,
    "endurance": 200,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(CAMPAIGNS)))
@click.option("--quick", is_flag=True, help="Try a twentieth, and write nothing.")
def main(names: tuple[str, ...], *, quick: bool) -> None:
    """Run campaigns; all of them, where none is named, and then write the report."""
    torch.set_num_threads(1)
    findings, started = list[Finding](), time.monotonic()
    for name in names or CAMPAIGNS:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["FORECAST_CACHE"] = f"{folder}/own-cache"
            times = max(2, CAMPAIGNS[name] // 20) if quick else CAMPAIGNS[name]
            for found in import_module(f"tests.reliability.{name}").campaign(Path(folder), times):
                findings.append(found)
                click.echo(
                    f"{found.campaign}: {found.tried} tried, {found.lost} lost; {found.told}"
                )
    if not (quick or names):
        REPORT.write_text(_page(findings, time.monotonic() - started), encoding="utf-8")
    if any(found.lost for found in findings):
        raise SystemExit(1)


def _page(findings: list[Finding], seconds: float) -> str:
    facts = ", ".join(f"{name} {fact}" for name, fact in machine(date.today()).items())
    rows = [
        f"| {found.campaign} | {found.tried:,} | {found.lost} | {found.told} |\n"
        for found in findings
    ]
    return (
        "# Reliability\n\n"
        "What was tried to lose something, and what was lost. `python -m tests.reliability`\n"
        f"writes this page ({seconds / 60:.0f} minutes; {facts}).\n\n"
        "| campaign | tried | lost | |\n|---|---:|---:|---|\n" + "".join(rows)
    )


if __name__ == "__main__":
    main()

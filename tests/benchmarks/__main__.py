"""`python -m tests.benchmarks [name ...]`: run all benchmarks, or the named ones."""

import time
from datetime import date
from importlib import import_module

import click

from tests.benchmarks.record import FOLDER, AbsentError, machine, write

BENCHMARKS = (
    "translate",
    "tutorial",
    "kdd17",
    "exchange",
    "planted",
    "honest",
    "warm",
    "walk",
    "leaks",
    "panel",
    "volatility",
    "text",
    "sampling",
    "step",
    "auto",
    "gpu",
    "inference",
    "process",
)


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(BENCHMARKS))
def main(names: tuple[str, ...]) -> None:
    """Run benchmarks, and write what they found into reports/benchmarks.

    Example: python -m tests.benchmarks tutorial
    """
    for name in names or BENCHMARKS:
        started = time.perf_counter()
        try:
            result = import_module(f"tests.benchmarks.{name}").run()
        except AbsentError as sentence:
            click.echo(f"{name}: skipped; {sentence}")
            continue
        seconds = round(time.perf_counter() - started)
        write(name, result, machine(date.today()) | {"seconds": seconds})
        click.echo((FOLDER / f"{name}.md").read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

"""Any bytes at every door (`doors`): ours to read, or to refuse in one line.

`python -m tests.reliability.fuzz csv --runs 1000000` is guided by coverage where atheris is
installed (`pip install 'forecast[fuzz]'`), and by chance where it is not, or where that is asked.
"""

import json
import random
import subprocess
import sys
import tempfile
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from forecast.errors import ForecastError
from tests.reliability.doors import DOORS
from tests.reliability.trial import Finding

LONGEST = 20_000
# Only what is ours, and imported then, is watched.
GUIDED = """
import sys, atheris
with atheris.instrument_imports(include=["forecast"]):
    from tests.reliability import fuzz
fuzz.guided(sys.argv[1], int(sys.argv[2]))
"""
SIGNS = (
    b",", b";", b"\n", b"\r", b'"', b"=", b"\0", b"\xff\xfe", b"1e999", b"nan", b"[", b"{", b"-1",
    b"null", b"true", b"2024-02-30", b"9" * 400, b'""', b"\xf0\x9f\x92\xa9", b"\\ud800", b"1e308",
)  # fmt: skip


VALUES = (
    None, True, -1, 0, 2, 1.5, 1e308, 10**30, 10**400, "", "x", "lstm", "\ud800", [], {}, [[]],
    [1, 2], {"": None}, [None] * 3, ["a"] * 9, "9" * 5000,
)  # fmt: skip


def offer(door: str, data: bytes, folder: Path) -> bool:
    """Whether a door takes these bytes; what is raised beyond our own errors is a mistake."""
    path = folder / DOORS[door].file
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            DOORS[door].read(path)
        except ForecastError as error:
            if "\n" in str(error):
                raise AssertionError(f"more than one line: {error}") from error
            return False
    return True


def bytes_at(door: str, place: Path, times: int) -> Finding:
    """Offer changed bytes at one door; a mistake ends the campaign with its traceback."""
    taken = by_chance(door, times, place)
    told = f"{taken:,} read, the others refused in one line"
    return Finding(f"G8 any bytes as {DOORS[door].what}", times, 0, told)


def by_chance(door: str, runs: int, folder: Path, seed: int = 0) -> int:
    """Offer good bytes that were cut, doubled, flipped and mixed; how many were taken."""
    folder.mkdir(parents=True, exist_ok=True)
    chance, pool, taken = random.Random(seed), DOORS[door].good(folder), 0
    for _ in range(runs):
        data = bytearray(chance.choice(pool))
        change = _retold if DOORS[door].told and chance.random() < 0.8 else _change
        for _ in range(1 + int(chance.expovariate(1))):
            change(data, chance)
        try:
            taken += offer(door, bytes(data[:LONGEST]), folder)
        except Exception:
            (folder / "mistake").write_bytes(data[:LONGEST])
            raise
    return taken


def _retold(data: bytearray, chance: random.Random) -> None:
    """Change one value somewhere in JSON, or leave it out."""
    told = within = json.loads(data)
    places = list[Any]()
    while within and isinstance(within, dict | list):
        places.append(within)
        within = within[_key(within, chance)]
    if not places:
        return
    within = chance.choice(places)
    at = _key(within, chance)
    if chance.random() < 0.2:
        del within[at]
    else:
        within[at] = chance.choice(VALUES)
    data[:] = json.dumps(told).encode()


def _key(within: dict[str, Any] | list[Any], chance: random.Random) -> Any:
    return chance.choice([*within] if isinstance(within, dict) else range(len(within)))


def _change(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    until = min(len(data), at + chance.randint(1, 40))
    kind = chance.randrange(4)
    if kind == 0:
        del data[at:until]
    elif kind == 1:
        data[at:at] = data[at:until] * chance.randint(1, 3)
    elif kind == 2:
        data[at:at] = chance.choice(SIGNS)
    elif at < len(data):
        data[at] = chance.randrange(256)


def guided(door: str, runs: int) -> None:
    """Offer bytes that atheris makes of the good ones, guided by what they reach of ours."""
    atheris = import_module("atheris")
    with tempfile.TemporaryDirectory() as place:
        folder, seeds = Path(place) / "door", Path(place) / "seeds"
        folder.mkdir()
        seeds.mkdir()
        for at, data in enumerate(DOORS[door].good(folder)):
            (seeds / str(at)).write_bytes(data)

        def taken(data: bytes) -> None:
            offer(door, data, folder)

        atheris.Setup([door, f"-runs={runs}", f"-max_len={LONGEST}", str(seeds)], taken)
        atheris.Fuzz()


@click.command()
@click.argument("door", type=click.Choice(list(DOORS)))
@click.option("--runs", default=1_000_000, show_default=True)
@click.option("--chance", is_flag=True, help="By chance, also where atheris is installed.")
def main(door: str, runs: int, *, chance: bool) -> None:
    """Offer many bytes to one door."""
    if find_spec("atheris") and not chance:
        command = [sys.executable, "-c", GUIDED, door, str(runs)]
        raise SystemExit(subprocess.run(command, check=False).returncode)
    with tempfile.TemporaryDirectory() as place:
        taken = by_chance(door, runs, Path(place))
    click.echo(f"{door}: {runs:,} offered, {taken:,} taken, the others refused in one line")


if __name__ == "__main__":
    main()

"""Any bytes at every door: prices, a text, choices, a model; ours to read or to refuse.

`python -m tests.reliability.fuzz csv --runs 1000000` is guided by coverage where atheris is
installed, and by chance where it is not.
"""

import random
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import click

from forecast import settings_file
from forecast.data import corpus, csv, known, pairs
from forecast.errors import ForecastError
from forecast.forecasters.recurrent import restore
from forecast.training import checkpoint
from tests.reliability.trial import Finding

SEEDS = {
    "csv": (
        b"Date,Open,High,Low,Close,Volume\n2024-01-02,1,2,0.5,1.5,100\n2024-01-03,1,2,0.5,1.5,9\n",
        b"02.01.2024;1,5\n03.01.2024;1,6\n",
    ),
    "settings": (b'hidden = 3\nmodels = ["gru"]\nlearning-rate = 1e-3\n',),
    "corpus": (b"if you want to build a ship, ", "배를 만들고 싶다면".encode("cp949")),
    "pairs": ("I feel hungry.\t나는 배가 고프다.\nGo.\t가.\n".encode(),),
    "model": (b"\x10\0\0\0\0\0\0\0" + b'{"__metadata__":{"forecast":"{}"}}',),
}
SIGNS = [
    b",",
    b";",
    b"\n",
    b"\r",
    b'"',
    b"=",
    b"\0",
    b"\xff\xfe",
    b"1e999",
    b"nan",
    b"[",
    b"2024-02-30",
]


def _csv(path: Path) -> object:
    return csv.read(path)


def _settings(path: Path) -> object:
    return settings_file.read(path)


def _model(path: Path) -> object:
    return restore(checkpoint.load(path))


def _corpus(path: Path) -> object:
    return corpus.read(path)


def _pairs(path: Path) -> object:
    return pairs.read(path)


DOORS: dict[str, Callable[[Path], object]] = {
    "csv": _csv,
    "settings": _settings,
    "model": _model,
    "corpus": _corpus,
    "pairs": _pairs,
}


def offer(door: str, data: bytes, folder: Path) -> None:
    """Read these bytes through a door; what is raised beyond our own errors is a mistake."""
    path = folder / "offered.csv"
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            DOORS[door](path)
        except ForecastError as error:
            if "\n" in str(error):
                raise AssertionError(f"more than one line: {error}") from error


def changed(place: Path, times: int) -> Finding:
    """Offer changed files at every door; a mistake ends the campaign with its traceback."""
    for door in DOORS:
        by_chance(door, times, place)
    told = f"{times:,} at each of {', '.join(DOORS)}; read, or refused in one line"
    return Finding("changed files", times * len(DOORS), 0, told)


def by_chance(door: str, runs: int, folder: Path, seed: int = 0) -> None:
    """Offer seeds that were cut, doubled, flipped and mixed."""
    chance = random.Random(seed)
    pool = [*SEEDS[door], *_samples(door)]
    for _ in range(runs):
        data = bytearray(chance.choice(pool))
        for _ in range(chance.randint(1, 6)):
            _change(data, chance)
        offer(door, bytes(data[:5000]), folder)


def _samples(door: str) -> list[bytes]:
    if door != "csv":
        return []
    return [path.read_bytes()[:1500] for path in sorted(known.samples().glob("*.csv"))]


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


@click.command()
@click.argument("door", type=click.Choice(list(DOORS)))
@click.option("--runs", default=1_000_000, show_default=True)
def main(door: str, runs: int) -> None:
    """Offer many bytes to one door."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            atheris = import_module("atheris")
        except ImportError:
            by_chance(door, runs, Path(folder))
            return
        atheris.instrument_all()
        atheris.Setup(
            [sys.argv[0], f"-runs={runs}", "-max_len=5000"],
            lambda data: offer(door, data, Path(folder)),
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()

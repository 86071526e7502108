"""Files damaged in every way that disks, transfers and people know, handed to every command.

Each gets one line on stderr and the exit code of its kind; nothing is waited for, nothing is run.
"""

import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from forecast.cli import main
from tests.made import table
from tests.reliability.trial import Finding

SETTING, DATA, MODEL, OUTPUT = 2, 3, 5, 6
SMALL = ("--epochs", "2", "--hidden", "2", "--quiet")
FIT = ("fit", "own.csv", "--first", "0.9", "--refit", "0", *SMALL)


def _removed(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _endless(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def _written(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        data = change(path.read_bytes())
        path.unlink()  # it may be one file with a run that is kept
        path.write_bytes(data)

    return write


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


# In place of the file there is something else.
REPLACED = {"folder": _folder, "pipe": _pipe, "endless": _endless, "loop": _loop}
MISSING = {"removed": _removed}
FOREIGN = {
    "pickle": _written(lambda _: pickle.dumps({"GOOG": 1})),
    "zip": _written(lambda _: b"PK\x03\x04" + bytes(300)),
    "program": _written(lambda _: b"\x7fELF" + bytes(range(256))),
}
CHANGED = {
    "empty": _written(lambda _: b""),
    "short": _written(lambda data: data[: len(data) // 2]),
    "shorter": _written(lambda data: data[:-1]),
    "longer": _written(lambda data: data + b"\0"),
    "flipped": _written(_flipped),
    "zeros": _written(lambda data: bytes(len(data))),
    "nested": _written(lambda _: b"[" * 100_000),
}
EVERY = {**REPLACED, **MISSING, **FOREIGN, **CHANGED}
READ = {**REPLACED, **MISSING, **FOREIGN, "zeros": CHANGED["zeros"]}


@dataclass(frozen=True, slots=True)
class Case:
    """A file, the command that reads it, the exit code, and the damages that cannot be read."""

    file: str
    command: tuple[str, ...]
    code: int
    damages: dict[str, Callable[[Path], None]]


def _but(damages: dict[str, Callable[[Path], None]], *names: str) -> dict:
    return {name: each for name, each in damages.items() if name not in names}


CASES = (
    *(
        Case(f"reports/own/{name}", ("plot", "own"), OUTPUT, EVERY)
        for name in ("answers.csv", "learning.csv", "settings.json", "receipt.json")
    ),
    # Its last byte is the end of its last line, which says nothing.
    Case("reports/own/scores.json", ("plot", "own"), OUTPUT, _but(EVERY, "shorter")),
    Case("reports/own/model.safetensors", ("predict", "own.csv"), MODEL, EVERY),
    Case("reports/own/model.safetensors", ("export", "own", "--as", "onnx"), MODEL, EVERY),
    Case("reports/own/answers.csv", ("export", "own", "--as", "long"), OUTPUT, EVERY),
    # Without it counting begins anew; a space more or less says the same.
    Case("reports/own/trials.json", FIT, OUTPUT, _but(EVERY, "removed", "shorter", "flipped")),
    Case(
        "reports/text/ship/model.safetensors",
        ("text", "sample", "--model", "reports/text/ship", "--length", "3"),
        MODEL,
        EVERY,
    ),
    Case(
        # Without it learning begins anew.
        "reports/text/ship/resume.safetensors", ("text", "fit", "ship", "--resume", *SMALL), MODEL,
        _but(EVERY, "removed"),
    ),
    Case(
        "reports/translate/korean/model.safetensors",
        ("translate", "run", "hi", "--model", "reports/translate/korean"),
        MODEL,
        EVERY,
    ),
    Case("own.csv", FIT, DATA, READ | {"empty": CHANGED["empty"]}),
    Case("words.txt", ("text", "fit", "words.txt", *SMALL), DATA, _but(READ, "program")),
    Case("pairs.tsv", ("translate", "fit", "pairs.tsv", *SMALL), DATA, _but(READ, "program")),
    Case("own.toml", ("settings", "show", "--settings", "own.toml"), SETTING, READ),
)  # fmt: skip


def made(folder: Path) -> None:
    """Results of every kind, and files that are read."""
    table(120).to_csv(folder / "own.csv")
    (folder / "words.txt").write_text("if you want to build a ship, " * 20)
    (folder / "pairs.tsv").write_text("I feel hungry.\t나는 배가 고프다.\n" * 4)
    (folder / "own.toml").write_text("hidden = 2\n")
    short = ("--epochs", "1", "--hidden", "2", "--quiet")
    for command in (FIT, ("text", "fit", "ship", *short), ("translate", "fit", "korean", *short)):
        told = run(folder, *command)
        assert told.exit_code == 0, told.output


def run(folder: Path, *command: str) -> Result:
    """A command in a folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return CliRunner().invoke(main, command)
    finally:
        os.chdir(before)


def complaint(folder: Path, case: Case, damage: str) -> str:
    """What is wrong with the answer to a damaged file; empty where it is one line, and right."""
    case.damages[damage](folder / case.file)
    told = run(folder, *case.command)
    one_line = told.stderr.startswith("forecast: ") and told.stderr.count("\n") == 1
    if (told.exit_code, told.stdout) == (case.code, "") and one_line:
        return ""
    return f"{case.file}, {damage}: exit {told.exit_code}, {told.output[-300:]!r}"


def damaged(place: Path, _: int) -> Finding:
    """Damage every file in every way, each in a fresh copy."""
    whole = place / "whole"
    whole.mkdir()
    made(whole)
    tried, wrong = 0, list[str]()
    for case in CASES:
        for damage in case.damages:
            copy = Path(shutil.copytree(whole, place / f"copy{tried}", symlinks=True))
            tried += 1
            wrong += filter(None, [complaint(copy, case, damage)])
            shutil.rmtree(copy)
    told = f"{len(CASES)} files and commands; one line and the right exit code each"
    return Finding("damaged files at every command", tried, len(wrong), "; ".join(wrong) or told)

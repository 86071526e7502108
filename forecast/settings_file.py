"""Choices in a TOML file: the names of the command line's options, one a line.

    models = ["lstm", "gru"]
    hidden = 32
    learning-rate = 0.005

    [text]
    hidden = 512

A file may hold choices of several commands; each command takes those that it knows. A table named
after a part of the program (`prices`, `text`, `translate`) is for the commands of that part alone,
and wins over what stands above.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, fields
from datetime import date
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

from forecast import settings, source_settings, text_settings, translation_settings
from forecast.data.files import read_whole
from forecast.errors import SettingError
from forecast.settings import MOST

# Every record of each part of the program; what two of them share has the same name and type.
PARTS: Mapping[str, tuple[type, ...]] = {
    "prices": (
        settings.Target,
        source_settings.Source,
        settings.WalkForward,
        settings.Inputs,
        settings.Covariates,
        settings.Network,
        settings.Training,
        settings.Compute,
        settings.Trading,
        source_settings.Csv,
        settings.Search,
        settings.Many,
        settings.Audit,
    ),
    "text": (
        text_settings.Tokens,
        text_settings.TextNetwork,
        text_settings.TextTraining,
        settings.Compute,
        text_settings.Sampling,
    ),
    "translate": (
        translation_settings.TranslatorKind,
        translation_settings.TranslatorTraining,
        settings.Compute,
        translation_settings.Writing,
    ),
}
LARGEST = 2**20
WORDS = {**settings.WORDS, int: "a whole number", float: "a number"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: its name as an option and in files, its field, the type it has."""

    name: str
    field: str
    kind: type

    def read(self, value: Any) -> Any:
        """The value, where it is of this type; a list of texts becomes one text with commas.

        Raises:
            SettingError: it is of another type.
        """
        if isinstance(value, date) and self.kind is str:
            value = value.isoformat()  # TOML's date is what `start` has as a text
        if self.name == "models" and isinstance(value, list):
            value = ",".join(map(str, cast(list[object], value)))
        fits = isinstance(value, self.kind) or (self.kind is float and isinstance(value, int))
        if not fits or (isinstance(value, bool) and self.kind is not bool):
            raise SettingError(f"{self.name} is {WORDS[self.kind]}; got {value!r}")
        if self.kind is float and isinstance(value, int) and not -MOST <= value <= MOST:
            # It may have more digits than a float can hold.
            raise SettingError(f"{self.name} is from {-MOST} to {MOST}; got {str(value)[:40]}")
        if isinstance(value, str) and "\0" in value:
            raise SettingError(f"{self.name} holds a NUL character; got {value!r}")
        return value


def option(each: "Field[Any]") -> str:
    """The name that a field of a record has as an option and in a file."""
    return str(each.metadata["option"] or each.name).replace("_", "-")


@cache
def choices(*parts: str) -> Mapping[str, Choice]:
    """Everything that a file can choose for these parts, by name; without one, for all."""
    found = {name: Choice(name, name, str) for name in ("models", "out")}
    for record in (record for part in parts or PARTS for record in PARTS[part]):
        hints = get_type_hints(record)
        for each in fields(record):
            kinds = [type(of) if isinstance(of, str) else of for of in get_args(hints[each.name])]
            kind = float if float in kinds else (kinds or [hints[each.name]])[0]
            found[option(each)] = Choice(option(each), each.name, kind)
    return found


def read(path: Path | str, part: str = "prices") -> dict[str, Any]:
    """The choices in a file for one part, by field; their ranges are the records' to check.

    Raises:
        SettingError: there is no TOML file, or it holds an unknown name or a value of another type.
    """
    written = _parsed(Path(path))
    tables = {name: written.pop(name) for name in PARTS if isinstance(written.get(name), dict)}
    found = _chosen(written, choices(), f"{path}")
    own = {name: _chosen(each, choices(name), f"{path} [{name}]") for name, each in tables.items()}
    return found | own.get(part, {})


def _chosen(written: Mapping[str, Any], known: Mapping[str, Choice], place: str) -> dict[str, Any]:
    found = dict[str, Any]()
    for name, value in written.items():
        choice = known.get(name.replace("_", "-"))
        if choice is None:
            near = _near(name.replace("_", "-"), known)
            raise SettingError(f"{place}: nothing is named {name[:80]!r}; {near}")
        try:
            found[choice.field] = choice.read(value)
        except SettingError as error:
            raise SettingError(f"{place}: {error}") from None
    return found


def text(values: Mapping[str, Any]) -> str:
    """The file that chooses these values, given by field or by name.

    >>> print(text({"hidden": 32, "learning_rate": 0.005, "cell": "gru", "warm": True}), end="")
    hidden = 32
    learning-rate = 0.005
    cell = "gru"
    warm = true
    """
    lines = [f"{name.replace('_', '-')} = {_written(value)}\n" for name, value in values.items()]
    return "".join(lines)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (tuple, list)):
        return f"[{', '.join(map(_written, cast(list[object], value)))}]"
    if isinstance(value, str):
        # TOML's basic strings escape what JSON's do.
        return json.dumps(value, ensure_ascii=False)
    return repr(value)


def _parsed(path: Path) -> dict[str, Any]:
    data = _read(path)
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SettingError(f"{path}: not TOML in UTF-8 ({error}){_twice(data)}") from error


def _read(path: Path) -> bytes:
    try:
        return read_whole(path, LARGEST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingError(f"{path}: no file of settings can be read ({reason})") from error


def _twice(data: bytes) -> str:
    """The first name that is chosen twice, in words."""
    seen = set[bytes]()
    for line in data.splitlines():
        name, sign, _ = line.partition(b"=")
        if sign and name.strip() in seen:
            return f"; {name.strip()[:40].decode(errors='replace')!r} comes twice"
        seen.add(name.strip())
    return ""


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]!r}?" if near else "forecast settings show lists every name"

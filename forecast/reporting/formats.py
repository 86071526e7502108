"""Tables and records to text and back, without loss.

Numbers are written with all their digits and dates as ISO writes them. A text cell that a
spreadsheet would take for a formula gets a leading apostrophe, which reading removes; one that
would move a terminal's cursor is written escaped, and stays so.
"""

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any, TypeVar, cast, get_type_hints

import pandas as pd

from forecast.reporting.wording import plain

Record = TypeVar("Record")

TEXTS, DATES, COUNTS = (
    ("ticker", "forecaster", "unique_id"),
    ("cutoff", "date"),
    ("horizon", "epoch"),
)
FLAGS, TRUTHS = ("capped",), {"True": True, "False": False}
# What a damaged file raises when it is taken apart.
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
FORMULA_SIGNS = ("=", "+", "-", "@", "'")
LONGEST_TEXT = 1000


def to_csv(table: pd.DataFrame) -> bytes:
    """A table as CSV: UTF-8, one header, one line ending, no index."""
    texts = {name: table[name].map(_inert) for name in TEXTS if name in table.columns}
    text = table.assign(**texts).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8", "surrogatepass")


def from_csv(content: bytes, columns: Sequence[str]) -> pd.DataFrame:
    """The table that `to_csv` wrote; every column of ours has its type even without rows.

    Raises:
        ValueError: it has other columns, or a cell that is not of its column's type.
    """
    text = content.decode("utf-8", "surrogatepass")
    table = pd.read_csv(io.StringIO(text, newline=""), dtype=str, keep_default_na=False)
    if list(table.columns) != list(columns):
        raise ValueError(f"columns {', '.join(table.columns)}; needs {', '.join(columns)}")
    return table.assign(**{name: _typed(table[name]) for name in columns})


def _typed(cells: pd.Series) -> pd.Series:
    """The values of one column; Python's own reading of a number gives back each bit."""
    if cells.name in TEXTS:
        return cells.str.removeprefix("'")
    if cells.name in DATES:
        return pd.to_datetime(cells, format="ISO8601").astype("datetime64[ns]")
    if cells.name in FLAGS:
        return pd.Series([TRUTHS[cell] for cell in cells], cells.index, "bool")
    kind = int if cells.name in COUNTS else float
    numbers = [kind(cell or "nan") for cell in cells.to_list()]
    return pd.Series(numbers, cells.index, "int64" if kind is int else "float64")


def _inert(text: str) -> str:
    text = plain(text, LONGEST_TEXT)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def to_json(value: Any) -> bytes:
    """A value as JSON, indented, keys in their order; what is not finite becomes null."""
    return (json.dumps(finite(value), indent=2, allow_nan=False) + "\n").encode()


def from_json(content: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON, or nested too deep.
    """
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def finite(value: Any) -> Any:
    """A value with plain Python numbers, and None where a number is not finite.

    >>> finite({"p": float("nan"), "n": (1, 2.5)})
    {'p': None, 'n': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        pairs = cast(Mapping[Any, Any], value).items()
        return {str(key): finite(each) for key, each in pairs}
    if isinstance(value, (list, tuple)):
        return [finite(each) for each in cast(Sequence[Any], value)]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table as records, for JSON."""
    return [dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False)]


def table(records: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table that `rows` came from; null among numbers is NaN."""
    found = pd.DataFrame(list(records))
    lost = [name for name in found.columns if found[name].isna().any()]
    return found.astype(dict.fromkeys(lost, "float64"))


def record(kind: type[Record], values: Mapping[str, Any]) -> Record:
    """A frozen record, with the records inside it, from what `dataclasses.asdict` made of it.

    Raises:
        TypeError: a field is missing or unknown.
        SettingError: a value is out of range.
    """
    hints = get_type_hints(kind)
    fields = {name: _field(hints.get(name), value) for name, value in values.items()}
    return kind(**fields)


def _field(hint: Any, value: Any) -> Any:
    if isinstance(hint, type) and is_dataclass(hint):
        return record(hint, value)
    return tuple(cast(list[Any], value)) if isinstance(value, list) else value

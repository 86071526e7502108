"""The file of a long table: its columns as pandas reads them, and the line of each row.

What pandas would guess or pass over is not left to it: rows with more or fewer fields than names
are refused, and numbers stay texts where their decimal sign has to be found or was given.
"""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERED
from forecast.data.csv.faults import LISTED, Fault, count, refusal, shown
from forecast.data.csv.names import ALIASES, key
from forecast.data.csv.rows import SEPARATORS, split_line
from forecast.errors import DataError, SettingError
from forecast.shapes import Rows
from forecast.source_settings import Csv

MOST_BYTES = 2**30
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-")
PARQUET = ".parquet"
_TEXTS = frozenset((*ALIASES["symbol"], *ALIASES["date"]))


def is_long(path: Path, how: Csv) -> bool:
    """Whether a file is a long table, to be read whole: Parquet, or CSV of several symbols."""
    if not path.is_file():
        return False  # opening a pipe would wait for its writer
    if path.suffix.lower() == PARQUET:
        return True
    if how.symbol or how.columns or how.no_dates or path.suffix.lower() not in (".csv", ".tsv"):
        return False
    names = _header(path, how)
    named = [name for name in names if key(name) in ALIASES["symbol"]]
    if not named or "\0" in "".join(names):
        return False
    try:
        symbols = set(_csv(path, how, named[:1])[named[0]].str.strip())
        return len(symbols - {""}) > 1
    except (OSError, ValueError):
        return False  # it is read as a file of one, which says what is wrong with it


def load(path: Path, how: Csv) -> pd.DataFrame:
    """The columns of the file, indexed by the lines of the rows (of Parquet, as if it were CSV).

    Raises:
        DataError: it cannot be read, or a row has more or fewer fields than there are names.
        SettingError: Parquet without pyarrow.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError(
            f"{str(path)!r} has {size:,} bytes; a long table has at most {MOST_BYTES:,}; part it"
        )
    try:
        if path.suffix.lower() == PARQUET:
            table = pd.read_parquet(path)
            return table.set_axis(pd.RangeIndex(2, len(table) + 2))
        lines, table = _lines(path, how), _csv(path, how)
    except DataError:
        raise
    except ImportError as error:
        raise SettingError(
            f"{str(path)!r} is Parquet, which needs pyarrow: pip install 'forecast[parquet]'"
        ) from error
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:160]
        raise DataError(
            f"{str(path)!r} cannot be read as a long table: {reason}; correct or remove that row,"
            " or export it again"
        ) from error
    whole = len(lines) == len(table)  # else quotes stand where pandas reads them as others do not
    return table.set_axis(lines if whole else np.arange(2, len(table) + 2))


def separator(path: Path, how: Csv) -> str:
    """The sign between fields: as asked, or the one that the first line has most of."""
    if how.sep:
        return "\t" if how.sep == "tab" else how.sep
    first = _first_line(path, how)
    return max(SEPARATORS, key=first.count)


def _lines(path: Path, how: Csv) -> Rows:
    """The physical lines on which the rows begin, blank ones left out.

    Raises:
        DataError: a row on one line has more or fewer fields than there are names.
    """
    sep, width = separator(path, how), len(_header(path, how))
    blank, lines, faults = (" \r\n" if sep == "\t" else None), list[int](), list[Fault]()
    quoted = False  # a field goes on over the end of the line
    with path.open(encoding=how.encoding or "utf-8-sig", errors="replace") as file:
        next(file, "")
        for number, line in enumerate(file, 2):
            before, quoted = quoted, quoted ^ (line.count('"') % 2 == 1)
            if before or not line.strip(blank):
                continue
            lines.append(number)
            fields = 1 + sum(part.count(sep) for part in line.split('"')[::2])
            if fields != width and not quoted and len(faults) <= LISTED:
                told = f"{count(fields, 'field')}, header has {width}"
                fix = "join or quote the parted field, or remove the row"
                faults.append(Fault(number, told, fix))
    if faults:
        raise refusal(str(path), faults)
    return np.array(lines, dtype="int64")


def _csv(path: Path, how: Csv, only: Sequence[str] | None = None) -> pd.DataFrame:
    names, sep = _header(path, how), separator(path, how)
    # There 1.234 may be 1234, which pandas would not ask.
    told = _TEXTS | NUMBERED if sep == ";" or how.decimal or how.thousands else _TEXTS
    texts = {name for name in names if key(name) in told}
    with warnings.catch_warnings():
        # Columns of texts and numbers are told apart later, cell by cell.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        table = pd.read_csv(
            path,
            sep=sep,
            usecols=cast(Any, only),
            encoding=how.encoding or "utf-8-sig",
            dtype=cast(Any, dict.fromkeys(texts, "str")),
            keep_default_na=False,
            na_values={name: [*MISSING] for name in only or names if name not in texts},
        )
    if not table.index.equals(pd.RangeIndex(len(table))):
        raise ValueError("its rows have more fields than the first line has names")
    _refuse_rows_within(table)
    if only is None and len(table.columns) == len(names):
        table.columns = pd.Index(names)  # pandas renames what comes twice
    return table


def _refuse_rows_within(table: pd.DataFrame) -> None:
    """A quote too many, and another further down, would make one cell of the rows between."""
    for name in (each for each in table if pd.api.types.is_string_dtype(table[each])):
        within = "\n" if key(str(name)) in _TEXTS else "\n[^\n]*[,;|\t]"
        broken = np.flatnonzero(table[name].str.contains(within, na=False))
        if broken.size:
            cell = shown(str(table[name].iloc[int(broken[0])]))
            raise ValueError(f"a quote is left open before {cell}, which goes on over a row")


def _header(path: Path, how: Csv) -> list[str]:
    return split_line(_first_line(path, how), separator(path, how))


def _first_line(path: Path, how: Csv) -> str:
    try:
        with path.open(encoding=how.encoding or "utf-8-sig", errors="replace") as file:
            return file.readline(2**16).rstrip("\r\n")
    except (OSError, UnicodeError):
        return ""  # the reader that follows says why

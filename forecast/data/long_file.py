"""The file of a long table: those of its columns that we know, and the line of each row.

pandas reads the numbers, for speed. What it would guess or pass over is not left to it: rows with
more or fewer fields than names, and quotes that swallow rows, are refused; numbers stay texts
where their decimal sign has to be found or was given.
"""

import csv
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd

from forecast.data.csv.columns import NUMBERS, Columns, find_columns
from forecast.data.csv.header import is_row
from forecast.data.csv.names import ALIASES, key
from forecast.data.csv.rows import SEPARATORS, quote_fault, split_line
from forecast.data.csv.sheet import swallows, wrong_width
from forecast.data.faults import LISTED, PARQUET, Fault, refusal
from forecast.data.foreign import decoded
from forecast.errors import DataError, SettingError
from forecast.shapes import Rows, Series
from forecast.source_settings import Csv

MOST_BYTES = 2**30
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-")
MOST_TOLD, CHUNK = 100_000, 2**17  # rows


@dataclass(frozen=True, slots=True)
class Loaded:
    """The cells of our columns, named by their roles; `lines` are those of the rows.

    `header` is the line of the names, 0 in Parquet.
    """

    path: Path
    how: Csv
    header: int
    names: Sequence[str]
    columns: Columns
    table: pd.DataFrame
    lines: Rows

    def name(self, role: str) -> str:
        """What the file calls a column."""
        return self.names[self.columns.roles[role]]

    def written(self, role: str, rows: Rows) -> list[str]:
        """What stands in some rows of a column in which pandas found numbers.

        Word for word, unless nobody asks, they are very many, or there are no words.
        """
        cells = self.table[role].iloc[rows]
        if self.how.na == "drop" or len(rows) > MOST_TOLD or not self.header:
            return ["" if np.isnan(value) else str(value) for value in floats(cells)]
        at, found = self.columns.roles[role], list[str]()
        with _read(self.path, self.how, {at: "str"}, CHUNK) as chunks:
            for chunk in chunks:
                found += chunk.loc[chunk.index.intersection(cells.index), at].str.strip().tolist()
        return found


def floats(cells: pd.Series) -> Series:
    """The numbers of a column of numbers, NaN where there is none."""
    return cells.to_numpy("float64", na_value=np.nan)


def is_long(path: Path, how: Csv) -> bool:
    """Whether a file is a long table, to be read whole: Parquet, or CSV of several symbols."""
    if not path.is_file():
        return False  # opening a pipe would wait for its writer
    if path.suffix.lower() == PARQUET:
        return True
    if how.symbol or how.columns or how.no_dates or path.suffix.lower() not in (".csv", ".tsv"):
        return False
    names = _header(path, how)
    named = [at for at, name in enumerate(names) if key(name) in ALIASES["symbol"]]
    if not named or "\0" in "".join(names):
        return False
    try:
        return _holds_several(path, how, named[0], len(names))
    except (OSError, csv.Error):
        return False  # it is read as a file of one, which says what is wrong with it


def _holds_several(path: Path, how: Csv, at: int, width: int) -> bool:
    """Whether there is a second symbol; a footer or a comment is no row, and has none."""
    symbols = {""}
    with path.open(encoding=_encoding(how), errors="replace", newline="") as file:
        rows = csv.reader(file, delimiter=separator(path, how), skipinitialspace=True)
        next(rows)
        for row in rows:
            if len(row) == width or (len(row) > at and is_row(row)):
                symbols.add(row[at].strip())
            if len(symbols) > 2:
                return True
    return False


def load(path: Path, how: Csv) -> Loaded:
    """Our columns of the file.

    Raises:
        DataError: it cannot be read, has no column of closes, or a row has more or fewer fields
            than there are names.
        SettingError: Parquet without pyarrow.
    """
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise DataError(
            f"{str(path)!r} has {size:,} bytes; a long table has at most {MOST_BYTES:,}; part it"
        )
    try:
        return _of_parquet(path, how) if path.suffix.lower() == PARQUET else _of_csv(path, how)
    except DataError:
        raise
    except ImportError as error:
        raise SettingError(
            f"{str(path)!r} is Parquet, which needs pyarrow: pip install 'forecast[parquet]'"
        ) from error
    except UnicodeError as error:
        decoded(path.read_bytes(), how.encoding, str(path))  # says where, unless a mark misled it
        sentence = "the file begins with a mark of UTF-16 or UTF-32"
        raise refusal(str(path), [Fault(1, sentence, "export it again as UTF-8")]) from error
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:160]
        raise DataError(
            f"{str(path)!r} cannot be read as a long table: {reason}; correct or remove that row,"
            " or export it again"
        ) from error


def separator(path: Path, how: Csv) -> str:
    """The sign between fields: as asked, or the one that the first line has most of."""
    if how.sep:
        return "\t" if how.sep == "tab" else how.sep
    first = _first_line(path, how)
    return max(SEPARATORS, key=first.count)


def _of_parquet(path: Path, how: Csv) -> Loaded:
    table = pd.read_parquet(path)
    names = [*map(str, table.columns)]
    columns = find_columns(names, how, str(path), 0)
    ours = table.iloc[:, [*columns.roles.values()]].set_axis([*columns.roles], axis=1)
    return Loaded(path, how, 0, names, columns, ours, np.arange(1, len(table) + 1))


def _of_csv(path: Path, how: Csv) -> Loaded:
    names = _header(path, how)
    if _has_nul(path, how):
        decoded(path.read_bytes(), how.encoding, str(path))  # says where
    columns, lines = find_columns(names, how, str(path), 1), _lines(path, how, len(names))
    # There 1.234 may be 1234, which pandas would not ask.
    number = "str" if separator(path, how) == ";" or how.decimal or how.thousands else None
    kinds = {at: number if role in NUMBERS else "category" for role, at in columns.roles.items()}
    table = _read(path, how, kinds)
    if len(table) != len(lines):
        raise ValueError(f"{len(lines):,} rows by their lines, {len(table):,} by their quotes")
    table = table[[*columns.roles.values()]].set_axis([*columns.roles], axis=1)
    filled = lines > 0
    if not filled.all():
        table, lines = table[filled], lines[filled]
    return Loaded(path, how, 1, names, columns, table, lines)


def _has_nul(path: Path, how: Csv) -> bool:
    if "\0".encode(how.encoding or "utf-8") != b"\0":
        return False  # every other byte may be one
    with path.open("rb") as file:
        return any(b"\0" in part for part in iter(partial(file.read, 2**20), b""))


def _lines(path: Path, how: Csv, width: int) -> Rows:
    """The physical line on which each row begins; 0 where nothing is in any of its fields.

    Raises:
        DataError: a row has more or fewer fields than there are names, or swallows others.
    """
    place, sep, lines = str(path), separator(path, how), list[int]()
    with path.open(encoding=_encoding(how), newline="") as file:
        reader = csv.reader(file, delimiter=sep, skipinitialspace=True, strict=True)
        end, wrong, number = 0, list[Fault](), 0
        try:
            for row in reader:
                start, end = end + 1, reader.line_num
                if not any(row):
                    lines += [0] * (len(row) > 1)  # lines without any field are no rows
                    continue
                lines.append(start)
                if len(row) != width:
                    number += 1
                    wrong += [wrong_width(start, len(row), width)] * (number <= LISTED)
                elif end > start and (fault := swallows(start, row, sep)):
                    raise refusal(place, [fault])
        except csv.Error as error:
            raise refusal(place, [quote_fault(end + 1, reader.line_num, str(error))]) from error
    if wrong:
        raise refusal(place, wrong, number=number)
    return np.array(lines[1:], dtype="int64")


def _read(
    path: Path, how: Csv, kinds: Mapping[int, str | None], chunksize: int | None = None
) -> Any:
    """Some columns, by their places, as pandas reads them; numbers of no kind as it finds them."""
    with warnings.catch_warnings():
        # Columns of texts and numbers are told apart later, cell by cell.
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)
        read = cast(Any, pd.read_csv)
        return read(
            path,
            sep=separator(path, how),
            header=0,
            names=range(len(_header(path, how))),
            usecols=sorted(kinds),
            index_col=False,
            encoding=_encoding(how),
            dtype={at: kind for at, kind in kinds.items() if kind},
            keep_default_na=False,
            na_values={at: [*MISSING] for at, kind in kinds.items() if not kind},
            skipinitialspace=True,
            chunksize=chunksize,
        )


def _header(path: Path, how: Csv) -> list[str]:
    return split_line(_first_line(path, how), separator(path, how))


def _first_line(path: Path, how: Csv) -> str:
    try:
        with path.open(encoding=_encoding(how), errors="replace") as file:
            return file.readline(2**16).rstrip("\r\n")
    except (OSError, UnicodeError):
        return ""  # the reader that follows says why


def _encoding(how: Csv) -> str:
    return how.encoding or "utf-8-sig"

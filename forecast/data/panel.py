"""Prices of many tickers at once: tickers, files, folders of files and long tables.

In folders and long tables, what cannot be used is left out and reported; a ticker or file that was
named and cannot be used is an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from forecast.data import csv, long_file, long_table
from forecast.data.load import load_many, within
from forecast.data.names import is_folder, means_file
from forecast.data.prices import Prices
from forecast.data.span import Span
from forecast.errors import DataError
from forecast.progress import Progress, silent
from forecast.source_settings import Csv, Source

SUFFIXES = (".csv", ".tsv", ".txt", ".gz", ".parquet")


@dataclass(frozen=True, slots=True)
class Panel:
    """Prices by ticker, each once, and sentences about what was left out."""

    prices: Sequence[Prices]
    left_out: Sequence[str] = ()


def load_panel(
    names: Sequence[str | PathLike[str]],
    source: Source = Source(),
    how: Csv = Csv(),
    progress: Progress = silent,
) -> Panel:
    """The prices of everything that is named, in that order; `progress` counts names, or files.

    Raises:
        ForecastError: as `load` does; or nothing in a folder or long table can be used.
    """
    span, prices, left_out = Span.of(source), list[Prices](), list[str]()
    for done, name in enumerate([fspath(name) for name in names]):
        progress(done, len(names))
        found = _several(name, source, how, progress)
        if found is None:
            prices += load_many([name], source, how)
            continue
        for each in found.prices:
            try:
                prices.append(within(span, each))
            except DataError as error:
                left_out.append(str(error))
        left_out += found.left_out
    return Panel(prices, left_out)


def _several(name: str, source: Source, how: Csv, progress: Progress) -> Panel | None:
    """What a folder or a long table holds; None for a ticker or a file of one."""
    path = Path(name)
    if source.source in ("auto", "csv") and is_folder(name):
        files = sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
        return _of_files(path, files, how, progress)
    if name == "-" or not means_file(name, source.source) or not path.is_file():
        return None
    return _of_files(path, [path], how, progress) if long_file.is_long(path, how) else None


def _of_files(place: Path, files: Sequence[Path], how: Csv, progress: Progress) -> Panel:
    prices, left_out = dict[str, Prices](), list[str]()
    for done, path in enumerate(files):
        progress(done, len(files))
        for each in _of_file(path, how):
            if isinstance(each, DataError):
                left_out.append(str(each))
            elif each.ticker in prices:
                left_out.append(f"{path}: {each.ticker} is there already; this one was left out")
            else:
                prices[each.ticker] = each
    if not prices and left_out and files == [place]:
        raise DataError(left_out[0])
    if not prices:
        why = f"; {left_out[0]}" if left_out else ""
        sought = "" if files else f"; needs some whose names end with {', '.join(SUFFIXES)}"
        raise DataError(f"{str(place)!r}: none of {len(files)} files holds prices{why}{sought}")
    return Panel([*prices.values()], left_out)


def _of_file(path: Path, how: Csv) -> list[Prices | DataError]:
    """The prices in one file, or why there are none."""
    try:
        if long_file.is_long(path, how):
            return [*long_table.read(path, how)]
        return [csv.read(path, how)]
    except DataError as error:
        return [error]

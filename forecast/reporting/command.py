"""The command line that repeats a run, made from its settings."""

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import Field, fields, is_dataclass
from typing import Any

from forecast.data.prices import Receipt
from forecast.settings import Settings
from forecast.source_settings import Source


def command(series: Sequence[str], settings: Settings, *records: Any) -> str:
    """`forecast fit` with every option that differs from its default, `records` included.

    >>> command(["GOOG"], Settings(models=("gru",)), Source(source="sample"))
    'forecast fit GOOG --models gru --source sample'
    """
    return line(["forecast", "fit", *series], settings, *records)


def line(words: Sequence[str], *records: Any) -> str:
    """These words, followed by every option that differs from its default."""
    return " ".join(map(shlex.quote, [*words, *_options(records)]))


def repeating(ticker: str, receipt: Receipt, settings: Settings) -> str:
    """The command that repeats a run, as far as its receipt tells; empty for prices in memory."""
    if receipt.source in ("frame", "synthetic"):
        return ""
    if receipt.source == "csv":
        return command([receipt.place], settings)
    source = "sample" if receipt.source == "sample" else "auto"
    return command([ticker], settings, Source(source=source))


def _options(records: Iterable[Any]) -> Iterator[str]:
    for record in records:
        for each in fields(record):
            value = getattr(record, each.name)
            if is_dataclass(value):
                yield from _options([value])
            elif value != each.default:
                yield from _option(each, value)


def _option(each: Field[Any], value: Any) -> Iterator[str]:
    yield "--" + (each.metadata.get("option") or each.name).replace("_", "-")
    if isinstance(value, (tuple, list)):
        yield ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    elif not isinstance(value, bool):
        yield str(value)

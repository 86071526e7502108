"""The end of every page: the command that makes it again, every setting, the versions."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from forecast.reporting.pages.document import Facts, Part, Sample, Section, Table


def repeating(command: str, settings: Any, versions: Mapping[str, str]) -> Section:
    """How to repeat it; `settings` is a record of records."""
    told = Table(
        "Settings",
        ("setting", "value", "what it decides"),
        [list(row) for row in _choices(settings)],
        worded=(1, 2),
    )
    parts: list[Part] = [told]
    if command:
        parts.insert(0, Sample(command, "The command that makes this page again"))
    if versions:
        parts.append(Facts([*versions.items()]))
    return Section("How to repeat it", parts)


def _choices(settings: Any) -> Iterator[tuple[str, str, str]]:
    """Every setting with its value and its sentence, the records inside in their place."""
    for each in fields(settings):
        value = getattr(settings, each.name)
        if is_dataclass(value):
            yield from _choices(value)
        else:
            words = (
                ", ".join(cast(tuple[str, ...], value)) if isinstance(value, tuple) else str(value)
            )
            name = each.metadata.get("option") or each.name
            yield (
                name.replace("_", "-"),
                words,
                each.metadata.get("help", "Forecasters that were compared."),
            )

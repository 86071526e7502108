"""What was chosen, as the last section of a page: how to repeat a run, or how two runs differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, cast

from forecast.reporting.pages.document import Facts, Part, Sample, Section, Table
from forecast.reporting.wording import plain


def how_to_repeat(command: str, settings: Any, versions: Mapping[str, str]) -> Section:
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
    """Every setting with its value and its sentence, nested records included."""
    for each in fields(settings):
        value = getattr(settings, each.name)
        if is_dataclass(value):
            yield from _choices(value)
        else:
            name = each.metadata.get("option") or each.name
            yield (
                name.replace("_", "-"),
                _words(value),
                each.metadata.get("help", "Forecasters that were compared."),
            )


def what_differs(names: Sequence[str], one: Mapping[str, Any], two: Mapping[str, Any]) -> Section:
    """The settings in which two runs differ, by name; values may be mappings themselves.

    >>> section = what_differs(["a", "b"], {"shape": {"hidden": 1}}, {"shape": {"hidden": 2}})
    >>> section.parts[0].rows
    [['shape hidden', '1', '2']]
    """
    here, there = _flat(one), _flat(two)
    rows = [
        [name, plain(here.get(name, "-"), 80), plain(there.get(name, "-"), 80)]
        for name in {**here, **there}
        if here.get(name) != there.get(name)
    ]
    table = Table("Settings that differ", ("setting", *names), rows, worded=(1, 2))
    return Section("What differs", [table] if rows else ["The settings are the same."])


def _flat(value: Mapping[str, Any]) -> dict[str, str]:
    found = dict[str, str]()
    for name, each in value.items():
        if isinstance(each, Mapping):
            inner = _flat(cast(Mapping[str, Any], each))
            found |= {f"{name} {key}": text for key, text in inner.items()}
        else:
            found[name] = _words(each)
    return found


def _words(value: Any) -> str:
    """A value as one would choose it."""
    each = cast(tuple[Any, ...], value) if isinstance(value, tuple) else (value,)
    return ", ".join(map(str, each))

"""In what two runs differ: settings, data and versions, as the last section of their page."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from forecast.reporting.pages.document import Section, Table
from forecast.reporting.wording import plain


def differing(names: Sequence[str], one: Mapping[str, Any], two: Mapping[str, Any]) -> Section:
    """What is another in two runs called so, by its name; values may be mappings themselves.

    >>> section = differing(["a", "b"], {"shape": {"hidden": 1}}, {"shape": {"hidden": 2}})
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
            found[name] = str(each)
    return found

"""The README's settings reference, made from the records; `python -m tests.settings_reference`."""

from collections.abc import Sequence
from dataclasses import Field, fields
from inspect import getdoc
from pathlib import Path
from typing import Any, get_args, get_type_hints

from forecast.settings_file import PARTS, option

README = Path(__file__).parents[1] / "README.md"
BEGIN = "<!-- settings: made by `python -m tests.settings_reference` -->"
END = "<!-- settings end -->"
TITLES = {"prices": "Prices", "text": "Texts", "translate": "Translators"}


def reference() -> str:
    """Every setting in Markdown, each record in the first part that has it, between the markers."""
    first = {record: part for part, records in reversed(PARTS.items()) for record in records}
    parts = [
        _part(title, [record for record in PARTS[part] if first[record] == part])
        for part, title in TITLES.items()
    ]
    return "\n\n".join([BEGIN, *parts, END])


def placed(readme: str) -> str:
    """The README with the reference as it is now.

    >>> placed(f"before {BEGIN} stale {END} after") == f"before {reference()} after"
    True
    """
    before, after = readme.partition(BEGIN)[0], readme.partition(END)[2]
    return before + reference() + after


def _part(title: str, records: Sequence[type]) -> str:
    count = sum(len(fields(record)) for record in records)
    tables = [_table(record) for record in records]
    opened = f"<details>\n<summary>{title}: {count} settings</summary>"
    return "\n\n".join([opened, *tables, "</details>"])


def _table(record: type) -> str:
    """The settings of one record, under its own sentence."""
    hints = get_type_hints(record)
    sentence = (getdoc(record) or "").splitlines()[0]
    lines = [
        f"**{record.__name__}**. {sentence}",
        "",
        "| option | default | bounds | meaning |",
        "|---|---|---|---|",
        *(
            f"| `--{option(each)}` | {_default(each.default)} | {_bounds(each, hints[each.name])}"
            f" | {each.metadata['help']} |"
            for each in fields(record)
        ),
    ]
    return "\n".join(lines)


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value == "" else f"{value}"


def _bounds(each: "Field[Any]", kind: Any) -> str:
    """What may be chosen, in words."""
    if choices := [choice for choice in get_args(kind) if isinstance(choice, str)]:
        return ", ".join(choices)
    if kind is bool:
        return "on, off"
    low, high = each.metadata["low"], each.metadata["high"]
    if low is None:
        return "text"
    return f"from {low:,g}" if high is None else f"{low:,g} to {high:,.10g}"


if __name__ == "__main__":
    README.write_text(placed(README.read_text(encoding="utf-8")), encoding="utf-8")

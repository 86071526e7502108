"""Options derived from the settings records: a field of a record is the same option everywhere."""

import functools
from collections.abc import Callable
from dataclasses import Field, fields
from typing import Any, TypeVar, get_args, get_type_hints

import click

Record = TypeVar("Record")
Command = Callable[..., Any]


class Chosen:
    """The records that a command line chose, by their class."""

    def __init__(self, records: dict[type, Any]) -> None:
        self._records = records

    def __getitem__(self, record: type[Record]) -> Record:
        return self._records[record]


def options(*records: type) -> Callable[[Command], Command]:
    """Give a command every option of these records, and the records made from them as `chosen`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_records(**values: Any) -> Any:
            made = {
                record: record(**{each.name: values.pop(each.name) for each in fields(record)})
                for record in records
            }
            return command(chosen=Chosen(made), **values)

        decorated: Command = with_records
        for record in reversed(records):
            hints = get_type_hints(record)
            for each in reversed(fields(record)):
                decorated = _option(each, hints[each.name])(decorated)
        return decorated

    return decorate


def _option(each: Field[Any], kind: Any) -> Callable[[Command], Command]:
    name = "--" + (each.metadata["option"] or each.name).replace("_", "-")
    choices = [choice for choice in get_args(kind) if isinstance(choice, str)]
    number = float if float in get_args(kind) else kind
    if kind is bool:
        return click.option(name, each.name, is_flag=True, help=each.metadata["help"])
    return click.option(
        name,
        each.name,
        type=click.Choice(choices) if choices else number,
        default=each.default,
        show_default=each.default not in ("",),
        help=each.metadata["help"],
    )


def names(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """A callback that splits `a,b,c`."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


out = click.option(
    "--out",
    type=click.Path(path_type=str),
    default="reports",
    show_default=True,
    help="Folder of all results.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
quiet = click.option("--quiet", is_flag=True, help="Print no progress.")

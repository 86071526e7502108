"""Options derived from the settings records: a field of a record is the same option everywhere."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_type_hints

import click
from click.core import ParameterSource

from forecast.cli.command import FILE, Setting, variable
from forecast.cli.complete import learned
from forecast.errors import SettingError
from forecast.settings import Settings
from forecast.settings_file import PARTS, read
from forecast.settings_file import option as named

Record = TypeVar("Record")
Command = Callable[..., Any]
OWN = "forecast.toml"


class Chosen:
    """The records that a command line chose, by their class."""

    def __init__(self, records: dict[type, Any]) -> None:
        self._records = records

    def __getitem__(self, record: type[Record]) -> Record:
        return self._records[record]

    def settings(self, models: tuple[str, ...]) -> Settings:
        """Everything chosen for one run; what the command does not ask for is the default."""
        kinds = get_type_hints(Settings)
        asked = {name: self._records[kind] for name, kind in kinds.items() if kind in self._records}
        return Settings(models=models, **asked)


def options(*records: type) -> Callable[[Command], Command]:
    """Give a command every option of these records, and the records made from them as `chosen`."""

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_records(given: Mapping[str, Any], **values: Any) -> Any:
            chosen = Chosen({record: made(record, given) for record in records})
            return command(chosen=chosen, **values)

        return offered(*records)(with_records)

    return decorate


def made(record: type[Record], given: Mapping[str, Any]) -> Record:
    """A record of these values, by field.

    Raises:
        SettingError: one is wrong; the message says which file or variable it comes from.
    """
    try:
        return record(**{each.name: given[each.name] for each in fields(cast(Any, record))})
    except SettingError as error:
        context, field = click.get_current_context(), str(error).split(" ", 1)[0]
        source = context.get_parameter_source(field)
        if source is ParameterSource.DEFAULT_MAP:
            raise SettingError(f"{context.meta[FILE]}: {error}") from error
        if source is ParameterSource.ENVIRONMENT:
            names = {each.name: each.envvar for each in context.command.params}
            raise SettingError(f"{names[field]}: {error}") from error
        raise


def offered(*records: type) -> Callable[[Command], Command]:
    """Give a command every option of these records, and their values by field as `given`."""
    wanted = dict[str, tuple[Field[Any], Any, str]]()
    for record in records:
        hints, about = get_type_hints(record), str(record.__doc__).splitlines()[0].rstrip(".")
        for each in fields(record):
            wanted.setdefault(each.name, (each, hints[each.name], about))

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def with_given(**values: Any) -> Any:
            return command(given={name: values.pop(name) for name in wanted}, **values)

        decorated: Command = from_file(with_given)
        for each, kind, about in reversed(wanted.values()):
            decorated = _option(each, kind, about)(decorated)
        return decorated

    return decorate


def _option(each: Field[Any], kind: Any, about: str) -> Callable[[Command], Command]:
    name = f"--{named(each)}"
    choices = [choice for choice in get_args(kind) if isinstance(choice, str)]
    number = float if float in get_args(kind) else kind
    if kind is bool:
        return click.option(
            name,
            each.name,
            cls=Setting,
            about=about,
            is_flag=True,
            envvar=variable(name),
            help=each.metadata["help"],
        )
    return click.option(
        name,
        each.name,
        cls=Setting,
        about=about,
        envvar=variable(name),
        type=click.Choice(choices) if choices else number,
        default=each.default,
        show_default=each.default not in ("",),
        help=each.metadata["help"],
    )


def _names(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    """A callback that splits `a,b,c`."""
    return tuple(name.strip() for name in value.split(",") if name.strip())


def _from_file(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Take the defaults of a command from a file: the one named, else the folder's own."""
    if value is not None or Path(OWN).is_file():
        group = str(context.parent and context.parent.info_name)
        context.meta[FILE] = value or OWN
        context.default_map = read(value or OWN, group if group in PARTS else "prices")


from_file = click.option(
    "--settings",
    type=click.Path(path_type=str),
    is_eager=True,
    expose_value=False,
    callback=_from_file,
    envvar=variable("settings"),
    help=f"TOML file of choices, named as these options; else {OWN}, where there is one.",
)
models = click.option(
    "--models",
    default="lstm",
    show_default=True,
    callback=_names,
    envvar=variable("models"),
    help="Forecasters, separated by commas, the main one first: lstm, gru, rnn, ridge, boosting,"
    " weekday, smoothing; of volatility, garch, too.",
)
out = click.option(
    "--out",
    envvar=variable("out"),
    type=click.Path(path_type=str),
    default="reports",
    show_default=True,
    help="Folder of all results.",
)
model = click.option(
    "--model",
    metavar="FOLDER",
    shell_complete=learned,
    help="Result folder, or its name; else the newest.",
)
encoding = click.option(
    "--encoding",
    default="",
    envvar=variable("encoding"),
    help="Encoding of the file, for example cp949; else UTF-8.",
)
resume = click.option(
    "--resume", is_flag=True, help="Learn only what the same command, cut short, had not."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")

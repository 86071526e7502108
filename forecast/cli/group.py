"""The command group: our errors become one line and their exit code; bugs keep their traceback."""

import sys
from typing import Any

import click

from forecast.errors import ForecastError

INTERRUPTED = 130


class Refusal(click.ClickException):
    """One line on stderr for an error that we raised on purpose."""

    def __init__(self, error: ForecastError) -> None:
        super().__init__(" ".join(str(error).split()))
        self.exit_code = error.exit_code

    def show(self, file: Any = None) -> None:
        click.echo(f"forecast: {self.message}", err=True, file=file)


class Commands(click.Group):
    """A group in which a raised `ForecastError` ends the program as its docstring says."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ForecastError as error:
            if ctx.params.get("debug"):
                raise
            raise Refusal(error) from error
        except KeyboardInterrupt:
            click.echo("forecast: interrupted", err=True)
            sys.exit(INTERRUPTED)

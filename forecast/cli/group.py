"""The command group: our errors become one line and their exit code; bugs keep their traceback."""

from typing import Any

import click

from forecast.errors import ForecastError

INTERRUPTED = 130


class Commands(click.Group):
    """A group in which a raised `ForecastError` ends the program as its docstring says."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ForecastError as error:
            if ctx.params.get("debug"):
                raise
            click.echo(f"forecast: {' '.join(str(error).split())}", err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("forecast: interrupted", err=True)
            ctx.exit(INTERRUPTED)

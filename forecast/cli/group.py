"""The command group: our errors become one line and their exit code; bugs keep their traceback."""

from difflib import get_close_matches
from typing import Any

import click

from forecast.errors import ForecastError

INTERRUPTED = 130


class Commands(click.Group):
    """A group in which a raised `ForecastError` ends the program as its docstring says."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, with the nearest name beside one that does not exist."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            names = self.list_commands(ctx)
            near = get_close_matches(args[0], names, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            ctx.fail(f"no command is named {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

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

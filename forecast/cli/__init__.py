"""Thin click commands over the pipeline.

The modules here load nothing heavy; a command imports what it needs when it runs.
"""

import click

from forecast.cli.audit import audit
from forecast.cli.command import VOICES
from forecast.cli.compare import compare
from forecast.cli.complete import completion
from forecast.cli.data import data
from forecast.cli.doctor import doctor
from forecast.cli.export import export
from forecast.cli.fit import fit
from forecast.cli.group import Commands
from forecast.cli.plot import plot
from forecast.cli.predict import predict
from forecast.cli.settings import settings
from forecast.cli.text import text
from forecast.cli.translate import translate
from forecast.cli.tune import tune


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="\b\nExamples:\n  forecast fit GOOG\n  forecast plot GOOG\n  forecast fit --help",
)
@click.version_option(package_name="forecast", message="forecast %(version)s")
def main() -> None:
    """Forecast stock series, and see honestly whether the forecast beats the last close."""


COMMANDS = (
    *(fit, compare, tune, plot, predict, audit, export, data),
    *(text, translate, settings, doctor, completion),
)
main.params.extend(VOICES)
for command in COMMANDS:
    main.add_command(command)

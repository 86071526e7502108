"""`forecast doctor`: what is here, for a bug report or a slow run."""

import click

EXAMPLES = """\b
Examples:
  forecast doctor
"""


@click.command(epilog=EXAMPLES)
def doctor() -> None:
    """Show versions, device, threads, the place of the cache and the state of the network."""
    from forecast import pipeline

    facts = pipeline.facts()
    width = max(map(len, facts))
    for name, fact in facts.items():
        click.echo(f"{name:<{width}}  {fact}")

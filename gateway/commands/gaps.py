"""`trunkline gaps`: what was said and could not be read."""

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@json_option
@click.pass_obj
def command(asked: Asked, limit: int, *, as_json: bool) -> None:
    """List what was said and could not be read, noticed last first."""
    from gateway.work.gaps import gaps

    gaps(asked, limit, as_json=as_json)

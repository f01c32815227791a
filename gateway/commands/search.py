"""`trunkline search`: the index in which agents find again what was said."""

import click

from gateway.commands.output import Asked


@click.group()
def command() -> None:
    """The index in which agents find again what was said."""


@command.command("rebuild")
@click.pass_obj
def rebuild(asked: Asked) -> None:
    """Make it anew from what is stored. The one there is goes on answering meanwhile."""
    from gateway.work.search import rebuild as work

    work(asked)

"""`trunkline unlink`: who is not one person after all."""

import click

from gateway.commands.output import Asked


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--why", default="", help="The reason, for the audit.")
@click.option("--by", default="operator", show_default=True, help="Who says so.")
@click.pass_obj
def command(asked: Asked, a: str, b: str, why: str, by: str) -> None:
    """Undo a link: everything is as if it had never been.

    A and B are identities or numbers of their conversations, as for link.
    """
    from gateway.work.link import link

    link(asked, a, b, why, by, undo=True)

"""`trunkline link`: who is one person."""

import click

from gateway.commands.output import Asked


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--why", default="", help="The evidence, for the audit.")
@click.option("--by", default="operator", show_default=True, help="Who says so.")
@click.pass_obj
def command(asked: Asked, a: str, b: str, why: str, by: str) -> None:
    """Declare two identities one person: one contact, one open conversation.

    A and B are identities like email:mail:mei@example.org, or the numbers of their conversations.
    """
    from gateway.work.link import link

    link(asked, a, b, why, by, undo=False)

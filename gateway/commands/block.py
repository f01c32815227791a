"""`trunkline block`: who is kept out."""

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.argument("identity", required=False)
@click.option("--why", default="", help="For the agents and the audit.")
@click.option("--by", default="operator", show_default=True, help="Who says so.")
@click.option("--undo", is_flag=True, help="Let the person in again.")
@click.option("--list", "listing", is_flag=True, help="Say who is kept out.")
@json_option
@click.pass_obj
def command(
    asked: Asked,
    identity: str | None,
    why: str,
    by: str,
    *,
    undo: bool,
    listing: bool,
    as_json: bool,
) -> None:
    """Keep a person out: nothing that they do is stored or answered.

    IDENTITY is one like telegram:tg-main:4711, or the number of a conversation; every identity of
    that person is blocked.
    """
    if bool(identity) == listing:
        raise click.UsageError("Name whom to block, or ask for --list.")
    from gateway.work.block import block, list_blocks

    if identity:
        block(asked, identity, why, by, undo=undo, as_json=as_json)
    else:
        list_blocks(asked, as_json=as_json)

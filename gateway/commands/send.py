"""`trunkline send`: one reply, and what becomes of it."""

import click

from gateway.commands.output import Asked


@click.command()
@click.argument("to")
@click.argument("text")
@click.option("--name", default="Support", show_default=True, help="Who is said to write.")
@click.option(
    "--audience",
    type=click.Choice(["private", "group", "public"]),
    default="private",
    show_default=True,
    help="Who may read it; a wider audience refuses it.",
)
@click.option("--silent", is_flag=True, help="Let it arrive without a sound.")
@click.option("--wait", default=30.0, show_default=True, help="Seconds to wait for delivery.")
@click.pass_obj
def command(
    asked: Asked, to: str, text: str, name: str, audience: str, silent: bool, wait: float
) -> None:
    """Answer in a conversation and follow what becomes of the message.

    TO is a conversation's number or id, or an identity like telegram:tg-main:4711, whose latest
    conversation is meant.
    """
    if not text.strip():
        raise click.UsageError("TEXT is empty: there is nothing to send")
    from gateway.work.send import send

    send(asked, to=to, text=text, name=name, audience=audience, silent=silent, wait=wait)

"""`trunkline tail`: what happens, as it happens."""

from typing import TextIO

import click

from gateway.commands.output import Asked, json_option


@click.command("tail")
@click.option("--inbox", "inboxes", multiple=True, help="Only there; several times.")
@click.option("--kind", "kinds", multiple=True, help="Only this, like in, out, status, begun.")
@click.option("--conversation", default="", help="Only this one: its number.")
@click.option("--url", default="", help="Ask this gateway instead of the store.")
@click.option("--token-file", type=click.File("r"), help="Holds the token for --url; - is stdin.")
@json_option
@click.pass_obj
def command(
    asked: Asked,
    inboxes: tuple[str, ...],
    kinds: tuple[str, ...],
    conversation: str,
    url: str,
    token_file: "TextIO | None",
    *,
    as_json: bool,
) -> None:
    """Say what happens as it happens, until Ctrl+C. Nothing of what is said is shown.

    Each line: when (UTC), what, in which conversation, in which inbox, and the message's place in
    its leg. With --json a line is an object.
    """
    if bool(url) != bool(token_file):
        raise click.UsageError("--url and --token-file belong together.")
    from gateway.work.tail import Filter, tail, tail_of

    wanted = Filter(frozenset(inboxes), frozenset(kinds), conversation.upper())
    if token_file:
        tail_of(url, token_file.read().strip(), wanted, as_json=as_json)
    else:
        tail(asked, wanted, as_json=as_json)

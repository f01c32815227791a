"""`trunkline export`: what is stored about a person, or of one conversation, to be handed out."""

from pathlib import Path

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.argument("whom")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="A new directory. [default: one here, named after the time]",
)
@click.option("--person", is_flag=True, help="Of a number: everything about its customer.")
@json_option
@click.pass_obj
def command(asked: Asked, whom: str, out: Path | None, *, person: bool, as_json: bool) -> None:
    """Write down everything about a person, or one conversation, with all files.

    WHOM is an identity such as email:mail:mei@example.org: then it is the person, with all that
    they are linked to. Or it is the number of a conversation. Also while the gateway runs.
    """
    from gateway.work.export import export

    export(asked, whom, out, person=person, as_json=as_json)

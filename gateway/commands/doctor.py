"""`trunkline doctor`: what is wrong with an installation, and what would help."""

import click

from gateway.commands.output import Asked, json_option


@click.command()
@click.option(
    "--only",
    multiple=True,
    metavar="WHAT",
    help="machine, web, redis or an inbox by its id; several times. [default: all]",
)
@json_option
@click.pass_obj
def command(asked: Asked, only: tuple[str, ...], *, as_json: bool) -> None:
    """Look at Redis and at every inbox: what is wrong, and what would help.

    It may run beside the gateway. Nothing is received, sent or changed.
    """
    from gateway.work.doctor import doctor

    doctor(asked, only, as_json=as_json)

"""`trunkline doctor`: what is wrong with an installation, and what would help."""

import click

from gateway.commands.output import Asked, json_option


@click.command()
@json_option
@click.pass_obj
def command(asked: Asked, *, as_json: bool) -> None:
    """Look at Redis and at every inbox: what is wrong, and what would help.

    It may run beside the gateway. Nothing is received, sent or changed.
    """
    from gateway.work.doctor import doctor

    doctor(asked, as_json=as_json)

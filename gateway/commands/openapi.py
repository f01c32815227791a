"""`trunkline openapi`: the description of the API, for whoever generates a client from it."""

import click


@click.command()
def command() -> None:
    """Print the OpenAPI description of the HTTP API."""
    from gateway.commands.output import put_json
    from gateway.http.app import description

    put_json(description())

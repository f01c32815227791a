"""`trunkline token`: who may use the API and the agent page."""

from pathlib import Path

import click

from gateway.commands.common import settings_of
from gateway.data_dir import prepare
from gateway.tokens import Tokens


def run(*, config: Path | None, verbose: bool, action: str, value: str) -> None:
    tokens = Tokens(prepare(settings_of(config, verbose=verbose).data_dir))
    if action == "new":
        click.echo(tokens.create(value))
        click.echo(f"This is shown once. It signs in as {value}.", err=True)
    elif action == "revoke":
        tokens.revoke(value)
    else:
        for info in tokens.list():
            click.echo(f"{info.id}\t{info.created_at:%Y-%m-%d %H:%M}\t{info.name}")

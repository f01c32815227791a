"""`trunkline token`: who may use the API and the agent page."""

from typing import TYPE_CHECKING

import click

from gateway.commands.output import Asked, data, json_option, listing, say, warn
from gateway.commands.reading import loaded

if TYPE_CHECKING:
    from gateway.tokens import Tokens


@click.group()
def command() -> None:
    """Tokens for the API and the agent page."""


@command.command("new")
@click.argument("name")
@click.pass_obj
def new(asked: Asked, name: str) -> None:
    """Make a token for the agent or program called NAME. It is shown this once."""
    data(_tokens(asked).create(name))
    say(f"This is shown once. It signs in as {name}.")


@command.command("list")
@json_option
@click.pass_obj
def show(asked: Asked, *, as_json: bool) -> None:
    """Say which tokens there are."""
    columns = {
        "Id": lambda one: one.id,
        "Made (UTC)": lambda one: f"{one.created_at:%Y-%m-%d %H:%M}",
        "Name": lambda one: one.name,
    }
    listing(
        _tokens(asked).list(),
        columns,
        as_json=as_json,
        nothing="There is no token yet: `trunkline token new NAME` makes one.",
    )


@command.command("revoke")
@click.argument("token_id")
@click.pass_obj
def revoke(asked: Asked, token_id: str) -> None:
    """Make a token invalid at once."""
    _tokens(asked).revoke(token_id)
    say(f"{token_id} is not valid any more.")


def _tokens(asked: Asked) -> "Tokens":
    from gateway.data_dir import prepare
    from gateway.tokens import Tokens

    found = loaded(asked)
    warn(found.warnings)
    return Tokens(prepare(found.settings.data_dir))

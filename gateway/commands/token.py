"""`trunkline token`: who may use the API and the agent page."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from gateway.commands.output import Asked, data, json_option, listing, say, warn
from gateway.commands.reading import loaded
from gateway.scopes import EVERYTHING, FOR_AGENTS, Scope, scopes_of

if TYPE_CHECKING:
    from gateway.tokens import TokenInfo, Tokens


@click.group()
def command() -> None:
    """Tokens for the API and the agent page."""


@command.command("new")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([*Scope, EVERYTHING]),
    help="What it may be used for, several times; * is all. [default: what answering takes]",
)
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="It ends after so long.")
@click.option("--per-minute", type=click.IntRange(min=1), help="Requests that it may make.")
@click.pass_obj
def new(
    asked: Asked, name: str, scopes: tuple[str, ...], days: float | None, per_minute: int | None
) -> None:
    """Make a token for the agent or program called NAME. It is shown this once."""
    from gateway.tokens import PER_MINUTE

    lifetime = timedelta(days=days) if days else None
    allowed = scopes_of(scopes) if scopes else FOR_AGENTS
    made = _tokens(asked).create(
        name, allowed, lifetime=lifetime, per_minute=per_minute or PER_MINUTE
    )
    data(made)
    say(f"This is shown once. It signs in as {name}.")


@command.command("list")
@json_option
@click.pass_obj
def show(asked: Asked, *, as_json: bool) -> None:
    """Say which tokens there are, and when each was used last."""
    tokens = _tokens(asked)
    used = tokens.last_used()

    def last(one: "TokenInfo") -> str:
        return _time(used.get(one.id), "never")

    columns = {
        "Id": lambda one: one.id,
        "Made (UTC)": lambda one: _time(one.created_at, ""),
        "Name": lambda one: one.name,
        "Used": last,
        "Ends": lambda one: _time(one.expires_at, "never"),
        "Scopes": lambda one: " ".join(sorted(one.scopes)),
    }
    nothing = "There is no token yet: `trunkline token new NAME` makes one."
    listing(tokens.list(), columns, as_json=as_json, nothing=nothing)


def _time(at: datetime | None, none: str) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else none


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

"""`trunkline token`: who may use the API and the agent page, and for what."""

from typing import TYPE_CHECKING

import click

from gateway.commands.output import Asked, data, json_option, listing, say, warn
from gateway.commands.reading import loaded
from gateway.scopes import ALL, EVERYTHING, FOR_AGENTS, Scope, scopes_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gateway.tokens import Tokens


@click.group()
def command() -> None:
    """Tokens for the API and the agent page."""


@command.command("new")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([*(one.value for one in Scope), EVERYTHING]),
    help="What it opens; again for another, '*' for all. [default: what an agent needs]",
)
@click.option("--all", "everything", is_flag=True, help="The same as --scope '*'.")
@click.option("--expires", default="", help="Opens nothing after 12h, 90d or 52w. [default: never]")
@click.option("--per-minute", type=int, default=None, help="Requests that are answered.")
@click.pass_obj
def new(
    asked: Asked,
    name: str,
    scopes: tuple[str, ...],
    expires: str,
    per_minute: int | None,
    *,
    everything: bool,
) -> None:
    """Make a token for the agent or program called NAME. It is shown this once."""
    from gateway.tokens import PER_MINUTE, lifetime_of

    wanted = ALL if everything else scopes_of(scopes) if scopes else FOR_AGENTS
    token = _tokens(asked).create(
        name,
        wanted,
        lifetime=lifetime_of(expires) if expires else None,
        per_minute=PER_MINUTE if per_minute is None else per_minute,
    )
    data(token)
    say(f"This is shown once. It signs in as {name} and opens {in_words(wanted)}.")


@command.command("list")
@json_option
@click.pass_obj
def show(asked: Asked, *, as_json: bool) -> None:
    """Say which tokens there are, what they open and when they were used."""
    columns = {
        "Id": lambda one: one.id,
        "Name": lambda one: one.name,
        "Opens": lambda one: in_words(one.scopes),
        "A minute": lambda one: str(one.per_minute),
        "Made": lambda one: f"{one.created_at:%Y-%m-%d}",
        "Expires": lambda one: _minute(one.expires_at, "never"),
        "Used (UTC)": lambda one: _minute(one.used_at, "never"),
    }
    listing(
        _tokens(asked).in_use(),
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


def in_words(scopes: "Iterable[Scope]") -> str:
    """Short for what most tokens have; `token list --json` spells it out."""
    found = frozenset(scopes)
    known = {ALL: "everything", FOR_AGENTS: "what an agent needs"}
    return known.get(found) or " ".join(sorted(found))


def _minute(at: "datetime | None", otherwise: str) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else otherwise


def _tokens(asked: Asked) -> "Tokens":
    from gateway.data_dir import prepare
    from gateway.tokens import Tokens

    found = loaded(asked)
    warn(found.warnings)
    return Tokens(prepare(found.settings.data_dir))

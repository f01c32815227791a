"""Keeps the bot's commands registered with Discord: looks at the start, changes what differs.

Global commands reach direct messages too, and take effect in every guild; where only some guilds
are served, what is asked for in guilds is registered with each of these. A failure stops nothing:
people can write to the bot without any command.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final

from adapters.discord.community.commands import everybody_anywhere, in_guilds, registered_as
from adapters.discord.line.answers import Failure, Refusal
from adapters.discord.line.rest import Rest
from adapters.discord.outgoing.calls import Call
from adapters.discord.settings import DiscordSettings
from core.ports import Remark
from core.remarks import Remarks

_log = logging.getLogger(__name__)

_EVERYWHERE: Final = "/applications/{application_id}/commands"
_IN_GUILD: Final = "/applications/{application_id}/guilds/{guild_id}/commands"
NOT_AUTHORISED: Final = 50001


async def keep_commands(rest: Rest, settings: DiscordSettings, remark: Remark) -> None:
    """Register what is wanted, and take back what is ours where it is not. Once; raises nothing."""
    remarks = Remarks(remark)
    for guild, wanted in _wanted(settings).items():
        try:
            await _keep(rest, guild, wanted)
        except Failure as failure:
            where = f"in the guild {guild}" if guild else "on Discord"
            _log.warning("commands cannot be registered %s: %s", where, failure)
            remarks.say(
                guild,
                f"the bot's commands cannot be registered {where} ({failure}): people can write to"
                f" it all the same. {_remedy(failure)}",
            )


async def differing(rest: Rest, settings: DiscordSettings) -> tuple[str, ...]:
    """Where the commands that are registered are not the ones that should be: ids of guilds, empty
    for everywhere. Raises a Failure.
    """
    found = []
    for guild, wanted in _wanted(settings).items():
        if registered_as(await _known(rest, guild), wanted) is not None:
            found.append(guild)
    return tuple(found)


def _wanted(settings: DiscordSettings) -> dict[str, tuple[dict[str, Any], ...]]:
    """By guild, empty for everywhere."""
    community = settings.community
    if not community.commands:
        return dict.fromkeys(("", *settings.guilds), ())
    anywhere, local = everybody_anywhere(), in_guilds(community)
    if not settings.guilds:
        return {"": (*anywhere, *local)}
    return {"": anywhere} | dict.fromkeys(settings.guilds, local)


async def _keep(rest: Rest, guild: str, wanted: tuple[dict[str, Any], ...]) -> None:
    register = registered_as(await _known(rest, guild), wanted)
    if register is not None:
        await rest.ask(_call(rest, "PUT", guild, register))


async def _known(rest: Rest, guild: str) -> list[Mapping[str, Any]]:
    await rest.ready()
    known = await rest.ask(_call(rest, "GET", guild))
    return [one for one in known if isinstance(one, dict)] if isinstance(known, list) else []


def _call(rest: Rest, method: str, guild: str, body: list[dict[str, Any]] | None = None) -> Call:
    ids = {"application_id": rest.application.id}
    query = {"with_localizations": "true"} if method == "GET" else {}
    path = _IN_GUILD if guild else _EVERYWHERE
    return Call(
        method=method,
        path=path,
        ids=ids | ({"guild_id": guild} if guild else {}),
        query=query,
        body=body,
    )


def _remedy(failure: Failure) -> str:
    if isinstance(failure, Refusal) and failure.code == NOT_AUTHORISED:
        return "Invite the bot there with the scope applications.commands"
    return "It is tried again when the gateway starts"

"""Interactions as Discord sends them, with names and ids invented."""

from typing import Any

import msgspec

from adapters.discord.community.asking import Asked, read
from adapters.discord.settings import CommunitySettings, DiscordSettings
from core.model.secret import Secret

GUILD, CHANNEL, MESSAGE = "900000000000000001", "900000000000000002", "900000000000000003"
ANNA, BORIS, BOT = "100000000000000001", "100000000000000002", "100000000000000009"
SECRET = b"s" * 32
MAY_MODERATE, MAY_NOTHING = str(1 << 13), "0"


def settings(guilds: tuple[str, ...] = (), **community: Any) -> DiscordSettings:
    return DiscordSettings(
        token=Secret("a.b.c"), guilds=guilds, community=CommunitySettings(**community)
    )


def payload(kind: int, data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Anna asks in a channel of a guild."""
    return {
        "id": "1200000000000000001",
        "application_id": BOT,
        "type": kind,
        "token": "an-interaction-token",
        "data": data,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "channel": {"id": CHANNEL, "type": 0},
        "member": {
            "user": {"id": ANNA, "username": "anna", "global_name": "Anna"},
            "nick": None,
            "roles": [],
            "permissions": MAY_NOTHING,
        },
        "version": 1,
    } | changes


def asked(kind: int, data: dict[str, Any], **changes: Any) -> Asked:
    return read(msgspec.json.encode(payload(kind, data, **changes)))


def manager(person: str = ANNA, roles: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "user": {"id": person, "username": "mod", "global_name": "Mod"},
        "roles": list(roles),
        "permissions": MAY_NOTHING if roles else MAY_MODERATE,
    }


def directly(person: str = ANNA) -> dict[str, Any]:
    """What differs in direct messages with the bot."""
    return {
        "guild_id": None,
        "member": None,
        "user": {"id": person, "username": "anna"},
        "channel": {"id": CHANNEL, "type": 1},
    }


def form(custom_id: str, **given: str) -> dict[str, Any]:
    """What a client sends when a form is filled in; each field within its label."""
    fields = [
        {"type": 18, "id": n, "component": {"custom_id": name, "id": n + 50, **_value(name, value)}}
        for n, (name, value) in enumerate(given.items())
    ]
    return {"custom_id": custom_id, "components": fields}


def _value(name: str, value: str) -> dict[str, Any]:
    if name in ("topic", "urgency"):
        return {"type": 3, "values": [value]}
    return {"type": 4, "value": value}


def menu(name: str, author: str = ANNA, *, bot: bool = False) -> dict[str, Any]:
    message = {
        "id": MESSAGE,
        "channel_id": CHANNEL,
        "content": "My withdrawal is stuck",
        "timestamp": "2026-05-04T10:00:00.000000+00:00",
        "author": {"id": author, "username": "somebody", "bot": bot},
    }
    resolved = {"messages": {MESSAGE: message}}
    return {"name": name, "type": 3, "target_id": MESSAGE, "resolved": resolved}

"""What a session is told about the world as it finds it. Pure."""

import re
from typing import Any

from sandbox.discord.applications import Application
from sandbox.discord.gateway.protocol import VERSION
from sandbox.discord.gateway.sessions import Session
from sandbox.discord.guilds import Guild, Member
from sandbox.discord.kinds import Intent
from sandbox.discord.permissions import sees
from sandbox.discord.wire import guild_create_json, me_json, member_json
from sandbox.payload import Json

RESUME_URL = "wss://gateway-us-east1-b.discord.gg"
"""Where a session is resumed, which is not where it is begun."""
CHUNK_MEMBERS_MAX = 1_000
QUERIED_MEMBERS_MAX = 100


def ready(session: Session, guilds: list[Guild]) -> Json:
    """What READY brings: the guilds that follow are named, not shown."""
    application, identity = session.application, session.identity
    return {
        "v": VERSION,
        "user_settings": {},
        "user": me_json(application.user),
        "session_type": "normal",
        "session_id": session.id,
        "resume_gateway_url": RESUME_URL,
        "relationships": [],
        "private_channels": [],
        "presences": [],
        "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
        "auth": {},
        "application": {"id": str(application.id), "flags": int(application.flags)},
        "shard": [identity.shard_id, identity.shard_count],
        "_trace": ["sandbox"],
    }


def guild_object(guild: Guild, application: Application, intents: Intent) -> Json:
    """What GUILD_CREATE brings: all members for those who may know them, else the bot alone."""
    seen = [one for one in guild.channels.values() if sees(one, application.user)]
    body = guild_create_json(guild, application.user, seen)
    if Intent.GUILD_MEMBERS in intents:
        body["members"] = [member_json(member) for member in guild.members.values()]
    return body


def members_chunks(guild: Guild, asked: Json) -> list[Json]:
    """The answers to a request for members: those asked for by id, or by how their names begin."""
    chosen, missing = _chosen(guild, asked)
    chunks = [
        chosen[start : start + CHUNK_MEMBERS_MAX]
        for start in range(0, max(len(chosen), 1), CHUNK_MEMBERS_MAX)
    ]
    about: Json = {"guild_id": str(guild.id), "chunk_count": len(chunks), "not_found": missing}
    if "nonce" in asked:
        about["nonce"] = asked["nonce"]
    return [
        about | {"chunk_index": index, "members": [member_json(member) for member in chunk]}
        for index, chunk in enumerate(chunks)
    ]


def _chosen(guild: Guild, asked: Json) -> tuple[list[Member], list[str]]:
    if "user_ids" in asked:
        wanted = _listed(asked["user_ids"])[:QUERIED_MEMBERS_MAX]
        found = {str(member.user.id): member for member in guild.members.values()}
        known = [found[one] for one in wanted if one in found]
        return known, [one for one in wanted if one not in found]
    beginning, limit = str(asked.get("query", "")).lower(), asked.get("limit", 0)
    known = [
        member
        for member in guild.members.values()
        if re.match(re.escape(beginning), member.nick or member.user.username, re.IGNORECASE)
    ]
    return (known[:limit] if type(limit) is int and limit > 0 else known), []


def _listed(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]

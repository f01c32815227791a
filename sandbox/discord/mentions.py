"""Whom a text calls: `<@id>`, `<@&id>`, `@everyone`, as far as its sender allows. Pure."""

import re

from sandbox.discord.guilds import Channel, User
from sandbox.discord.kinds import Permission
from sandbox.discord.messages import Pinged
from sandbox.discord.permissions import in_channel
from sandbox.payload import Json

USER = re.compile(r"<@!?([0-9]{1,20})>")
ROLE = re.compile(r"<@&([0-9]{1,20})>")
EVERYONE = re.compile(r"@(everyone|here)\b")
NO_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
ALL: Json = {"parse": ["users", "roles", "everyone"], "replied_user": True}


def pinged(
    content: str, channel: Channel, author: User, allowed: Json | None, answered: User | None
) -> Pinged:
    """Who is notified. Users and roles may be unknown here; `answered` is who is replied to."""
    text = NO_CODE.sub("", content)
    permits = ALL if allowed is None else allowed
    users = _allowed({int(one) for one in USER.findall(text)}, permits, "users")
    if answered is not None and answered is not author and permits.get("replied_user"):
        users |= {answered.id}
    held = in_channel(channel, author)
    roles = _allowed(_roles(text, channel, held), permits, "roles")
    everyone = bool(EVERYONE.search(text)) and "everyone" in permits.get("parse", [])
    return Pinged(users, roles, everyone and bool(held & Permission.MENTION_EVERYONE))


def _roles(text: str, channel: Channel, held: Permission) -> set[int]:
    guild = channel.guild
    if guild is None:
        return set()
    named = {int(one) for one in ROLE.findall(text)} & set(guild.roles)
    if held & Permission.MENTION_EVERYONE:
        return named
    return {one for one in named if guild.roles[one].mentionable}


def _allowed(named: set[int], permits: Json, kind: str) -> frozenset[int]:
    if kind in (permits.get("parse") or []):
        return frozenset(named)
    return frozenset(named & {int(one) for one in permits.get(kind) or []})

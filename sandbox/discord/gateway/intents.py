"""Which events a session gets, and how much of them, by the intents it declared. Pure."""

from typing import Final

from sandbox.discord.kinds import Intent
from sandbox.discord.wire_messages import without_content
from sandbox.payload import Json

NONE: Final = Intent(0)

_IN_GUILDS: Final = {
    "GUILD": Intent.GUILDS,
    "GUILD_ROLE": Intent.GUILDS,
    "CHANNEL": Intent.GUILDS,
    "CHANNEL_PINS": Intent.GUILDS,
    "THREAD": Intent.GUILDS,
    "THREAD_LIST": Intent.GUILDS,
    "THREAD_MEMBER": Intent.GUILDS,
    "THREAD_MEMBERS": Intent.GUILD_MEMBERS,
    "STAGE_INSTANCE": Intent.GUILDS,
    "GUILD_MEMBER": Intent.GUILD_MEMBERS,
    "GUILD_BAN": Intent.GUILD_MODERATION,
    "GUILD_AUDIT_LOG_ENTRY": Intent.GUILD_MODERATION,
    "GUILD_EMOJIS": Intent.GUILD_EXPRESSIONS,
    "GUILD_STICKERS": Intent.GUILD_EXPRESSIONS,
    "GUILD_INTEGRATIONS": Intent.GUILD_INTEGRATIONS,
    "INTEGRATION": Intent.GUILD_INTEGRATIONS,
    "WEBHOOKS": Intent.GUILD_WEBHOOKS,
    "INVITE": Intent.GUILD_INVITES,
    "VOICE_STATE": Intent.GUILD_VOICE_STATES,
    "PRESENCE": Intent.GUILD_PRESENCES,
    "MESSAGE": Intent.GUILD_MESSAGES,
    "MESSAGE_DELETE": Intent.GUILD_MESSAGES,
    "MESSAGE_REACTION": Intent.GUILD_MESSAGE_REACTIONS,
    "MESSAGE_REACTION_REMOVE": Intent.GUILD_MESSAGE_REACTIONS,
    "MESSAGE_POLL_VOTE": Intent.GUILD_MESSAGE_POLLS,
    "TYPING": Intent.GUILD_MESSAGE_TYPING,
}
_IN_DIRECT: Final = {
    "CHANNEL_PINS": Intent.DIRECT_MESSAGES,
    "MESSAGE": Intent.DIRECT_MESSAGES,
    "MESSAGE_DELETE": Intent.DIRECT_MESSAGES,
    "MESSAGE_REACTION": Intent.DIRECT_MESSAGE_REACTIONS,
    "MESSAGE_REACTION_REMOVE": Intent.DIRECT_MESSAGE_REACTIONS,
    "MESSAGE_POLL_VOTE": Intent.DIRECT_MESSAGE_POLLS,
    "TYPING": Intent.DIRECT_MESSAGE_TYPING,
}
"""Both by what an event's name is without its last word."""


def needed(kind: str, data: Json, *, bot_id: str) -> Intent:
    """The intent that an event goes with; NONE for one that every session gets."""
    family = kind.rpartition("_")[0]
    if family in ("GUILD_MEMBER", "THREAD_MEMBERS") and bot_id in _members_named(data):
        return Intent.GUILDS
    of_guild = "guild_id" in data or family.startswith("GUILD")
    return (_IN_GUILDS if of_guild else _IN_DIRECT).get(family, NONE)


def shown(kind: str, data: Json, intents: Intent, *, bot_id: str) -> Json:
    """The event as a session with these intents sees it: without what people wrote when it may not
    read that. Direct messages, mentions of the bot and its own messages can always be read.
    """
    if kind not in ("MESSAGE_CREATE", "MESSAGE_UPDATE") or Intent.MESSAGE_CONTENT in intents:
        return data
    return _stripped(data, bot_id) if "guild_id" in data else data


def _stripped(message: Json, bot_id: str) -> Json:
    if _concerns(message, bot_id):
        return message
    stripped = without_content(message)
    if answered := message.get("referenced_message"):
        stripped["referenced_message"] = _stripped(answered, bot_id)
    return stripped


def _concerns(message: Json, bot_id: str) -> bool:
    """An update may come without its author."""
    named = [user["id"] for user in message.get("mentions", [])]
    return message.get("author", {}).get("id") == bot_id or bot_id in named


def _members_named(data: Json) -> list[str]:
    added = [member["user_id"] for member in data.get("added_members", [])]
    return [data.get("user", {}).get("id", ""), *added, *data.get("removed_member_ids", [])]

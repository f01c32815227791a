"""From one dispatch event of the gateway to what happened, in the model's words. Pure.

Threads are called as `places` says, messages, people and everything else by their Discord ids. An
event is known again by what it is about: `m<message>` was written, `m<message>.<when>` was edited,
`d<message>` was deleted, `i<interaction>`; what has no id of its own by the caller's `mark`.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

from adapters.discord.incoming.acts import (
    deleted,
    deleted_in_bulk,
    pressed,
    reaction_added,
    reaction_removed,
    reactions_cleared,
    typing,
    vote_taken_back,
    voted,
)
from adapters.discord.incoming.changes import (
    channel_deleted,
    guild_joined,
    guild_left,
    member_left,
    members_changed,
    thread_created,
    thread_updated,
)
from adapters.discord.incoming.envelope import Envelope, Reader, nowhere, platform
from adapters.discord.incoming.messages import (
    ReadMessage,
    created,
    from_history,
    told,
    updated,
)
from adapters.discord.incoming.reading import Payload, names_in
from core.model.event import Inbound, Unknown

_KIND_LENGTH_MAX: Final = 64

_Read = Callable[[Payload, Envelope], tuple[Inbound, ...]]

_READERS: Final[dict[str, _Read]] = {
    "MESSAGE_CREATE": created,
    "MESSAGE_UPDATE": updated,
    "MESSAGE_DELETE": deleted,
    "MESSAGE_DELETE_BULK": deleted_in_bulk,
    "MESSAGE_REACTION_ADD": reaction_added,
    "MESSAGE_REACTION_REMOVE": reaction_removed,
    "MESSAGE_REACTION_REMOVE_ALL": reactions_cleared,
    "MESSAGE_REACTION_REMOVE_EMOJI": reactions_cleared,
    "MESSAGE_POLL_VOTE_ADD": voted,
    "MESSAGE_POLL_VOTE_REMOVE": vote_taken_back,
    "TYPING_START": typing,
    "INTERACTION_CREATE": pressed,
    "THREAD_CREATE": thread_created,
    "THREAD_UPDATE": thread_updated,
    "THREAD_DELETE": channel_deleted,
    "THREAD_MEMBERS_UPDATE": members_changed,
    "CHANNEL_DELETE": channel_deleted,
    "GUILD_CREATE": guild_joined,
    "GUILD_DELETE": guild_left,
    "GUILD_MEMBER_REMOVE": member_left,
}

SILENT: Final = re.compile(
    r"READY|RESUMED|CHANNEL_(?:CREATE|UPDATE|PINS_UPDATE|INFO)|THREAD_(?:LIST_SYNC|MEMBER_UPDATE)"
    r"|GUILD_(?:UPDATE|MEMBER_.*|MEMBERS_.*|ROLE_.*|BAN_.*|EMOJIS_.*|STICKERS_.*|INTEGRATIONS_.*"
    r"|AUDIT_.*|SCHEDULED_.*|SOUNDBOARD_.*|JOIN_.*|APPLICATION_.*|APPLIED_.*)"
    r"|(?:APPLICATION_COMMAND|AUTO_MODERATION|INTEGRATION|INVITE|STAGE_INSTANCE|VOICE|ENTITLEMENT"
    r"|SUBSCRIPTION|WEBHOOKS|PRESENCE|PRESENCES|USER|SOUNDBOARD|EMBEDDED_ACTIVITY|RATE_LIMITED)"
    r"(?:_.*)?"
)
"""The kinds of events that say nothing to us: what guilds look like, who is online, who speaks, and
what a system message or the state of the connection says anyway.
"""


def normalise(
    kind: str,
    data: Payload,
    reader: Reader,
    received_at: datetime,
    new_id: Callable[[], str],
    *,
    mark: str,
) -> tuple[Inbound, ...]:
    """What the event `kind` (`t` of the gateway) with the JSON `data` (`d`) says; nothing if it is
    not for us. To be asked before `reader.known` notes the same event: a change shows only beside
    what was known before.

    `mark` is the same whenever this event comes again, and no other event's: the session's id and
    the sequence number. Raises MalformedPayload.
    """
    envelope = Envelope(reader, mark, received_at, new_id)
    if read := _READERS.get(kind):
        return read(data, envelope)
    return () if SILENT.fullmatch(kind) else (_unknown(kind, data, envelope),)


def normalise_message(
    message: ReadMessage, reader: Reader, received_at: datetime, new_id: Callable[[], str]
) -> tuple[Inbound, ...]:
    """As `normalise`, of a MESSAGE_CREATE that was read before. Raises MalformedPayload."""
    return told(*message, Envelope(reader, "", received_at, new_id))


def normalise_history(
    data: Payload, guild: str, reader: Reader, received_at: datetime, new_id: Callable[[], str]
) -> tuple[Inbound, ...]:
    """What a message says that was read from a channel of this guild ("" for direct messages).

    It gives the same events as if it had come over the gateway: of an edited one also the edit, for
    its first form may have come before. Raises MalformedPayload.
    """
    return from_history(data, guild, Envelope(reader, "", received_at, new_id))


def _unknown(kind: str, data: Payload, envelope: Envelope) -> Inbound:
    """An event of a kind that is not read is kept by its name and those of its fields."""
    body = Unknown(platform_kind=kind[:_KIND_LENGTH_MAX])
    dedup = f"u{envelope.mark}"
    return envelope.around(
        body, place=nowhere(), dedup=dedup, actor=platform(), lost=names_in(data)
    )

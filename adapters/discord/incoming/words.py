"""Messages of words alone, which most are, to events by a short way. Pure.

What comes of it is what `messages` would make of them.
"""

from datetime import datetime
from operator import attrgetter
from typing import Final

from msgspec.structs import fields

from adapters.discord.incoming.addressing import is_for_us
from adapters.discord.incoming.answers import quote
from adapters.discord.incoming.authors import author_of
from adapters.discord.incoming.cards import has_embeds
from adapters.discord.incoming.envelope import (
    BULK,
    CUSTOMER,
    NO,
    OURSELVES,
    Envelope,
    audience_of,
    in_utc,
    place_in,
)
from adapters.discord.incoming.names import names_of
from adapters.discord.markdown.reading import nameless, read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.fields import Copy, Later
from adapters.discord.objects.message import ANSWER, DEFAULT, REPLY, Message
from adapters.discord.places import CHANNEL, Place
from core.model.content import Text
from core.model.event import ActorKind, Inbound, MessageCreated, MessageEdited
from core.model.ids import EventId, ThreadRef

_TYPES: Final = (DEFAULT, REPLY)
_NAMELESS: Names = nameless
_TAKEN: Final = frozenset(
    {
        *("type", "timestamp", "edited_timestamp", "id", "channel_id", "channel_type", "guild_id"),
        *("content", "mentions", "mention_roles", "message_reference", "referenced_message"),
        "nonce",
    }
)
"""The fields that are taken into account here, besides who wrote it. A nonce is for our own
messages, which are read another way.
"""
_rest_of = attrgetter(
    *(
        field.name
        for field in fields(Message)
        if field.name not in _TAKEN and field.type not in (Copy, Later)
    )
)
"""Whatever else a message may hold or lose: with none of it, it is words alone."""


def said(message: Message, edit: bool, envelope: Envelope) -> tuple[Inbound, ...] | None:
    """None for what is to be read as a whole: whatever is more than words, our own, and what refers
    to another place.
    """
    if message.type not in _TYPES or any(_rest_of(message)) or not message.content:
        return None
    reader, reference, guild = envelope.reader, message.message_reference, message.guild_id
    if reference.type != ANSWER or reference.channel_id not in (None, message.channel_id):
        return None
    known = reader.known
    author = author_of(message, known.bot)
    actor = author.actor
    kind = actor.kind
    if kind is OURSELVES or (kind is not CUSTOMER and has_embeds(message)):
        return None
    place = place_in(guild, message.channel_id)
    if not is_for_us(message, place, reader):
        return ()
    edited_at = message.edited_timestamp if edit else None
    dedup = f"m{message.id}"
    facts = known.channel(message.channel_id) if guild else None
    return (
        Inbound(
            id=EventId(envelope.new_id()),
            thread=ThreadRef(channel=CHANNEL, account=reader.account, thread=place.thread),
            dedup=edit_of(dedup, edited_at) if edited_at else dedup,
            actor=actor,
            body=_body(message, place, kind, envelope, edit=edited_at is not None),
            occurred_at=in_utc(edited_at or message.timestamp),
            received_at=envelope.received_at,
            audience=audience_of(place, facts, message.channel_type),
            title=facts.name if facts else "",
            context={"message": message.id, "author": actor.remote} if guild else {},
            lost=author.lost,
        ),
    )


def _body(
    message: Message, place: Place, kind: ActorKind, envelope: Envelope, *, edit: bool
) -> MessageCreated | MessageEdited:
    content, names = message.content, _NAMELESS
    if "<" in content:
        names = names_of(message.mentions, place, envelope.reader.known)
    text, spans = read(content, names)
    parts = (Text(text=text, spans=spans),)
    if edit:
        return MessageEdited(remote=message.id, parts=parts)
    return MessageCreated(
        remote=message.id,
        parts=parts,
        answers=quote(message, place, envelope.reader.known)
        if message.message_reference.message_id
        else None,
        automatic=NO if kind is CUSTOMER else BULK,
    )


def edit_of(dedup: str, at: datetime) -> str:
    """The same each time that Discord tells of the same edit."""
    return f"{dedup}.{int(at.timestamp() * 1000)}"

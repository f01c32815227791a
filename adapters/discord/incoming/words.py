"""Messages of words alone, which most are, to events by a short way. Pure.

What comes of it is what `messages` would make of them.
"""

from datetime import datetime
from functools import lru_cache
from typing import Final

from adapters.discord.incoming.addressing import is_for_us
from adapters.discord.incoming.answers import quote
from adapters.discord.incoming.envelope import (
    BULK,
    CUSTOMER,
    NO,
    OURSELVES,
    Envelope,
    actor_of,
    audience_of,
    in_utc,
    place_in,
    unnamed,
)
from adapters.discord.incoming.names import names_of
from adapters.discord.incoming.reading import Reads, Told, lost_words
from adapters.discord.markdown.reading import nameless, read
from adapters.discord.markdown.syntax import Names
from adapters.discord.objects.message import ANSWER, NO_EMBEDS, Written
from adapters.discord.objects.people import Member, User
from adapters.discord.places import CHANNEL, Place
from core.model.content import Text
from core.model.event import Actor, ActorKind, Inbound, MessageCreated, MessageEdited
from core.model.ids import EventId, ThreadRef

AUTHORS_MAX: Final = 2048
"""So many people are known again by how Discord describes them, word for word."""

_read_user = Reads(User)
_read_member = Reads(Member)
_NOBODY = Member()
_NAMELESS: Names = nameless


def said(message: Written, edit: bool, envelope: Envelope) -> tuple[Inbound, ...] | None:
    """None for what is to be read as a whole: our own, and what refers to another place."""
    reader, reference, guild = envelope.reader, message.message_reference, message.guild_id
    if reference.type != ANSWER or reference.channel_id not in (None, message.channel_id):
        return None
    author, lost = _author(bytes(message.author), bytes(message.member), reader.known.bot)
    kind = author.kind
    if kind is OURSELVES or (kind is not CUSTOMER and message.embeds != NO_EMBEDS):
        return None
    place = place_in(guild, message.channel_id)
    if not is_for_us(message, place, reader):
        return ()
    edited_at = message.edited_timestamp if edit else None
    dedup = f"m{message.id}"
    facts = reader.known.channel(message.channel_id) if guild else None
    return (
        Inbound(
            id=EventId(envelope.new_id()),
            thread=ThreadRef(channel=CHANNEL, account=reader.account, thread=place.thread),
            dedup=edit_of(dedup, edited_at) if edited_at else dedup,
            actor=author,
            body=_body(message, place, kind, envelope, edit=edited_at is not None),
            occurred_at=in_utc(edited_at or message.timestamp),
            received_at=envelope.received_at,
            audience=audience_of(place, facts, message.channel_type),
            title=facts.name if facts else "",
            context={"message": message.id, "author": author.remote} if guild else {},
            lost=lost_words(message) + lost,
        ),
    )


def _body(
    message: Written, place: Place, kind: ActorKind, envelope: Envelope, *, edit: bool
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


@lru_cache(AUTHORS_MAX)
def _author(user: bytes, member: bytes, bot: str) -> tuple[Actor, Told]:
    """Who wrote it, and what is lost of them. Raises MalformedPayload."""
    somebody, lost = _read_user(user)
    within, also = _read_member(member) if member else (_NOBODY, ())
    names = [f"member.{name}" for name in also] + [f"author.{name}" for name in lost]
    return actor_of(somebody, within, bot), (*names, *unnamed(somebody, within, "author"))

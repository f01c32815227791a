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
from adapters.discord.objects.message import ANSWER, NO_EMBEDS, Written
from adapters.discord.objects.people import Member, User
from adapters.discord.places import CHANNEL
from core.model.content import Text
from core.model.event import Actor, Inbound, MessageCreated, MessageEdited
from core.model.ids import EventId, ThreadRef

AUTHORS_MAX: Final = 2048
"""So many people are known again by how Discord describes them, word for word."""

_read_user = Reads(User)
_read_member = Reads(Member)
_NOBODY = Member()


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
    content = message.content
    named = "<" in content
    names = names_of(message.mentions, place, reader.known) if named else nameless
    text, spans = read(content, names)
    parts, at, dedup = (Text(text=text, spans=spans),), message.timestamp, f"m{message.id}"
    body: MessageCreated | MessageEdited
    if edit and message.edited_timestamp:
        at = message.edited_timestamp
        dedup, body = edit_of(dedup, at), MessageEdited(remote=message.id, parts=parts)
    else:
        automatic = NO if kind is CUSTOMER else BULK
        answers = quote(message) if reference.message_id else None
        body = MessageCreated(remote=message.id, parts=parts, answers=answers, automatic=automatic)
    facts = reader.known.channel(message.channel_id) if guild else None
    return (
        Inbound(
            id=EventId(envelope.new_id()),
            thread=ThreadRef(channel=CHANNEL, account=reader.account, thread=place.thread),
            dedup=dedup,
            actor=author,
            body=body,
            occurred_at=in_utc(at),
            received_at=envelope.received_at,
            audience=audience_of(place, facts, message.channel_type),
            title=facts.name if facts else "",
            context={"message": message.id, "author": author.remote} if guild else {},
            lost=lost_words(message) + lost,
        ),
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

"""Messages, new and edited, to events: who says what, where, and to whom. Pure."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from adapters.discord.incoming.addressing import is_for_us, is_heard
from adapters.discord.incoming.answers import forward, quote
from adapters.discord.incoming.authors import Author, author_of
from adapters.discord.incoming.cards import embeds_of
from adapters.discord.incoming.content import Content, read_content
from adapters.discord.incoming.envelope import BULK, CUSTOMER, NO, OURSELVES, Envelope, place_in
from adapters.discord.incoming.happenings import HAPPENINGS, happened, untold
from adapters.discord.incoming.names import names_of
from adapters.discord.incoming.reading import Payload, Reads, Told, decode, lost_of
from adapters.discord.incoming.words import edit_of, said
from adapters.discord.markdown.reading import read as read_markdown
from adapters.discord.objects.message import ANSWER, FORWARD, Message, Sketch
from adapters.discord.places import Place
from core.model.event import (
    Body,
    DeliveryReported,
    Inbound,
    MessageCreated,
    MessageEdited,
)
from core.model.message import DeliveryState

ReadMessage = tuple[Message, Told]
"""A message, and those of its fields that nobody knows."""

_read_message = Reads(Message)
read_message: Callable[[Payload], ReadMessage] = _read_message.understood
"""Raises MalformedPayload."""


def created(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    return told(*read_message(data), envelope)


def told(message: Message, unknown: Told, envelope: Envelope) -> tuple[Inbound, ...]:
    if not unknown and (events := said(message, False, envelope)) is not None:
        return events
    return _told(message, lost_of(message, unknown), envelope)


def updated(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing for what Discord itself changes: it shows a link's page, pins, begins a thread."""
    if not decode(data, Sketch).says_more:
        return ()
    message, unknown = read_message(data)
    if not unknown and (events := said(message, True, envelope)) is not None:
        return events
    return _changed(message, lost_of(message, unknown), envelope)


def from_history(data: Payload, guild: str, envelope: Envelope) -> tuple[Inbound, ...]:
    """Of one that was changed since: what it says now, as if it had said so at first, and that it
    was changed, for its first form may be known.
    """
    message, lost = _read_message(data)
    message = replace(message, guild_id=guild or None)
    return _told(message, lost, envelope) + _changed(message, lost, envelope)


def _told(message: Message, lost: Told, envelope: Envelope) -> tuple[Inbound, ...]:
    place = place_in(message.guild_id, message.channel_id)
    author = author_of(message, envelope.reader.known.bot)
    if author.actor.kind is OURSELVES:
        return _echo(message, place, author, envelope)
    if message.type in HAPPENINGS:
        return _happened(message, lost, place, author, envelope)
    if not is_for_us(message, place, envelope.reader):
        return ()
    content = _content(message, lost, place, author, envelope)
    body = _created(message, content, place, author, envelope)
    return (_around(body, message, place, f"m{message.id}", content.lost, author, envelope),)


def _changed(message: Message, lost: Told, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing for what only says itself once more. A poll that ends says so without an edit."""
    place, at = place_in(message.guild_id, message.channel_id), message.edited_timestamp
    author = author_of(message, envelope.reader.known.bot)
    ended = message.poll is not None and message.poll.is_over
    if author.actor.kind is OURSELVES or not (at or ended):
        return ()
    if message.type in HAPPENINGS or not is_for_us(message, place, envelope.reader):
        return ()
    content = _content(message, lost, place, author, envelope)
    body = MessageEdited(remote=message.id, parts=content.parts)
    dedup = edit_of(f"m{message.id}", at) if at else f"m{message.id}.over"
    when = at or envelope.received_at
    return (_around(body, message, place, dedup, content.lost, author, envelope, when),)


def _content(
    message: Message, lost: Told, place: Place, author: Author, envelope: Envelope
) -> Content:
    known = envelope.reader.known
    lost += author.lost + _untold(message)
    return read_content(
        message, author, lost, lambda mentions: names_of(mentions, place, known), envelope.new_id
    )


def _untold(message: Message) -> Told:
    """What is read only to be judged, or gives way to something else."""
    reference = message.message_reference
    if not reference.type and reference.channel_id in (None, message.channel_id):
        return ()
    lost = () if reference.type in (ANSWER, FORWARD) else ("message_reference.type",)
    whence = (name for name in ("channel_id", "guild_id") if getattr(reference, name))
    return (*lost, *(f"message_reference.{name}" for name in whence))


def _created(
    message: Message, content: Content, place: Place, author: Author, envelope: Envelope
) -> Body:
    known = envelope.reader.known
    return MessageCreated(
        remote=message.id,
        parts=content.parts,
        answers=quote(message, place, known),
        forward=forward(message, known),
        automatic=NO if author.actor.kind is CUSTOMER else BULK,
    )


def _around(
    body: Body,
    message: Message,
    place: Place,
    dedup: str,
    lost: Told,
    author: Author,
    envelope: Envelope,
    at: datetime | None = None,
) -> Inbound:
    """An answer in a guild is to say whom and what it answers."""
    return envelope.around(
        body,
        place=place,
        dedup=dedup,
        actor=author.actor,
        at=at or message.timestamp,
        kind=message.channel_type,
        lost=lost,
        context={"message": message.id, "author": author.actor.remote} if place.guild else None,
    )


def _happened(
    message: Message, lost: Told, place: Place, author: Author, envelope: Envelope
) -> tuple[Inbound, ...]:
    if not is_heard(place, envelope.reader):
        return ()
    names = names_of(message.mentions, place, envelope.reader.known)
    embeds, lost_cards = embeds_of(message)
    text = read_markdown(message.content, names)[0]
    body = happened(message, author.actor.remote, embeds, text, names)
    lost += author.lost + lost_cards + untold(message, embeds)
    return (_around(body, message, place, f"m{message.id}", lost, author, envelope),)


def _echo(
    message: Message, place: Place, author: Author, envelope: Envelope
) -> tuple[Inbound, ...]:
    """What we sent comes back with its nonce; whatever else the bot said was known when it was."""
    ours = envelope.reader.ours(str(message.nonce)) if message.nonce else None
    if ours is None:
        return ()
    body = DeliveryReported(
        remote=message.id, state=DeliveryState.SENT, message=ours[0], piece=ours[1]
    )
    return (_around(body, message, place, f"e{message.id}", (), author, envelope),)

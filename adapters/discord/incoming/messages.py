"""Messages, new and edited, to events: who says what, where, and to whom. Pure."""

from msgspec.structs import replace

from adapters.discord.incoming.addressing import is_for_us
from adapters.discord.incoming.answers import quote
from adapters.discord.incoming.envelope import Envelope, place_in
from adapters.discord.incoming.reading import Payload, Reads, Told, read_words
from adapters.discord.objects.message import Message, Written
from adapters.discord.places import Place
from core.model.content import Part, Text
from core.model.event import Body, DeliveryReported, Inbound, MessageCreated, MessageEdited
from core.model.message import DeliveryState

_read_message = Reads(Message)
Read = tuple[Written | Message, Told]


def created(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    message, lost = _read(data)
    return _told(message, lost, False, envelope)


def updated(data: Payload, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing for what Discord itself changes: it shows a link's page, pins, begins a thread."""
    message, lost = _read(data)
    return _told(message, lost, True, envelope) if message.edited_timestamp else ()


def from_history(data: Payload, guild: str, envelope: Envelope) -> tuple[Inbound, ...]:
    message, lost = _read(data)
    message = replace(message, guild_id=guild or None)
    events = _told(message, lost, False, envelope)
    if message.edited_timestamp:
        events += _told(message, lost, True, envelope)
    return events


def _read(data: Payload) -> Read:
    return read_words(data) or _read_message(data)


def _told(
    message: Written | Message, lost: Told, edit: bool, envelope: Envelope
) -> tuple[Inbound, ...]:
    place = place_in(message.guild_id, message.channel_id)
    if message.author.id == envelope.reader.known.bot:
        return _echo(message, place, envelope)
    if not is_for_us(message, place, envelope.reader):
        return ()
    parts: tuple[Part, ...] = (Text(text=message.content),)
    at, dedup, body = message.timestamp, f"m{message.id}", _said(message, parts)
    if edit and message.edited_timestamp:
        at = message.edited_timestamp
        dedup, body = f"{dedup}.{at.timestamp()}", MessageEdited(remote=message.id, parts=parts)
    return (
        envelope.around(
            body,
            place=place,
            dedup=dedup,
            actor=envelope.actor(message.author, message.member),
            at=at,
            kind=message.channel_type,
            lost=lost,
        ),
    )


def _said(message: Written | Message, parts: tuple[Part, ...]) -> Body:
    return MessageCreated(remote=message.id, parts=parts, answers=quote(message))


def _echo(message: Written | Message, place: Place, envelope: Envelope) -> tuple[Inbound, ...]:
    """What we sent comes back with its nonce; what else the bot said is not ours to tell."""
    ours = envelope.reader.ours(str(message.nonce)) if message.nonce else None
    if ours is None:
        return ()
    body = DeliveryReported(remote=message.id, state=DeliveryState.SENT, message=ours)
    return (
        envelope.around(
            body,
            place=place,
            dedup=f"e{message.id}",
            actor=envelope.actor(message.author, message.member),
            at=message.timestamp,
            kind=message.channel_type,
        ),
    )

"""Messages, new and edited, to events: who says what, where, and to whom. Pure."""

import msgspec

from adapters.telegram.incoming.addressing import is_for_us
from adapters.telegram.incoming.answers import answered, forward, quote, quote_of
from adapters.telegram.incoming.content import Content, read_content, read_words
from adapters.telegram.incoming.envelope import (
    LIVE,
    Envelope,
    album,
    chat_actor,
    full_name,
    public_name,
    remote,
    within,
)
from adapters.telegram.incoming.happening import MEMBERS, happened
from adapters.telegram.incoming.reading import InWords
from adapters.telegram.incoming.summaries import HAPPENINGS, SUMMARIES
from adapters.telegram.objects.common import Chat, User
from adapters.telegram.objects.message import Message, Written
from adapters.telegram.objects.update import Offered
from adapters.telegram.settings import GroupPolicy
from core.model.content import Part
from core.model.event import (
    Actor,
    ActorKind,
    Body,
    DeliveryReported,
    Inbound,
    MessageCreated,
    MessageEdited,
    Origin,
)
from core.model.message import DeliveryState

_PLACES = {kind: place for place, kind in enumerate((*SUMMARIES, *MEMBERS, *HAPPENINGS))}
"""What a message can be; of several that with the lowest place."""
_MIGRATIONS = ("migrate_to_chat_id", "migrate_from_chat_id")
_PRIVATE = "private"


def read_written(words: InWords, envelope: Envelope) -> tuple[Inbound, ...]:
    """The same as `read_message` would make of it, by a shorter way."""
    message, field, chat = words.message, words.field, words.message.chat
    parts, lost = read_words(message, field, words.lost)
    if chat.type != _PRIVATE:
        if not is_for_us(message, parts, envelope.reader):
            return ()
        lost += public_name(chat, field)
    edited, actor, customer = _is_edit(field), envelope.actor(words.author), None
    if message.business_connection_id and words.author.id != chat.id:
        actor, customer = as_staff(actor), business_customer(chat)
    said = envelope.around(
        _said_in_words(message, edited, parts),
        thread=envelope.thread(chat.id, within(message)),
        actor=actor,
        at=(message.edit_date if edited else 0) or message.date,
        chat=chat,
        lost=lost,
        customer=customer,
        origin=Origin.ECHO if customer else LIVE,
    )
    return (said,)


def read_message(message: Message, field: str, envelope: Envelope) -> tuple[Inbound, ...]:
    """Nothing, if it is talk of a group that is not meant for the bot."""
    kinds = [name for name in envelope.held[field] if name in _PLACES]
    if len(kinds) > 1:
        kinds.sort(key=_PLACES.__getitem__)
    if kinds and kinds[0] not in SUMMARIES:
        return _happened(message, field, kinds, envelope)
    content = read_content(message, field, kinds, envelope.lost, envelope.new_id)
    ours = _is_private(message) or bool(message.guest_query_id)
    joined = album(message.chat, message.media_group_id)
    if not (ours or is_for_us(message, content.parts, envelope.reader, joined)):
        return ()
    said = _said(message, field, content, envelope)
    lost = content.lost
    if message.external_reply or message.sender_business_bot or message.guest_query_id:
        lost += _untold(message, field, envelope)
    return (_around(said, message, field, lost, envelope),)


def _happened(
    message: Message, field: str, kinds: list[str], envelope: Envelope
) -> tuple[Inbound, ...]:
    kind = kinds[0]
    heard = envelope.reader.groups is GroupPolicy.ALL or kind in _MIGRATIONS
    if not (heard or _is_private(message)):
        return ()
    lost = envelope.lost + tuple(f"{field}.{name}" for name in (*kinds[1:], "message_id"))
    bodies = happened(message, kind, getattr(message, kind))
    return tuple(
        _around(body, message, field, lost, envelope, part if len(bodies) > 1 else None)
        for part, body in enumerate(bodies)
    )


def _around(
    body: Body,
    message: Message,
    field: str,
    lost: tuple[str, ...],
    envelope: Envelope,
    part: int | None = None,
) -> Inbound:
    chat, direct = message.chat, message.direct_messages_topic
    actor, customer = _author(message, envelope), customer_of(message, message.from_, envelope)
    return envelope.around(
        body,
        thread=envelope.thread(chat.id, within(message, direct)),
        actor=as_staff(actor) if customer else actor,
        at=(message.edit_date if _is_edit(field) else 0) or message.date,
        chat=chat,
        lost=lost + public_name(chat, field),
        customer=customer,
        private=direct is not None,
        origin=Origin.ECHO if customer else LIVE,
        part=part,
    )


def _untold(message: Message, field: str, envelope: Envelope) -> tuple[str, ...]:
    """What is read only to be judged or described."""
    untold: tuple[str, ...] = ()
    if message.external_reply is not None:
        untold += (f"{field}.external_reply.chat", f"{field}.external_reply.origin")
    bot = message.sender_business_bot
    if bot and bot.id != envelope.reader.bot_id:
        untold += (f"{field}.sender_business_bot",)
    if message.guest_query_id:
        untold += (f"{field}.guest_query_id",)
    return untold


def _is_edit(field: str) -> bool:
    return field.startswith("edited_")


def _is_private(message: Message) -> bool:
    """Whether it is between one person and us, so that it is meant for us."""
    return message.chat.type == _PRIVATE or message.direct_messages_topic is not None


def customer_of(
    message: Message | Offered, author: User | None, envelope: Envelope
) -> Actor | None:
    """With whom the chat is, if not they but one of us did something there: the owner of a business
    account or a bot in their name, an administrator of a channel.
    """
    direct = message.direct_messages_topic
    if message.business_connection_id:
        theirs = author is None or author.id == message.chat.id
        return None if theirs else business_customer(message.chat)
    if direct is None or direct.user is None or (author and author.id == direct.user.id):
        return None
    return envelope.actor(direct.user)


def as_staff(actor: Actor) -> Actor:
    """One of us, unless it is a bot."""
    if actor.kind is not ActorKind.CUSTOMER:
        return actor
    return msgspec.structs.replace(actor, kind=ActorKind.STAFF)


def business_customer(chat: Chat) -> Actor:
    """The person whom a chat of a business account is with."""
    return Actor(
        kind=ActorKind.CUSTOMER, remote=str(chat.id), name=full_name(chat), handle=chat.username
    )


def _said(message: Message, field: str, content: Content, envelope: Envelope) -> Body:
    """What this bot sent in the name of a business account was told when it was sent."""
    known = remote(message.chat, message.message_id)
    sender = message.sender_business_bot
    if sender and sender.id == envelope.reader.bot_id:
        return DeliveryReported(remote=known, state=DeliveryState.SENT)
    if _is_edit(field):
        return MessageEdited(remote=known, parts=content.parts)
    return MessageCreated(
        remote=known,
        parts=content.parts,
        answers=quote(message),
        forward=forward(message.forward_origin) if message.forward_origin else None,
        album=album(message.chat, message.media_group_id),
    )


def _said_in_words(message: Written, edited: bool, parts: tuple[Part, ...]) -> Body:
    known = remote(message.chat, message.message_id)
    if edited:
        return MessageEdited(remote=known, parts=parts)
    found = answered(message)
    answers = quote_of(found, message.chat) if found else None
    return MessageCreated(remote=known, parts=parts, answers=answers)


def _author(message: Message, envelope: Envelope) -> Actor:
    """Whoever speaks as a chat (an anonymous admin, a channel) has a placeholder for a sender.

    What a channel repeats in its discussion group by itself, nobody says there.
    """
    signature = message.author_signature
    if chat := message.sender_chat:
        kind = ActorKind.PLATFORM if message.is_automatic_forward else ActorKind.CUSTOMER
        return chat_actor(chat, kind, f"{chat.title} ({signature})" if signature else "")
    if message.from_ is not None:
        return envelope.actor(message.from_)
    name = f"{message.chat.title} ({signature})" if signature else message.chat.title
    return Actor(kind=ActorKind.PLATFORM, remote=str(message.chat.id), name=name)

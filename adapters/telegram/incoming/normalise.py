"""From one raw update to what happened, in the model's words. Pure.

Threads and messages are called as `places` says, people go by their Telegram id, and an
update is known again by `u<update id>`, with `.<n>` after it if several things happened in it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from adapters.telegram.incoming.acts import (
    business_connection,
    button_pressed,
    deleted,
    member_changed,
    own_membership,
    reacted,
    reactions_counted,
)
from adapters.telegram.incoming.envelope import NOWHERE, Envelope, Reader, platform
from adapters.telegram.incoming.messages import read_message, read_written
from adapters.telegram.incoming.reading import read_at, read_update, read_words
from adapters.telegram.objects.update import Occurrence
from core.model.event import Actor, ActorKind, Inbound, Unknown

_Read = Callable[[Any, str, Envelope], tuple[Inbound, ...]]

_READERS: dict[str, _Read] = {
    "message": read_message,
    "edited_message": read_message,
    "business_message": read_message,
    "edited_business_message": read_message,
    "channel_post": read_message,
    "edited_channel_post": read_message,
    "guest_message": read_message,
    "callback_query": button_pressed,
    "message_reaction": reacted,
    "message_reaction_count": reactions_counted,
    "my_chat_member": own_membership,
    "chat_member": member_changed,
    "business_connection": business_connection,
    "deleted_business_messages": deleted,
}


def normalise(
    raw: bytes, reader: Reader, received_at: datetime, new_id: Callable[[], str]
) -> tuple[Inbound, ...]:
    """What the update says; nothing if it is talk of a group that is not meant for the bot.

    Raises MalformedPayload for bytes that are not an update.
    """
    if words := read_words(raw):
        envelope = Envelope(reader, words.update_id, raw, {}, words.lost, received_at, new_id)
        return read_written(words, envelope)
    update, held, lost = read_update(raw)
    kinds = [name for name in held if name in _READERS]
    if len(kinds) > 1:  # of at most one Telegram speaks
        lost += tuple(kinds[1:])
    envelope = Envelope(reader, update.update_id, raw, held, lost, received_at, new_id)
    if kinds:
        return _READERS[kinds[0]](getattr(update, kinds[0]), kinds[0], envelope)
    return (_unknown(envelope),)


def _unknown(envelope: Envelope) -> Inbound:
    """An update of a kind that is not read is kept by its name, where it seems to belong."""
    kind = next((name for name in envelope.lost if "." not in name), "empty")
    said = read_at(envelope.raw, kind, Occurrence) or Occurrence()
    where = said.chat or (said.message.chat if said.message else None)
    who = said.from_ or said.user
    return envelope.around(
        Unknown(platform_kind=kind),
        thread=envelope.thread(where.id) if where else NOWHERE,
        actor=Actor(kind=ActorKind.CUSTOMER, remote=str(who.id)) if who else platform(),
        at=said.date,
        chat=where,
    )

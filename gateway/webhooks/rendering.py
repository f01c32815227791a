"""What a webhook says: the event, and what it is about as the API gives it at that moment."""

from datetime import datetime

import msgspec

from core.errors import NotFound
from core.model.conversation import Conversation, Entry
from core.model.ids import LegId
from core.view import Views
from gateway.shown import shown
from gateway.webhooks.model import Occurrence, moment


class EventData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened to which leg, in the words of the live feed.

    `position` 0: to the leg as a whole; else `entry` is the message there. Both it and the
    `conversation` are as they are when this is sent. They are left out when they are gone.
    """

    kind: str
    leg: LegId
    position: int = 0
    conversation: Conversation | None = None
    entry: Entry | None = None


class PingData(msgspec.Struct, frozen=True, kw_only=True):
    webhook: str


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """The body of a webhook; `timestamp` is of the event."""

    type: str
    timestamp: datetime
    data: EventData | msgspec.Raw


async def body_of(one: Occurrence, views: Views) -> bytes:
    """Raises StoreError."""
    data = msgspec.Raw(one.detail.encode()) if one.detail else await _data(one, views)
    return msgspec.json.encode(Payload(type=one.type, timestamp=moment(one.at_ms), data=data))


async def _data(one: Occurrence, views: Views) -> EventData:
    leg = LegId(one.leg)
    bare = EventData(kind=one.kind, leg=leg, position=one.position)
    try:
        conversation = await views.conversation(leg)
        entry = await views.entry(leg, one.position) if one.position else None
    except NotFound:
        return bare
    return msgspec.structs.replace(bare, conversation=shown(conversation), entry=entry)

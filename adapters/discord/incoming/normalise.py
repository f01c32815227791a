"""From one dispatch event of the gateway to what happened, in the model's words. Pure.

Threads are called as `places` says, messages, people and everything else by their Discord ids. An
event is known again by what it is about: `m<message>` was written, `m<message>.<when>` was edited,
`d<message>` was deleted, `i<interaction>`; what has no id of its own by the caller's `mark`.
"""

from collections.abc import Callable
from datetime import datetime

from adapters.discord.incoming.envelope import Envelope, Reader
from adapters.discord.incoming.messages import created, from_history, updated
from adapters.discord.incoming.reading import Payload
from core.model.event import Inbound

_Read = Callable[[Payload, Envelope], tuple[Inbound, ...]]

_READERS: dict[str, _Read] = {
    "MESSAGE_CREATE": created,
    "MESSAGE_UPDATE": updated,
}


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
    read = _READERS.get(kind)
    return read(data, Envelope(reader, mark, received_at, new_id)) if read else ()


def normalise_history(
    data: Payload, guild: str, reader: Reader, received_at: datetime, new_id: Callable[[], str]
) -> tuple[Inbound, ...]:
    """What a message says that was read from a channel of this guild ("" for direct messages).

    It gives the same events as if it had come over the gateway: of an edited one also the edit, for
    its first form may have come before. Raises MalformedPayload.
    """
    return from_history(data, guild, Envelope(reader, "", received_at, new_id))

"""From a recorded frame of the gateway, or one that was set aside, to what it says. Pure."""

from base64 import urlsafe_b64decode
from binascii import Error
from collections.abc import Callable
from datetime import datetime

import msgspec

from adapters.discord.incoming.envelope import Reader
from adapters.discord.incoming.normalise import normalise
from core.errors import MalformedPayload
from core.model.event import Inbound


class _Frame(msgspec.Struct, frozen=True):
    t: str
    d: msgspec.Raw
    mark: str = ""


_frame = msgspec.json.Decoder(_Frame).decode


def replayed(
    payload: bytes, reader: Reader, at: datetime, new_id: Callable[[], str]
) -> tuple[Inbound, ...]:
    """What was told; the reader learns from it as it did then. Raises MalformedPayload."""
    try:
        frame = _frame(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedPayload(f"not a frame of Discord ({type(error).__name__})") from None
    events = normalise(frame.t, frame.d, reader, at, new_id, mark=frame.mark)
    reader.known.note(frame.t, frame.d)
    return events


def bot_of(token: str) -> str:
    """Whose token it is, which is how a token begins; "" if it does not."""
    head = token.partition(".")[0]
    try:
        found = urlsafe_b64decode(head + "=" * (-len(head) % 4)).decode("ascii")
    except (Error, ValueError):
        return ""
    return found if found.isdecimal() else ""

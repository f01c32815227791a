"""Lines that only agents see, on a leg whose readers may be others than agents."""

from contextlib import suppress
from datetime import datetime

from core.errors import NotFound
from core.model.content import System
from core.model.conversation import Leg
from core.model.ids import MessageId
from core.model.message import Direction, Message, Sender
from core.store.live import Kind
from core.store.store import Store


async def write_line(
    store: Store,
    leg: Leg,
    line: MessageId,
    writer: Sender,
    at: datetime,
    part: System,
    kind: Kind = "activity",
) -> None:
    """Once for the id `line`; the live feed says `kind`. Nothing where the leg has gone meanwhile.
    Raises StoreError.
    """
    message = Message(
        id=line,
        direction=Direction.ACTIVITY,
        sender=writer,
        at=at,
        parts=(part,),
        audience=leg.audience,
    )
    with suppress(NotFound):
        await store.legs.note(leg.id, message, kind)

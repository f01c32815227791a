"""What was snoozed until now is open again, by itself."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from core.errors import StoreError
from core.model.content import System
from core.model.ids import LegId, MessageId
from core.model.message import Direction, Message, Sender, SenderKind
from core.store.store import Store

LOOK_SECONDS: Final = 5.0
"""How late what was snoozed for less than that may be; all else is on time."""

WRITER: Final = Sender(kind=SenderKind.SYSTEM, id="system:waking")

log = structlog.get_logger()


class Waking:
    """Any number of processes may do this: what one has woken another does not."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store, self._now = store, now

    async def run(self) -> None:
        """Wake what is due until cancelled; waits for a store that is away."""
        while True:
            try:
                wait_seconds = await self.wake_due()
            except StoreError as error:
                log.info("nothing is woken for now", reason=str(error))
                wait_seconds = LOOK_SECONDS
            await asyncio.sleep(wait_seconds)

    async def wake_due(self) -> float:
        """Wake what is due now; -> seconds until to look again."""
        due = await self._store.triage.due()
        await asyncio.gather(*(self._wake(leg, at) for leg, at in due.legs))
        if due.legs:
            return 0.0
        return min(LOOK_SECONDS, due.wait_seconds or LOOK_SECONDS)

    async def _wake(self, leg: LegId, at_ms: int) -> None:
        line = Message(
            id=MessageId(f"woken {at_ms}.{leg}"),
            direction=Direction.ACTIVITY,
            sender=WRITER,
            at=self._now(),
            parts=(System(code="woken"),),
        )
        await self._store.triage.wake(leg, line)

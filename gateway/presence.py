"""Showing customers that an agent is there: writing, reading. Passed on at once, kept nowhere."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Final

import structlog

from core.errors import DeliveryError
from core.model.conversation import Leg
from core.ports import MarksRead, ShowsTyping
from core.recent import Recent
from gateway.desk import Desk

AGAIN_SECONDS: Final = 4.0
"""Platforms show it for about five seconds; more often would only cost calls."""
TIMEOUT_SECONDS: Final = 5.0
REMEMBERED_MAX: Final = 10_000

log = structlog.get_logger()


class Presence:
    """Of this process. A thread whose channel has no such sign is left in peace, and nothing here
    ever fails: it is not worth telling anybody.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shown = Recent[str, float](REMEMBERED_MAX)
        self._read = Recent[str, str](REMEMBERED_MAX)

    async def typing(self, leg: Leg) -> None:
        adapter, thread = self._desk.adapters.get(leg.thread.account), str(leg.thread)
        now = time.monotonic()
        due = now - self._shown.get(thread, -AGAIN_SECONDS) >= AGAIN_SECONDS
        if isinstance(adapter, ShowsTyping) and due:
            self._shown.note(thread, now)
            await _told("typing", leg, adapter.show_typing(leg.thread))

    async def read(self, leg: Leg, remote: str) -> None:
        """Everything in the thread up to this message of the platform was read."""
        adapter, thread = self._desk.adapters.get(leg.thread.account), str(leg.thread)
        if isinstance(adapter, MarksRead) and self._read.get(thread) != remote:
            self._read.note(thread, remote)
            await _told("reading", leg, adapter.mark_read(leg.thread, remote))


async def _told(what: str, leg: Leg, call: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            await call
    except (DeliveryError, TimeoutError) as error:
        log.info("a sign was not shown", sign=what, account=leg.thread.account, reason=str(error))

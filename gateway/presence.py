"""Showing customers that an agent is writing: passed on at once, kept nowhere."""

import asyncio
import time
from collections import OrderedDict
from typing import Final

import structlog

from core.errors import DeliveryError
from core.model.conversation import Leg
from core.ports import ShowsTyping
from gateway.desk import Desk

AGAIN_SECONDS: Final = 4.0
"""Platforms show it for about five seconds; more often would only cost calls."""
TIMEOUT_SECONDS: Final = 5.0
REMEMBERED_MAX: Final = 10_000

log = structlog.get_logger()


class Presence:
    """Of this process. A thread whose channel has no such sign is left in peace."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._shown: OrderedDict[str, float] = OrderedDict()

    async def typing(self, leg: Leg) -> None:
        """Never fails: it is not worth telling anybody."""
        adapter = self._desk.adapters.get(leg.thread.account)
        if not isinstance(adapter, ShowsTyping) or not self._due(str(leg.thread)):
            return
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                await adapter.show_typing(leg.thread)
        except (DeliveryError, TimeoutError) as error:
            log.info("typing was not shown", account=leg.thread.account, reason=str(error))

    def _due(self, thread: str) -> bool:
        now = time.monotonic()
        if now - self._shown.get(thread, -AGAIN_SECONDS) < AGAIN_SECONDS:
            return False
        self._shown[thread] = now
        self._shown.move_to_end(thread)
        if len(self._shown) > REMEMBERED_MAX:
            self._shown.popitem(last=False)
        return True

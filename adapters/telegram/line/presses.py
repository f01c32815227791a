"""Presses of buttons are answered at once: until then the customer's Telegram shows a wait."""

import asyncio
import logging
from typing import Final

from telegram.error import TelegramError

from adapters.telegram.line.api import BotApi
from adapters.telegram.outgoing.calls import Call

_log = logging.getLogger(__name__)

WAITING_MAX: Final = 1000
AT_ONCE: Final = 4
TELL_SECONDS: Final = 60.0
"""What failed is told of so often at most."""


class Presses:
    """Of one account. An answer that fails is not repeated: Telegram gives up waiting by itself."""

    def __init__(self, api: BotApi, account: str) -> None:
        self._api, self._account = api, account
        self._waiting: asyncio.Queue[str] = asyncio.Queue(WAITING_MAX)
        self._failed = 0
        self._told_at = -TELL_SECONDS

    def put(self, query: str) -> None:
        """Answer this press as soon as may be; does not wait."""
        try:
            self._waiting.put_nowait(query)
        except asyncio.QueueFull:
            self._note_failure()

    async def run(self) -> None:
        """Answer until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(self._answer())

    async def _answer(self) -> None:
        while True:
            query = await self._waiting.get()
            call = Call("answerCallbackQuery", {"callback_query_id": query})
            try:
                await self._api.perform(call)
            except TelegramError:
                self._note_failure()

    def _note_failure(self) -> None:
        self._failed += 1
        now = asyncio.get_running_loop().time()
        if now - self._told_at >= TELL_SECONDS:
            _log.warning(
                "account=%s: presses of buttons that could not be answered: %d",
                self._account,
                self._failed,
            )
            self._failed, self._told_at = 0, now

"""Waiting for what will come right by itself: longer after each failure, and told to operators."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from telegram.error import TelegramError

from adapters.telegram.line.failures import rejects_token, token_rejected
from adapters.telegram.line.transport import Refusal
from adapters.telegram.settings import TelegramSettings
from core.errors import StoreError
from core.model.event import Inbound
from core.ports import Deliver, Surroundings

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Patience:
    """Of one account."""

    def __init__(self, settings: TelegramSettings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings

    async def until_answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer. Raises AuthenticationError when the token is refused."""
        failures = 0
        while True:
            try:
                answer = await ask()
            except TelegramError as failure:
                if rejects_token(failure):
                    raise token_rejected(self._surroundings.account) from None
                failures += 1
                await self.wait(failure, failures)
            else:
                if failures:
                    self._surroundings.remark("")
                return answer

    async def until_stored(self, event: Inbound, deliver: Deliver) -> None:
        failures = 0
        while True:
            try:
                await deliver(event)
            except StoreError as failure:
                failures += 1
                await self.wait(failure, failures)
            else:
                if failures:
                    self._surroundings.remark("")
                return

    async def wait(self, failure: Exception, failures: int) -> None:
        """Longer after each failure in a row, never in step with others who wait."""
        longest = self._settings.back_off_seconds_max
        seconds = min(self._settings.back_off_seconds_min * 2 ** min(failures - 1, 16), longest)
        seconds *= random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it
        if isinstance(failure, Refusal):
            seconds = max(seconds, failure.retry_after_seconds or 0)
        reason = f"{failure}{_remedy(failure)}"
        self._surroundings.remark(reason)
        _log.warning("account=%s waits %.1f s: %s", self._surroundings.account, seconds, reason)
        await asyncio.sleep(seconds)


def _remedy(failure: Exception) -> str:
    if isinstance(failure, Refusal) and failure.status == 409:
        return " (another program polls with this token: end it, or get a new token for this one)"
    return ""

"""Receiving by long polling: one question after another, each of which acknowledges the last.

Asking for updates from an offset on makes Telegram forget all before it. So the offset moves only
after everything before it is stored (`deliver` has returned) or set aside (quarantine). Whatever
fails is waited for and asked again; an update that comes twice is recognised by core.

Of one batch, the events of a thread are delivered in order and those of different threads side by
side: a busy group must not hold up everybody else.
"""

import asyncio
import logging
import random
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from telegram.error import TelegramError
from ulid import ULID

from adapters.telegram.api import BotApi
from adapters.telegram.envelope import Reader
from adapters.telegram.failures import rejects_token, token_rejected
from adapters.telegram.normalise import normalise
from adapters.telegram.reading import read_update_id
from adapters.telegram.settings import TelegramSettings
from adapters.telegram.transport import Refusal, Uncertain, Unreadable
from core.errors import MalformedPayload, StoreError
from core.model.event import Inbound
from core.ports import Deliver, Surroundings

_log = logging.getLogger(__name__)
_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})')
T = TypeVar("T")


class Polling:
    """The position of one account in its updates."""

    def __init__(self, api: BotApi, settings: TelegramSettings, surroundings: Surroundings) -> None:
        self._api = api
        self._settings = settings
        self._surroundings = surroundings
        self._offset = 0
        self._limit = settings.updates_per_poll

    async def run(self, deliver: Deliver) -> None:
        """Receive until cancelled. Raises AuthenticationError when the token is refused."""
        me = await self._patiently(self._api.me)
        reader = Reader(
            account=self._surroundings.account,
            bot_id=me.id,
            bot_username=me.username,
            groups=self._settings.groups,
        )
        while True:
            updates = await self._patiently(self._ask)
            if updates:
                await self._take(updates, reader, deliver)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer."""
        failures = 0
        while True:
            try:
                return await ask()
            except TelegramError as failure:
                if rejects_token(failure):
                    raise token_rejected(self._surroundings.account) from None
                failures += 1
                await self._wait(failure, failures)

    async def _ask(self) -> list[bytes]:
        try:
            updates = await self._api.updates(self._offset, self._limit)
        except Unreadable as answer:
            return await self._step_over(answer)
        self._limit = self._settings.updates_per_poll
        if not updates:
            # All is acknowledged. Telegram chooses ids anew after a quiet week, and lower ones
            # would be taken for seen: ask without an offset from here on.
            self._offset = 0
        return [bytes(update) for update in updates]

    async def _step_over(self, answer: Unreadable) -> list[bytes]:
        """One update makes the whole answer unreadable: ask singly, then set that one aside."""
        if self._limit > 1:
            self._limit = 1
            return []
        found = _UPDATE_ID.search(answer.body)
        if found is None:
            raise Uncertain(str(answer))
        await self._quarantine(answer.body, str(answer))
        self._offset = int(found[1]) + 1
        return []

    async def _take(self, updates: list[bytes], reader: Reader, deliver: Deliver) -> None:
        threads: dict[str, list[Inbound]] = {}
        for raw in updates:
            for event in await self._read(raw, reader):
                threads.setdefault(event.thread.thread, []).append(event)
        async with asyncio.TaskGroup() as group:
            for events in threads.values():
                group.create_task(self._deliver(events, deliver))
        await self._advance(updates)

    async def _read(self, raw: bytes, reader: Reader) -> tuple[Inbound, ...]:
        try:
            return normalise(raw, reader, datetime.now(UTC), _new_id)
        except MalformedPayload as error:
            await self._quarantine(raw, str(error))
            return ()

    async def _deliver(self, events: list[Inbound], deliver: Deliver) -> None:
        for event in events:
            failures = 0
            while True:
                try:
                    await deliver(event)
                    break
                except StoreError as failure:
                    failures += 1
                    await self._wait(failure, failures)

    async def _advance(self, updates: list[bytes]) -> None:
        ids = [found for raw in updates if (found := read_update_id(raw)) is not None]
        if ids:
            self._offset = max(ids) + 1
        else:
            await self._wait(MalformedPayload("updates without an id"), 1)

    async def _quarantine(self, payload: bytes, reason: str) -> None:
        _log.warning("update set aside, account=%s: %s", self._surroundings.account, reason)
        await self._surroundings.quarantine(self._surroundings.account, payload, reason)

    async def _wait(self, failure: Exception, failures: int) -> None:
        """Longer after each failure in a row, never in step with others who wait."""
        longest = self._settings.back_off_seconds_max
        seconds = min(self._settings.back_off_seconds_min * 2 ** min(failures - 1, 16), longest)
        seconds *= random.uniform(0.75, 1.25)  # noqa: S311 - no secret depends on it
        if isinstance(failure, Refusal):
            seconds = max(seconds, failure.retry_after_seconds or 0)
        _log.warning(
            "account=%s waits %.1f s: %s%s",
            self._surroundings.account,
            seconds,
            failure,
            _remedy(failure),
        )
        await asyncio.sleep(seconds)


def _remedy(failure: Exception) -> str:
    if isinstance(failure, Refusal) and failure.status == 409:
        return " (another process polls with this token, or a webhook is set: end the other one)"
    return ""


def _new_id() -> str:
    return str(ULID())

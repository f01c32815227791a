"""Receiving by long polling: one question after another, each of which acknowledges the last.

Asking for updates from an offset on makes Telegram forget all before it. So the offset moves only
after everything before it is stored or set aside. Whatever fails is waited for and asked again; an
update that comes twice is recognised by core.

Telegram lets one process poll. Of several gateways one does and the others stand by.
"""

import re

from adapters.telegram.incoming.reading import read_update_id
from adapters.telegram.line.api import BotApi
from adapters.telegram.line.patience import Patience
from adapters.telegram.line.receiving import Receiving
from adapters.telegram.line.registration import Registration
from adapters.telegram.line.transport import Refusal, Uncertain, Unreadable
from adapters.telegram.settings import TelegramSettings
from core.errors import MalformedPayload, StoreError
from core.model.event import Inbound
from core.ports import Deliver, Surroundings

_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})')
_UNREADABLE_MAX = 5
"""So many answers in a row that cannot be read are an update's fault; fewer may be the line's."""
STANDING_BY = "standing by: another gateway receives for this inbox"


class Polling:
    """The position of one account in its updates."""

    def __init__(
        self,
        api: BotApi,
        settings: TelegramSettings,
        surroundings: Surroundings,
        patience: Patience,
        registration: Registration,
    ) -> None:
        self._api, self._settings, self._surroundings = api, settings, surroundings
        self._patience, self._registration = patience, registration
        self._offset = 0
        self._limit = settings.updates_per_poll
        self._unreadable = 0

    async def run(self, receiving: Receiving, deliver: Deliver) -> None:
        """Receive until cancelled. Raises AuthenticationError when the token is refused."""

        async def until_stored(event: Inbound) -> None:
            await self._patience.until_stored(event, deliver)

        while True:
            self._surroundings.remark(STANDING_BY)
            try:
                async with self._surroundings.exclusive("receive"):
                    await self._poll(receiving, until_stored)
            except StoreError as failure:
                await self._patience.wait(failure, 1)

    async def _poll(self, receiving: Receiving, deliver: Deliver) -> None:
        self._offset = 0  # whoever polled meanwhile has moved on; Telegram knows how far
        self._surroundings.remark("")
        while True:
            updates = await self._patience.until_answered(lambda: self._ask(receiving))
            if updates:
                await receiving.take(updates, deliver)
                await self._advance(updates)

    async def _ask(self, receiving: Receiving) -> list[bytes]:
        try:
            updates = await self._api.updates(self._offset, self._limit)
        except Unreadable as answer:
            return await self._step_over(answer, receiving)
        except Refusal as refusal:
            if refusal.status == 409 and await self._registration.withdraw():
                return []
            raise
        self._limit, self._unreadable = self._settings.updates_per_poll, 0
        if not updates:
            # All is acknowledged. Telegram chooses ids anew after a quiet week, and lower ones
            # would be taken for seen: ask without an offset from here on.
            self._offset = 0
        return [bytes(update) for update in updates]

    async def _step_over(self, answer: Unreadable, receiving: Receiving) -> list[bytes]:
        """Where one update makes the whole answer unreadable: ask singly, then set it aside."""
        self._unreadable += 1
        if self._limit > 1:
            self._limit = 1
            return []
        found = _UPDATE_ID.search(answer.body)
        if found is None or self._unreadable < _UNREADABLE_MAX:
            raise Uncertain(str(answer))
        await receiving.set_aside(answer.body, str(answer))
        self._offset, self._unreadable = int(found[1]) + 1, 0
        return []

    async def _advance(self, updates: list[bytes]) -> None:
        ids = [found for raw in updates if (found := read_update_id(raw)) is not None]
        if ids:
            self._offset = max(ids) + 1
        else:
            await self._patience.wait(MalformedPayload("updates without an id"), 1)

"""Attachments of customers, brought from their platform when somebody first asks for them."""

import asyncio
from collections import OrderedDict
from pathlib import Path
from typing import Final
from weakref import WeakValueDictionary

from core.errors import NotFound, TemporaryDeliveryError
from core.model.content import Attachment
from core.ports import FetchesAttachments
from gateway.desk import Desk

REMEMBERED_MAX: Final = 10_000
AT_ONCE_MAX: Final = 4
TIMEOUT_SECONDS: Final = 120.0


class Fetched:
    """Which attachment has which bytes is remembered in memory only: after a restart they are
    fetched once more, and stored under the same hash.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._under_way: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._turns = asyncio.Semaphore(AT_ONCE_MAX)

    async def path(self, account: str, attachment: Attachment) -> Path:
        """Where the bytes are. However many ask at once, they are fetched once.

        Raises NotFound, InvalidRequest (too large), DeliveryError.
        """
        if attachment.sha256:
            return self._desk.blobs.path(attachment.sha256)
        key = (account, attachment.remote)
        lock = self._under_way.setdefault(key, asyncio.Lock())
        async with lock:
            if key not in self._known:
                async with self._turns:
                    self._remember(key, await self._fetch(account, attachment))
            self._known.move_to_end(key)
            return self._desk.blobs.path(self._known[key])

    async def _fetch(self, account: str, attachment: Attachment) -> str:
        adapter = self._desk.adapters.get(account)
        if adapter is None:
            raise TemporaryDeliveryError(f"inbox {account} is not running: try again later")
        if not isinstance(adapter, FetchesAttachments) or not attachment.remote:
            raise NotFound(f"attachment {attachment.id} is not stored and cannot be fetched")
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                sha256, _ = await self._desk.blobs.put(
                    adapter.fetch(attachment), size_bytes_max=self._desk.attachment_bytes_max
                )
        except TimeoutError as error:
            raise TemporaryDeliveryError(f"inbox {account} did not send it in time") from error
        return sha256

    def _remember(self, key: tuple[str, str], sha256: str) -> None:
        self._known[key] = sha256
        if len(self._known) > REMEMBERED_MAX:
            self._known.popitem(last=False)

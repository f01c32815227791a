"""Webhooks of a gateway: their file, what is done with them, and the work behind it."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from core.errors import StoreError
from core.store.store import Store
from core.view import Views
from gateway.settings import WebhookSettings
from gateway.sqlite import Database, database
from gateway.webhooks import log as deliveries
from gateway.webhooks.following import Projector
from gateway.webhooks.managing import Webhooks, extra_is_there
from gateway.webhooks.schedule import Policy
from gateway.webhooks.tables import STEPS
from gateway.webhooks.targets import Allowed
from gateway.webhooks.vault import Vault

if TYPE_CHECKING:
    from gateway.webhooks.sending import Sender

FILE: Final = "webhooks.db"
SWEEP_SECONDS: Final = 60.0
FINISH_SECONDS: Final = 3.0
"""At the end, what is under way gets so long to be taken and noted; it would be sent again."""

SWEPT_MAX: Final = 1000
"""Deliveries that are removed or given up in one transaction."""

DAY_MS: Final = 86_400_000

log = structlog.get_logger()


class WebhookService:
    """`managing` is what the API works with; `run` does the work. `key`: of the installation, for
    this purpose.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        views: Views,
        key: bytes,
        settings: WebhookSettings,
        now: Callable[[], datetime],
    ) -> None:
        self._database, self._store, self._views = database, store, views
        self._settings, self._now = settings, now
        self._vault = Vault(key)
        self._allowed = Allowed(settings.allow_hosts, http=settings.allow_http)
        self._sender: Sender | None = None
        self.managing = Webhooks(
            database, self._vault, self._allowed, store.live.last_id, self._now_ms, self.tell
        )

    async def run(self) -> None:
        """Queue and send, until cancelled; one process of an installation does."""
        if not extra_is_there():
            return
        from gateway.webhooks.sending import Sender, Sending

        settings = self._settings
        self._sender = sender = Sender(
            Sending(
                database=self._database,
                views=self._views,
                vault=self._vault,
                allowed=self._allowed,
                policy=Policy(
                    give_up_seconds=settings.give_up_days * 86_400,
                    disable_seconds=settings.disable_days * 86_400,
                ),
                timeout_seconds=settings.timeout_seconds,
                at_once_max=settings.at_once_max,
                now_ms=self._now_ms,
            )
        )
        projector = Projector(self._database, self._store, self._views, self._now_ms, self.tell)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(projector.run(), name="webhooks: what happens")
            tasks.create_task(self._sweep(), name="webhooks: the log")
            sending = tasks.create_task(sender.run(), name="webhooks: sending")
            try:
                await asyncio.wait([sending])
            except asyncio.CancelledError:
                sender.finish()
                await asyncio.wait([sending], timeout=FINISH_SECONDS)
                raise

    def tell(self, touched: Iterable[str] = ()) -> None:
        """These endpoints have something to do; without any: something has changed."""
        if self._sender:
            self._sender.tell(touched)

    def _now_ms(self) -> int:
        return round(self._now().timestamp() * 1000)

    async def _sweep(self) -> None:
        """Keep the log as long as it is to be kept, and no longer."""
        while True:
            try:
                while await self._sweep_once():
                    pass
            except StoreError as error:
                log.warning("the log of webhooks is not shortened for now", reason=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def _sweep_once(self) -> bool:
        """Whether there is more to do."""
        now_ms = self._now_ms()
        before = now_ms - round(self._settings.keep_days * DAY_MS)
        write = self._database.write
        expired = await write(lambda db: deliveries.expire(db, before, now_ms, SWEPT_MAX))
        waiting_max = self._settings.waiting_max
        curbed = await write(lambda db: deliveries.curb(db, waiting_max, now_ms, SWEPT_MAX))
        for webhook, count in (*expired.items(), *curbed.items()):
            log.error("webhooks were given up that had not arrived", webhook=webhook, count=count)
        removed = await write(lambda db: deliveries.forget(db, before, SWEPT_MAX))
        counts = (sum(expired.values()), *curbed.values(), removed)
        return any(count >= SWEPT_MAX for count in counts)


def webhooks_file(data_dir: Path) -> AbstractAsyncContextManager[Database]:
    """Where webhooks are kept. Raises ConfigurationError, StoreError."""
    return database(data_dir / FILE, STEPS)

"""What a process does for the others of its installation, for the inboxes that it runs."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

import msgspec
import structlog

from core.errors import NotFound, StoreError, TemporaryDeliveryError
from core.fetch import Fetcher
from core.model.ids import LegId, ThreadRef
from core.ports import Adapter, MarksRead, OpensThreads, ShowsTyping
from core.rules.attachments import find
from core.store.store import Store
from gateway.desk import InboxHealth
from gateway.elsewhere import (
    KNOWN_SECONDS,
    TELL_SECONDS,
    Answer,
    Errand,
    Fetches,
    Opens,
    Reads,
    Told,
    Types,
    failed,
    told_of,
)
from gateway.locks import until

LOOK_SECONDS: Final = 0.5
"""How soon a change of state is told."""

RETRY_SECONDS: Final = 1.0
SIGN_SECONDS: Final = 5.0

_errand = msgspec.msgpack.Decoder(Errand)
_pack = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder().encode
log = structlog.get_logger()


class Serving:
    """`adapters` are those that run in this process; `inboxes` says how the inboxes are that it
    runs, which may become more: it stands by for others.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        fetcher: Fetcher,
        inboxes: Callable[[], tuple[InboxHealth, ...]],
    ) -> None:
        self._store, self._adapters, self._fetcher = store, adapters, fetcher
        self._inboxes = inboxes

    async def tell(self) -> None:
        """Tell how the inboxes are, until cancelled: at once what changed, the rest in time."""
        clock = asyncio.get_running_loop().time
        told: dict[str, tuple[Told, float]] = {}
        while True:
            for health in self._inboxes():
                account = health.account
                now = told_of(health, self._adapters.get(account))
                before, at = told.get(account, (None, 0.0))
                if now != before or clock() - at >= TELL_SECONDS:
                    try:
                        await self._store.announced.tell(account, _pack(now), KNOWN_SECONDS)
                    except StoreError:
                        break  # it is told again in a moment; others say that the store is away
                    told[account] = now, clock()
            await asyncio.sleep(LOOK_SECONDS)

    async def errands(self, account: str) -> None:
        """Do what other processes ask of an inbox, once it is run here, until cancelled."""
        await until(lambda: self._runs(account), every_seconds=LOOK_SECONDS)
        while True:
            try:
                await self._store.errands.serve((account,), self._act)
            except* StoreError as group:
                log.info("errands wait for the store", reason=str(group.exceptions[0]))
            await asyncio.sleep(RETRY_SECONDS)

    def _runs(self, account: str) -> bool:
        return any(one.account == account for one in self._inboxes())

    async def _act(self, account: str, packed: bytes) -> bytes:
        try:
            return _pack(Answer(text=await self._done(account, _errand.decode(packed))))
        except Exception as error:  # noqa: BLE001 - whoever asked is told what it was
            return _pack(failed(error))

    async def _done(self, account: str, errand: Errand) -> str:
        adapter = self._adapters.get(account)
        if adapter is None:
            raise TemporaryDeliveryError(f"inbox {account} is not running: try again later")
        async with asyncio.timeout(None if isinstance(errand, Fetches) else SIGN_SECONDS * 4):
            match errand:
                case Types(thread) if isinstance(adapter, ShowsTyping):
                    await adapter.show_typing(ThreadRef.parse(thread))
                case Reads(thread, remote) if isinstance(adapter, MarksRead):
                    await adapter.mark_read(ThreadRef.parse(thread), remote)
                case Opens(remote, name) if isinstance(adapter, OpensThreads):
                    return _json(await adapter.open_thread(remote, name)).decode()
                case Fetches(leg, position, attachment):
                    await self._fetch(account, LegId(leg), position, attachment)
                case _:
                    raise NotFound(f"inbox {account} cannot do that")
        return ""

    async def _fetch(self, account: str, leg: LegId, position: int, attachment: str) -> None:
        wanted = find(await self._store.legs.message(leg, position), attachment)
        if wanted is None:
            raise NotFound(f"attachment {attachment} is no longer part of its message")
        await self._fetcher.have(account, leg, position, wanted)

"""From a platform's reference to bytes that are here: attachments, beside the lanes of messages.

A message that brings attachments is filed at once and stands in its thread's fetch lane as well.
Whoever holds that lane fetches them into the blob store and writes down what became of each. The
same way is gone at once when somebody asks for one that is not here yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple
from weakref import WeakValueDictionary

import msgspec
import structlog
from msgspec.structs import replace

from core.deliver import Pauses
from core.errors import (
    AuthenticationError,
    DeliveryError,
    InvalidRequest,
    NotFound,
    Refused,
    TemporaryDeliveryError,
)
from core.keeping import keep
from core.model.content import Attachment, AttachmentState
from core.model.ids import LegId
from core.ports import Adapter, Blobs, FetchesAttachments
from core.rules.attachments import (
    WAITS_SECONDS,
    after_failure,
    attachments_of,
    find,
    is_wanted,
    with_attachment,
)
from core.rules.delivery import back_off
from core.store.lanes import Lease
from core.store.outbox import Ticket, ticket
from core.store.store import Store

log = structlog.get_logger()

STEP_SECONDS: Final = 2.0
"""What a step besides a download may take; a lease that ends sooner is renewed first."""

AT_ONCE_MAX: Final = 4
"""Attachments that are fetched at a time because somebody asks for them."""


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Of one attachment: its size, and how long a download may last."""

    size_bytes_max: int = 25 * 1024 * 1024
    seconds: float = 300.0
    pause_seconds: float = 30.0
    """How long a lane waits whose account's credentials were refused."""


Elsewhere = Callable[[str, LegId, int, str], Awaitable[None]]
"""Have an attachment (account, leg, position, its id) fetched by the process that runs its inbox.
Raises DeliveryError, Refused.
"""


class _Wait(NamedTuple):
    """Seconds until a lane is looked at again; with `all` nothing else of it is tried before."""

    all: bool = False
    seconds: float = 0.0

    def and_for(self, other: "_Wait") -> "_Wait":
        """The wait of both: until the first of them is tried again, unless one is for all."""
        if self.all or other.all:
            return self if self.all else other
        return _Wait(seconds=min(filter(None, (self.seconds, other.seconds)), default=0.0))


class Fetcher:
    """One a process. `adapters` are those that run in this process, by account; `elsewhere` asks
    those that do not.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        blobs: Blobs,
        bounds: Bounds,
        pause: Pauses,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._store, self._adapters, self._blobs = store, adapters, blobs
        self._bounds, self._pause, self._elsewhere = bounds, pause, elsewhere
        self._under_way: WeakValueDictionary[tuple[str, int, str], asyncio.Lock] = (
            WeakValueDictionary()
        )
        self._asked = asyncio.Semaphore(AT_ONCE_MAX)

    async def have(self, account: str, leg: LegId, position: int, wanted: Attachment) -> Attachment:
        """The attachment of the message at this position with its bytes stored, at once if need be.

        Raises NotFound (expired), InvalidRequest (too large), DeliveryError.
        """
        if wanted.sha256:
            return wanted
        if wanted.state is AttachmentState.EXPIRED:
            raise NotFound(f"{wanted.reason}: ask the customer to send it once more")
        if wanted.state is AttachmentState.FAILED:
            raise InvalidRequest(f"{wanted.reason}: ask the customer to send it another way")
        async with self._asked:
            if self._elsewhere and account not in self._adapters:
                await self._elsewhere(account, leg, position, wanted.id)
            return await self._stored(account, Ticket(0, position, leg), wanted)

    async def work(self, lease: Lease | None) -> None:
        """Fetch what the first messages that wait in this lane lack; then it is others' turn.

        Raises Stale, StoreError.
        """
        if lease and lease.account in self._adapters:  # else its inbox is paused or elsewhere
            lease = await self._entries(lease)
        if lease:
            await self._store.lanes.postpone(lease, 0)

    async def _entries(self, lease: Lease) -> Lease | None:
        """What has to wait keeps its place; what stands behind it is fetched all the same."""
        lanes, done, wait = self._store.lanes, 0, _Wait()
        for one in map(ticket, lease.entries):
            lease, found = await self._message(lease, one)
            wait = wait.and_for(found)
            if not wait.seconds:
                done = one.seq
            if wait.all:
                break
        rest = await lanes.done(lease, done) if done else lease
        if rest and wait.seconds:
            await lanes.postpone(rest, wait.seconds)
            return None
        return rest

    async def _message(self, lease: Lease, one: Ticket) -> tuple[Lease, _Wait]:
        """Fetch what one message lacks, each attachment whatever becomes of the others."""
        message, wait = await self._store.legs.message(one.leg, one.position), _Wait()
        for wanted in attachments_of(message.parts) if message else ():
            if is_wanted(wanted) and not wait.all:
                lease, found = await self._attachment(lease, one, wanted)
                wait = wait.and_for(found)
        return lease, wait

    async def _attachment(
        self, lease: Lease, one: Ticket, wanted: Attachment
    ) -> tuple[Lease, _Wait]:
        lease = await self._store.lanes.current(lease, STEP_SECONDS)
        error: DeliveryError | Refused | None = None
        with self._store.keeper.keeping(lease) as kept:
            try:
                await self._stored(lease.account, one, wanted)
            except (DeliveryError, Refused) as failure:
                error = failure
        lease = await kept.lease()
        match error:
            case None:
                return lease, _Wait()
            case AuthenticationError():
                self._pause(lease.account, error)
                return lease, _Wait(all=True, seconds=self._bounds.pause_seconds)
            case _:
                return lease, await self._failed(lease, one, wanted, error)

    async def _failed(
        self, lease: Lease, one: Ticket, wanted: Attachment, error: DeliveryError | Refused
    ) -> _Wait:
        """Write down what went wrong; a pause that the platform asks for is for all of the lane."""
        now = after_failure(wanted, error)
        await self._note(one, now, lease)
        if now.state is not AttachmentState.FETCHING:
            log.info("attachment not fetched", account=lease.account, id=now.id, state=now.state)
            return _Wait()
        asked = error.retry_after_seconds if isinstance(error, TemporaryDeliveryError) else None
        seconds = back_off(now.attempts, asked, WAITS_SECONDS)
        return _Wait(all=asked is not None, seconds=seconds)

    async def _stored(self, account: str, one: Ticket, wanted: Attachment) -> Attachment:
        """Fetch an attachment and write down that it is here: however many ask, once at a time."""
        key = one.leg, one.position, wanted.id
        lock = self._under_way.setdefault(key, asyncio.Lock())
        async with lock:
            now = find(await self._store.legs.message(one.leg, one.position), wanted.id)
            if now is None:
                raise NotFound(f"attachment {wanted.id} is no longer part of its message")
            if now.sha256:
                return now
            stored = await self._fetched(account, now)
            await self._note(one, stored, None)
            return stored

    async def _note(self, one: Ticket, now: Attachment, lease: Lease | None) -> None:
        """Write down what is known of an attachment, whatever else its message goes through."""
        while before := await self._store.legs.message(one.leg, one.position):
            after = with_attachment(before, now)
            if after is None:
                return
            if await self._store.fetches.note(one.leg, one.position, before, after, lease):
                return

    async def _fetched(self, account: str, wanted: Attachment) -> Attachment:
        """The bytes of one attachment, in the blob store. Raises DeliveryError, Refused."""
        bounds, adapter = self._bounds, self._adapters.get(account)
        if adapter is None:
            raise TemporaryDeliveryError(f"inbox {account} is not running: try again later")
        if not isinstance(adapter, FetchesAttachments) or not wanted.remote:
            raise NotFound(f"attachment {wanted.id} is not stored and cannot be fetched")
        if (wanted.size_bytes or 0) > bounds.size_bytes_max:
            raise InvalidRequest(
                f"attachment {wanted.id} has {wanted.size_bytes} bytes, more than the"
                f" {bounds.size_bytes_max} that limits.attachment_size_bytes_max allows"
            )
        try:
            async with asyncio.timeout(bounds.seconds):
                kept = await keep(self._blobs, adapter.fetch(wanted), bounds.size_bytes_max)
        except (DeliveryError, Refused):
            raise
        except TimeoutError as error:
            raise TemporaryDeliveryError(
                f"attachment {wanted.id} did not come within {bounds.seconds:.0f} s"
            ) from error
        except Exception as error:  # of the adapter or of the disk: it must not be tried for ever
            log.exception("an attachment could not be fetched", account=account, id=wanted.id)
            raise TemporaryDeliveryError(
                f"attachment {wanted.id} could not be stored ({type(error).__name__}): the log of"
                " the gateway says more"
            ) from error
        return replace(
            wanted,
            state=AttachmentState.STORED,
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            media_type=kept.media_type,
            reason="",
        )

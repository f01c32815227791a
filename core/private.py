"""A person's private thread: the one that goes on, or one that is opened from our side."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Protocol

import structlog

from core.errors import DeliveryError, InvalidRequest, TemporaryDeliveryError
from core.model.conversation import Leg, Status
from core.model.event import Actor, ActorKind, Inbound, Opened
from core.model.ids import EventId, IdentityId, ThreadRef
from core.model.people import Identity
from core.ports import Adapter, OpenedThread, OpensThreads
from core.rules.routing import goes_on
from core.store.store import Store

log = structlog.get_logger()

OPEN_SECONDS: Final = 20.0
"""How long a platform may take to open a thread."""

LOOK_SECONDS: Final = 0.05
LOOKS_MAX: Final = 100
"""At a thread whose lane another worker holds, after a worker that was lost would have lost it."""


class Carrier(Protocol):
    """The dispatcher, which needs what is below as well."""

    async def carry(self, event: Inbound) -> None: ...
    async def catch_up(self, thread: ThreadRef) -> None: ...


class PrivateThreads:
    """`adapters` are those that run in this process, by account."""

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        carrier: Callable[[], Carrier],
        new_id: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:
        self._store, self._adapters, self._carrier = store, adapters, carrier
        self._new_id, self._now = new_id, now

    async def current(self, person: IdentityId) -> Leg | None:
        """The private leg that goes on and on which something happened last."""
        heads = await self._store.legs.heads(await self._store.people.legs_of(person))
        theirs = [one for one in heads if one and _goes_on(one)]
        return max(theirs, key=lambda one: (one.touched_at, one.id), default=None)

    async def leg_of(self, person: IdentityId, why: str, *, idle: bool) -> Leg:
        """The same, begun if there is none. `why` is for agents; `idle`: nothing waits there for
        them.

        Raises NotFound, InvalidRequest where the channel cannot open one, DeliveryError where the
        platform or the person does not let us, StoreError.
        """
        return await self.current(person) or await self._begin(person, why, idle=idle)

    async def _begin(self, person: IdentityId, why: str, *, idle: bool) -> Leg:
        identity = await self._store.people.identity(person)
        opened = await self.open(identity.account, identity.channel, identity.remote)
        return await self.begin(opened, identity, Opened(text=why, idle=idle))

    async def begin(
        self, opened: OpenedThread, identity: Identity | None, body: Opened, title: str = ""
    ) -> Leg:
        """The leg to which an open private thread goes, begun if none goes on there; it is called
        `title` then. `identity`: its person, as far as they are known. Raises DeliveryError,
        StoreError.
        """
        thread = opened.thread
        if leg := await self._bound(thread):
            return leg
        await self._carrier().carry(self._opened(opened, identity, body, title))
        for _ in range(int(self._store.lanes.lease_ms / 1000 / LOOK_SECONDS) + LOOKS_MAX):
            if leg := await self._bound(thread):
                return leg
            await asyncio.sleep(LOOK_SECONDS)  # another worker holds the thread's lane
        raise TemporaryDeliveryError(
            "the private thread is open, but what came there before is still being"
            " carried to its conversation: try again"
        )

    async def _bound(self, thread: ThreadRef) -> Leg | None:
        """The leg to which the thread goes, once what waits there is carried to it."""
        await self._carrier().catch_up(thread)
        bound = await self._store.threads.bound(thread, "")
        return await self._store.legs.head(bound.leg) if bound and goes_on(bound) else None

    async def open(self, account: str, channel: str, remote: str, name: str = "") -> OpenedThread:
        """Have a thread with this person on an inbox; `name` as in the port OpensThreads. Raises
        InvalidRequest where the channel cannot open one, DeliveryError.
        """
        adapter = self._adapters.get(account)
        if adapter is None:
            raise TemporaryDeliveryError(f"inbox {account} is not running: try later")
        if not isinstance(adapter, OpensThreads):
            raise InvalidRequest(
                f"on {channel} nobody can be written to first: a conversation begins when the"
                f" person does: ask them to write to us in private on {account}"
            )
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                return await adapter.open_thread(remote, name)
        except DeliveryError:
            raise
        except TimeoutError as error:
            raise TemporaryDeliveryError(
                f"inbox {account} opened no private thread within {OPEN_SECONDS:.0f} s"
            ) from error
        except Exception as error:  # of the adapter: whoever asks is told
            log.exception("a private thread could not be opened", account=account)
            raise TemporaryDeliveryError(
                f"inbox {account} could open no private thread ({type(error).__name__}): the log of"
                " the gateway says more"
            ) from error

    def _opened(
        self, opened: OpenedThread, identity: Identity | None, body: Opened, title: str
    ) -> Inbound:
        event_id, now = self._new_id(), self._now()
        return Inbound(
            id=EventId(event_id),
            thread=opened.thread,
            dedup=f"opened {event_id}",
            actor=Actor(kind=ActorKind.OURSELVES, remote=""),
            customer=Actor(
                kind=ActorKind.CUSTOMER,
                remote=opened.remote,
                name=identity.name if identity else "",
                handle=identity.handle if identity else "",
                language=identity.language if identity else "",
            ),
            title=title,
            exchange=opened.exchange,
            body=body,
            occurred_at=now,
            received_at=now,
        )


def _goes_on(leg: Leg) -> bool:
    """Whether agents may write there, and the customer's answer comes there too."""
    return leg.status is not Status.CLOSED and not leg.sealed and not leg.doubted

"""A process as it is in an installation: it accepts, answers and sends; the platform is a no-op.

Everything is the product's own but the platform, which takes each message at once.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle
from typing import Final

from typing_extensions import override

from bench.engine.traffic import SENTENCES, Customers, NoOp
from core.blocking import Blocking
from core.burying import BurialLimits, Burials
from core.deliver import Deliverer, Limits
from core.dispatch import Dispatcher
from core.door import Door
from core.errors import AuthenticationError
from core.fetch import Bounds, Fetcher
from core.floods import Floods
from core.ids import new_ulid
from core.joins import Joins
from core.model.content import Text
from core.model.conversation import Conversation
from core.model.flooding import Allowance, Flooding
from core.model.ids import MessageId
from core.model.message import Sender, SenderKind
from core.model.wording import Wording
from core.reply import Agents, Draft
from core.store.lanes import Lease
from core.store.store import Store, StoreSettings, open_store
from core.telling import Telling
from core.view import Views
from gateway.garbage import settled
from gateway.workers import HandOver, Workers
from tests.rigs.platform import MemoryBlobs

ACCOUNT: Final = "bot"
UNATTENDED: Final = "away"
"""An account whose lanes no worker empties."""
AGENT: Final = Sender(kind=SenderKind.AGENT, id="agent:bench")
AT_ONCE: Final = 256
"""Threads begun at the same time."""
ANY: Final = Flooding(
    allowance=Allowance(per_minute_max=1_000_000_000, burst_max=1_000_000), wording=Wording()
)
"""Counted, but never too much."""


class Receipts(Deliverer):
    """Tells who waits for it that what was handed over has been sent, and its receipt stored."""

    waiting: dict[str, asyncio.Future[None]]

    @override
    async def deliver(self, lease: Lease | None) -> None:
        await super().deliver(lease)
        if lease and (one := self.waiting.pop(lease.key, None)):
            one.set_result(None)


class Line:
    """Numbered threads, each with its customer. `prepare` them before messages are measured."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._customers, self._sentences = Customers(), cycle(SENTENCES)
        self._conversations: dict[int, Conversation] = {}
        self._views, self._hand_over = Views(store), HandOver()
        self._direct: dict[str, Lease] = {}
        telling = Telling(store, _now, self._note)
        door = Door(
            Blocking(store, self._views, _now), Floods(store, telling, {ACCOUNT: ANY}, _now)
        )
        self._dispatcher = Dispatcher(store, new_ulid, self._note, door=door)
        self._queueing = Dispatcher(store, new_ulid, None, door=door)
        adapters = {ACCOUNT: NoOp()}
        self._deliverer = Receipts(store, adapters, Limits(), _pause)
        self._deliverer.waiting = {}
        self._agents = Agents(store, self._views, _now, self._note)
        self._handing = Agents(store, self._views, _now, self._hand_over)
        self.workers = Workers(
            store,
            self._hand_over,
            self._dispatcher,
            self._deliverer,
            Fetcher(store, adapters, MemoryBlobs(), Bounds(), _pause),
            Joins(store, _now),
            Burials(store, BurialLimits()),
            (ACCOUNT,),
            lambda _: True,
            0.25,
            1,
        )

    def _note(self, lease: Lease) -> None:
        self._direct[lease.key] = lease

    async def prepare(self, threads: int, first: int = 0) -> None:
        """Every thread has its leg, so that messages take the home path."""
        for begin in range(first, first + threads, AT_ONCE):
            end = min(begin + AT_ONCE, first + threads)
            await asyncio.gather(*(self._begin(n) for n in range(begin, end)))

    async def _begin(self, n: int) -> None:
        where = self._customers.chat(n)
        await self.accept(n)
        await self._dispatcher.dispatch(self._direct.pop(str(where)))

    async def look_at(self, threads: int) -> None:
        """So that no reply has to look first."""
        for first in range(0, threads, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, threads))
            await asyncio.gather(*(self.conversation(n) for n in numbers))

    def foresee(self, callers: int, messages: float) -> None:
        """Make what customers will write in the next turn, if it is not more than so much. What is
        said beyond is made then, and counts as ours.
        """
        each = int(messages / callers) + 1
        for account in (ACCOUNT, UNATTENDED):
            self._customers.foresee(callers, each, account)

    async def conversation(self, n: int) -> Conversation:
        """As the agent who answers has it before their eyes."""
        if n not in self._conversations:
            bound = await self.store.threads.bound(self._customers.chat(n), "")
            if bound is None:
                raise RuntimeError(f"thread {n} was not dispatched")
            self._conversations[n] = await self._views.conversation(bound.leg)
        return self._conversations[n]

    async def queue(self, n: int) -> None:
        """Durable in a lane that nobody empties."""
        await self._queueing.accept(self._customers.says(n, UNATTENDED))

    async def accept(self, n: int) -> None:
        """Visible in the conversation's log when this returns."""
        await self._dispatcher.accept(self._customers.says(n))

    async def round_trip(self, n: int) -> None:
        """A message in, an agent's reply, and the reply out with its receipt."""
        await self.accept(n)
        conversation = self._conversations.get(n) or await self.conversation(n)
        await self._agents.reply(conversation, AGENT, self._draft(conversation))
        await self._deliverer.deliver(self._direct.pop(str(conversation.legs[0].thread)))

    async def by_workers(self, n: int) -> None:
        """The same by the hand-over to the workers, which also relay what happens to live feeds."""
        await self.accept(n)
        conversation = self._conversations.get(n) or await self.conversation(n)
        key = str(conversation.legs[0].thread)
        receipt = asyncio.get_running_loop().create_future()
        self._deliverer.waiting[key] = receipt
        await self._handing.reply(conversation, AGENT, self._draft(conversation))
        await receipt

    def _draft(self, conversation: Conversation) -> Draft:
        parts = (Text(text=next(self._sentences)),)
        return Draft(id=MessageId(new_ulid()), parts=parts, leg=conversation.legs[0].id)


def _pause(account: str, error: AuthenticationError) -> None:
    raise error


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def line(url: str, threads: int) -> AsyncIterator[Line]:
    """On a server of its own, with so many threads begun and its workers at work."""
    async with open_store(StoreSettings(url=url)) as store:
        one = Line(store)
        await one.prepare(threads)
        working = asyncio.create_task(one.workers.run())
        settled()
        try:
            yield one
        finally:
            working.cancel()
            await asyncio.wait({working})

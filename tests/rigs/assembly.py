"""The assembled core over a real store, with the work done when the test says so."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from core.acknowledging import Acknowledging
from core.blocking import Blocking
from core.burying import BurialLimits, Burials
from core.continuing import Continuing
from core.deliver import Deliverer, Limits
from core.dispatch import Dispatcher, HandsOver
from core.door import Door
from core.errors import AuthenticationError
from core.fetch import Bounds, Fetcher
from core.floods import Floods
from core.front_desk import AccountFrontDesk
from core.gaps import Gaps
from core.ids import new_ulid
from core.joins import Joins
from core.linking import LinkCodes
from core.model.acknowledgement import Acknowledgement
from core.model.content import Text
from core.model.conversation import Conversation, Entry, Leg
from core.model.flooding import Flooding
from core.model.ids import LegId, MessageId, ThreadRef
from core.model.message import Audience, Sender, SenderKind
from core.ports import Adapter
from core.private import PrivateThreads
from core.reply import Agents, Draft
from core.starting import Starting
from core.store.connection import connect
from core.store.lanes import TASKS, Lease
from core.store.shelf import Shelf
from core.store.store import Store, StoreSettings, open_store
from core.telling import Telling
from core.triage import Triage
from core.view import Views
from core.waking import Waking
from tests.rigs.platform import MemoryBlobs

AGENT = Sender(kind=SenderKind.AGENT, id="agent:robin", name="Robin")


def rising_ids() -> Callable[[], str]:
    """Ids in the order of their making, which ULIDs of one millisecond are not."""
    count = 0

    def new_id() -> str:
        nonlocal count
        count += 1
        return f"{count:026d}"

    return new_id


class Assembly:
    """What one process consists of. `handed` are the lanes that it was handed over, unless
    `hand_over` takes them; False: all work goes by the lanes. `monotonic` is what its floods take
    for the time.
    """

    def __init__(
        self,
        store: Store,
        adapters: Mapping[str, Adapter],
        *,
        hand_over: bool | HandsOver = True,
        new_id: Callable[[], str] = new_ulid,
        acknowledge: Mapping[str, Acknowledgement] | None = None,
        floods: Mapping[str, Flooding] | None = None,
    ) -> None:
        self.store, self.adapters, self.new_id = store, adapters, new_id
        self.handed: deque[Lease] = deque()
        self.paused: list[str] = []
        hand = self._hand_over if hand_over is True else hand_over or None
        telling = Telling(store, self._now, hand)
        self.views, self.joins = Views(store), Joins(store, self._now)
        private = PrivateThreads(store, adapters, lambda: self.dispatcher, new_id, self._now)
        self.codes = LinkCodes(store, self.joins, private, telling, self._now)
        self.continuing = Continuing(store, self.views, private, self._now)
        answering = Acknowledging(store, acknowledge or {}, telling)
        self.monotonic = 1000.0
        self.blocking = Blocking(store, self.views, self._now)
        self.floods = Floods(store, telling, floods or {}, self._now, lambda: self.monotonic)
        door = Door(self.blocking, self.floods)
        self.dispatcher = Dispatcher(store, new_id, hand, answering, self.codes, door)
        self.deliverer = Deliverer(store, adapters, Limits(), self._pause)
        self.blobs = MemoryBlobs()
        self.fetcher = Fetcher(store, adapters, self.blobs, Bounds(), self._pause)
        self.agents = Agents(store, self.views, self._now, hand)
        self.triage, self.waking = Triage(store, self._now), Waking(store, self._now)
        kinds = {"bot": "telegram", "mail": "email"}
        self.starting = Starting(store, self.views, private, self.agents, kinds)
        self.gaps = Gaps(store, self._now)
        self.burials = Burials(store, BurialLimits())

    def _hand_over(self, lease: Lease) -> None:
        self.handed.append(lease)

    def desk_of(self, channel: str, account: str) -> AccountFrontDesk:
        return AccountFrontDesk(self.store, self.views, self.codes, channel, account)

    def _pause(self, account: str, error: AuthenticationError) -> None:
        self.paused.append(account)

    def _now(self) -> datetime:
        return datetime.now(UTC)

    # --- working

    async def settle(self) -> None:
        """Do everything that waits, handed over or not, until nothing is due."""
        while True:
            while self.handed:
                await self.work(self.handed.popleft())
            leases = await self.take_due()
            for lease in leases:
                await self.work(lease)
            if not leases and not self.handed:
                return

    async def take_due(self) -> list[Lease]:
        """Lease every lane that is due, as a worker that polls does."""
        lanes = self.store.lanes
        sets = [(account, kind) for account in self.adapters for kind in ("in", "out", "fetch")]
        answers = await asyncio.gather(
            *(
                lanes.due(partition, (*sets, (TASKS, "task")), 256)
                for partition in range(self.store.keys.partitions)
            )
        )
        taken = await asyncio.gather(*(lanes.take(*lane) for found, _ in answers for lane in found))
        return [lease for lease in taken if lease]

    async def work(self, lease: Lease) -> None:
        match lease.kind:
            case "in":
                await self.dispatcher.dispatch(lease)
            case "out":
                await self.deliverer.deliver(lease)
            case "fetch":
                await self.fetcher.work(lease)
            case _:
                await self.joins.work(lease)

    # --- looking

    async def leg_of(self, thread: ThreadRef, author: str = "") -> LegId:
        """The leg that the thread goes to now."""
        bound = await self.store.threads.bound(thread, author)
        assert bound is not None, f"{thread} goes to no leg"
        return bound.leg

    async def conversation_of(self, thread: ThreadRef, author: str = "") -> Conversation:
        return await self.views.conversation(await self.leg_of(thread, author))

    async def log(self, leg: LegId) -> list[Entry]:
        head: Leg = await self.store.legs.head(leg)
        return await self.store.legs.entries(leg, head.length + 1, head.length)

    async def texts(self, leg: LegId) -> list[str]:
        return [text_in(entry) for entry in await self.log(leg)]

    # --- answering

    async def reply(
        self,
        conversation: Conversation,
        text: str,
        *,
        leg: LegId | None = None,
        audience: Audience = Audience.PRIVATE,
        reply_id: str = "",
    ) -> Entry:
        draft = Draft(
            id=MessageId(reply_id or self.new_id()),
            parts=(Text(text=text),),
            leg=leg,
            audience=audience,
        )
        return await self.agents.reply(conversation, AGENT, draft)


def text_in(entry: Entry) -> str:
    """The words of an entry; of one that has none, its part's kind."""
    return " ".join(
        part.text if isinstance(part, Text) else f"[{part.__struct_config__.tag}]"
        for part in entry.message.parts
    )


async def make_due(store: Store) -> None:
    """All waiting ends now: leases run out, what was postponed is due.

    The server's next millisecond has begun when this returns, as if the waiting had been real.
    """
    began = await store.redis.time()
    async for key in store.redis.scan_iter("*ready:*"):
        for lane in await store.redis.zrange(key, 0, -1):
            assert isinstance(lane, bytes)
            await store.redis.zadd(key, {lane: 1}, xx=True)
    while _milliseconds(await store.redis.time()) <= _milliseconds(began):
        pass


def _milliseconds(clock: tuple[int, int]) -> int:
    return clock[0] * 1000 + clock[1] // 1000


@asynccontextmanager
async def fresh_store(
    url: str, shelf: Shelf | None = None, **settings: Any
) -> AsyncIterator[Store]:
    """An empty installation, whatever was on the server before. `settings`: of StoreSettings."""
    redis = connect(url)
    await redis.flushall()
    await redis.aclose()
    async with open_store(StoreSettings(url=url, **settings), shelf) as store:
        yield store

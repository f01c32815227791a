"""Customers and agents at the core's own doors, 32 at once, over a store that may die any time."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from core.errors import Conflict, StoreError
from core.model.content import Text
from core.model.conversation import Status
from core.model.event import Inbound
from core.model.ids import LegId, MessageId, ThreadRef
from core.model.message import DeliveryState
from core.reply import Draft
from core.store.store import Store, StoreSettings, open_store
from gateway.workers import HandOver, Workers
from tests.crash.judge import everything, finish, in_thread
from tests.rigs.assembly import AGENT, Assembly, text_in
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter

CUSTOMERS: Final = 24
AGENTS: Final = 8
PAUSE_SECONDS: Final = 0.01
CLOSE_EVERY: Final = 20
POLL_SECONDS: Final = 0.1
DRAIN_SECONDS: Final = 5.0
ACCOUNT: Final = "bot"


class Reply(msgspec.Struct, frozen=True):
    """What an agent wants sent, and says again until it is taken."""

    id: MessageId
    leg: LegId


class Writers:
    """They write while `busy` is open. What was acknowledged is known, and so is what was not."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self._platform = MemoryAdapter()
        self._threads = [
            thread(f"customer {number}", account=ACCOUNT) for number in range(CUSTOMERS)
        ]
        self._said: defaultdict[ThreadRef, list[Inbound]] = defaultdict(list)
        """What each customer has said; all but the last one are acknowledged."""
        self._unacknowledged: set[ThreadRef] = set()
        self._replies: list[Reply] = []
        self._untaken: set[Reply] = set()

    @property
    def told(self) -> str:
        said = sum(map(len, self._said.values()))
        return f"{said} said, {len(self._replies)} replies, {len(self._platform.sent)} sent"

    @asynccontextmanager
    async def busy(self, settings: StoreSettings) -> AsyncIterator[None]:
        """A gateway's workers and all writers over one connection to the store."""
        async with open_store(settings) as store:
            hand_over = HandOver()
            desk = Assembly(store, {ACCOUNT: self._platform}, hand_over=hand_over)
            workers = Workers(
                store,
                hand_over,
                desk.dispatcher,
                desk.deliverer,
                desk.fetcher,
                desk.joins,
                desk.burials,
                (ACCOUNT,),
                lambda _: True,
                POLL_SECONDS,
                1,
            )
            async with asyncio.TaskGroup() as tasks:
                customers = [self._customer(desk, where) for where in self._threads]
                agents = [self._agent(desk) for _ in range(AGENTS)]
                going = [tasks.create_task(one) for one in (*customers, *agents, workers.run())]
                yield
                for task in going:
                    task.cancel()
            await workers.drain(DRAIN_SECONDS)

    async def check_acknowledged(self, store: Store) -> None:
        """Each acknowledged message was claimed, each reply that was taken is on its leg."""
        for where, events in self._said.items():
            known = events[:-1] if where in self._unacknowledged else events
            claimed: set[bytes] = set()
            for key in store.keys.seen(str(where)):
                claimed |= set(await store.read.one("HKEYS", key))
            assert {event.dedup.encode() for event in known} <= claimed
        for reply in self._replies:
            if reply not in self._untaken:
                assert await store.legs.position_of(reply.leg, reply.id)

    async def finish(self, store: Store) -> None:
        """Everybody says everything once more; then all work is done."""
        desk = Assembly(store, {ACCOUNT: self._platform})
        for events in self._said.values():
            for event in events:
                await desk.dispatcher.accept(event)
        for reply in self._replies:
            try:
                await self._say(desk, reply)
            except Conflict:  # its leg was closed before it was taken
                assert reply in self._untaken
                self._replies = [one for one in self._replies if one != reply]
        await finish(desk)

    async def check_everything(self, store: Store) -> None:
        legs, logs = await everything(Assembly(store, {ACCOUNT: self._platform}))
        for where in self._threads:
            said = [event.dedup for event in self._said[where]]
            assert in_thread(where, legs, logs) == said, "each once and in order"
        replies = [entry for log in logs.values() for entry in log if entry.delivery]
        assert Counter(text_in(entry) for entry in replies) == Counter(
            one.id for one in self._replies
        )
        print(Counter(str(entry.delivery.state) for entry in replies if entry.delivery))
        arrived = Counter(self._platform.texts())
        for entry in replies:
            times = arrived.pop(text_in(entry), 0)
            assert entry.delivery is not None
            assert entry.delivery.state in (DeliveryState.SENT, DeliveryState.UNKNOWN)
            assert times == 1 or (times == 0 and entry.delivery.state is DeliveryState.UNKNOWN)
        assert not arrived

    # --- writing

    async def _customer(self, desk: Assembly, where: ThreadRef) -> None:
        said = self._said[where]
        while True:
            if where not in self._unacknowledged:
                text = f"{where.thread} says {len(said)}"
                said.append(says(where, where.thread, text, remote=text, dedup=text))
                self._unacknowledged.add(where)
            with suppress(StoreError):  # as a platform does: it comes again
                await desk.dispatcher.accept(said[-1])
                self._unacknowledged.discard(where)
            await asyncio.sleep(self.rng.uniform(0, PAUSE_SECONDS))

    async def _agent(self, desk: Assembly) -> None:
        while True:
            with suppress(StoreError, Conflict):  # no answer, or the leg was closed meanwhile
                await self._act(desk)
            await asyncio.sleep(self.rng.uniform(0, PAUSE_SECONDS))

    async def _act(self, desk: Assembly) -> None:
        bound = await desk.store.threads.bound(self.rng.choice(self._threads), "")
        if bound is None:
            return
        if self.rng.randrange(CLOSE_EVERY) == 0:
            conversation = await desk.views.conversation(bound.leg)
            activity = MessageId(desk.new_id())
            await desk.triage.set_status(conversation, AGENT, Status.CLOSED, activity)
            return
        reply = Reply(MessageId(f"reply {len(self._replies)}"), bound.leg)
        self._replies.append(reply)
        self._untaken.add(reply)
        await self._say(desk, reply)
        self._untaken.discard(reply)

    async def _say(self, desk: Assembly, reply: Reply) -> None:
        conversation = await desk.views.conversation(reply.leg)
        draft = Draft(id=reply.id, parts=(Text(text=reply.id),), leg=reply.leg)
        await desk.agents.reply(conversation, AGENT, draft)

"""A desk at work while an account is at its limit, a thread fails and one hangs; or none does."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from redis.asyncio import Redis
from typing_extensions import override

from core.errors import TemporaryDeliveryError
from core.model.conversation import Conversation
from core.model.ids import ThreadRef
from core.model.outbound import Outbound, Receipt
from core.ports import Adapter
from core.store.commit import GroupCommit, group_commit
from core.store.connection import connect
from core.store.store import StoreSettings, assemble
from gateway.workers import HandOver, Workers
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.platform import BudgetedAdapter, MemoryAdapter
from tests.rigs.waiting import eventually

OTHERS: Final = tuple(thread(f"other {n}") for n in range(8))
FAILING, HANGING = thread("fails"), thread("hangs")
LIMITED: Final = tuple(thread(f"limited {n}", account="limited") for n in range(40))
ACCOUNT_PER_SECOND: Final = 0.5
ANSWERS_TO_FAILING: Final = 5
POLL_SECONDS: Final = 0.05


class CountingCommit(GroupCommit):
    """Counts the operations on each thread's lanes; those on whole ready sets are nobody's."""

    operations_of: Counter[str]

    @override
    def call(
        self, partition: int, name: str, keys: Sequence[str], *arguments: Any
    ) -> asyncio.Future[Any]:
        if arguments and isinstance(arguments[0], str):
            self.operations_of[arguments[0]] += 1
        return super().call(partition, name, keys, *arguments)


class Platform(MemoryAdapter):
    """Calls into one thread fail, those into another are never answered."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.called_at: dict[str, float] = {}

    @override
    async def send(self, outbound: Outbound) -> Receipt:
        name = outbound.thread.thread
        self.calls[name] += 1
        self.called_at[name] = time.perf_counter()
        if outbound.thread == FAILING:
            raise TemporaryDeliveryError("it fails", retry_after_seconds=POLL_SECONDS)
        if outbound.thread == HANGING:
            await asyncio.Event().wait()
        return await super().send(outbound)


class Office:
    """One process that works as the gateway does."""

    def __init__(self, line: Assembly, commit: CountingCommit, platform: Platform) -> None:
        self.line, self.commit, self.platform = line, commit, platform
        self._conversations: dict[ThreadRef, Conversation] = {}

    async def know(self, *threads: ThreadRef) -> None:
        for where in threads:
            await self.line.dispatcher.accept(says(where, where.thread, "hello"))
        for where in threads:
            await eventually(lambda where=where: self._is_filed(where))  # type: ignore[misc]
            self._conversations[where] = await self.line.conversation_of(where)

    async def _is_filed(self, where: ThreadRef) -> bool:
        return await self.line.store.threads.bound(where, "") is not None

    async def answer(self, where: ThreadRef) -> None:
        await self.line.reply(self._conversations[where], f"to {where.thread}")

    async def get_into_trouble(self) -> None:
        """It stands when this returns, and goes on."""
        await self.know(FAILING, HANGING, *LIMITED)
        for where in (*[FAILING] * ANSWERS_TO_FAILING, HANGING, *LIMITED):
            await self.answer(where)
        await eventually(lambda: self.platform.calls[FAILING.thread] > 1)
        await eventually(lambda: self.platform.calls[HANGING.thread] == 1)

    async def round(self) -> list[float]:
        """Answer each of the others once; -> seconds until the platform was called."""
        platform, began = self.platform, time.perf_counter()
        before = {where: platform.calls[where.thread] for where in OTHERS}
        await asyncio.gather(*(self.answer(where) for where in OTHERS))
        await eventually(lambda: all(platform.calls[one.thread] > before[one] for one in OTHERS))
        await eventually(self._is_settled)
        return [platform.called_at[where.thread] - began for where in OTHERS]

    async def _is_settled(self) -> bool:
        store = self.line.store
        lanes = [store.keys.lane("out", str(where)) for where in OTHERS]
        waiting: int = sum(await asyncio.gather(*(store.redis.exists(lane) for lane in lanes)))
        return waiting == 0

    def operations_of_others(self) -> int:
        return sum(self.commit.operations_of[str(where)] for where in OTHERS)

    def calls_for_others(self) -> int:
        return sum(self.platform.calls[where.thread] for where in OTHERS)


@asynccontextmanager
async def office(url: str) -> AsyncIterator[Office]:
    """An empty installation with the others known, whatever was on the server before."""
    redis: Redis = connect(url)
    await redis.flushall()
    settings = StoreSettings(url=url)
    async with (
        group_commit(redis, settings.caps, CountingCommit) as commit,
        assemble(redis, commit, settings) as store,
        asyncio.TaskGroup() as tasks,
    ):
        assert isinstance(commit, CountingCommit)
        commit.operations_of = Counter()
        platform, hand_over = Platform(), HandOver()
        account = (ACCOUNT_PER_SECOND, 1)
        limited = BudgetedAdapter(chat=(1e4, 100), account=account)
        adapters: dict[str, Adapter] = {"bot": platform, "limited": limited}
        line = Assembly(store, adapters, hand_over=hand_over)
        parts = line.dispatcher, line.deliverer, line.fetcher, line.joins, line.burials
        workers = Workers(
            store, hand_over, *parts, tuple(adapters), lambda _: True, POLL_SECONDS, 1
        )
        running = tasks.create_task(workers.run())
        one = Office(line, commit, platform)
        await one.know(*OTHERS)
        yield one
        running.cancel()
        await workers.drain(0)
    await redis.aclose()

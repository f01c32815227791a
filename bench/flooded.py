"""What one chat that the platform refuses costs the others: delays in interleaved pairs of rounds.

In each round agents answer 200 chats at once, and the time from each answer to its call to the
platform is taken. In every second round another chat is answered with 429 and a minute's
`retry_after`, while its agent goes on writing. One process with its workers, one private Redis.
"""

import asyncio
import time
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Final

import msgspec
import uvloop

from bench.measuring import Effort, percentile
from bench.report.findings import Bound, Finding, Table
from core.model.conversation import Conversation
from core.model.ids import ThreadRef
from core.model.outbound import Outbound
from core.store.store import Store, StoreSettings, open_store
from gateway.workers import HandOver, Workers
from tests.rigs.assembly import Assembly
from tests.rigs.events import says, thread
from tests.rigs.flood import FloodedAdapter
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

OTHERS: Final = frozenset(f"chat {n}" for n in range(200))
ANSWERS_TO_FLOODED: Final = 20
PAIRS: Final = 40
SAYS: Final = """Agents answer 200 chats at once; in every second round the platform refuses one
more chat with 429, whose agent goes on writing. Delays run from an answer to its call to the
platform; the difference is the median of those of the pairs, the noise that of calm rounds."""


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """Delays of the 200 in ms; operations of the store and calls to the platform for each."""

    delays: list[float]
    operations: float
    calls: float


class Bench:
    def __init__(self, store: Store) -> None:
        self._store, self._adapter = store, FloodedAdapter()
        hand_over = HandOver()
        self._line = Assembly(store, {"bot": self._adapter}, hand_over=hand_over)
        line = self._line
        self.workers = Workers(
            store,
            hand_over,
            line.dispatcher,
            line.deliverer,
            line.fetcher,
            line.joins,
            line.burials,
            ("bot",),
            lambda _: True,
            0.25,
            0,
        )
        self._began: dict[str, float] = {}
        self._delays: dict[str, float] = {}
        self._adapter.before_send = self._called
        self._conversations: dict[str, Conversation] = {}

    def _called(self, outbound: Outbound) -> None:
        chat = outbound.thread.thread
        self._delays[chat] = (time.perf_counter() - self._began[chat]) * 1e3

    async def begin(self, *chats: str) -> None:
        for chat in chats:
            where = thread(chat)
            await self._line.dispatcher.accept(says(where, chat, "hello"))
            await eventually(partial(self._is_filed, where))
            self._conversations[chat] = await self._line.conversation_of(where)

    async def _is_filed(self, where: ThreadRef) -> bool:
        return await self._store.threads.bound(where, "") is not None

    async def _is_idle(self) -> bool:
        """Whether no lane waits but those of the flooded chats."""
        keys, redis = self._store.keys, self._store.redis
        ready = [keys.ready(partition, "bot", "out") for partition in range(keys.partitions)]
        waiting = sum(await asyncio.gather(*(redis.zcard(key) for key in ready)))
        return bool(waiting == sum(chat.startswith("flooded") for chat in self._adapter.asked))

    async def _answer(self, chat: str) -> None:
        self._began[chat] = time.perf_counter()
        await self._line.reply(self._conversations[chat], "hello back")

    async def round(self, flooded: str = "") -> Round:
        """`flooded`: the chat that is refused meanwhile."""
        self._delays.clear()
        commit, asked = self._store.commit, sum(self._adapter.asked[one] for one in OTHERS)
        if flooded:
            await self._answer(flooded)
            await eventually(lambda: self._adapter.asked[flooded] > 0)
        await eventually(self._is_idle)
        before = commit.operations
        noise = [self._answer(flooded) for _ in range(ANSWERS_TO_FLOODED)] if flooded else []
        await asyncio.gather(*noise, *(self._answer(chat) for chat in OTHERS))
        await eventually(lambda: self._delays.keys() >= OTHERS)
        await eventually(self._is_idle)
        calls = sum(self._adapter.asked[one] for one in OTHERS) - asked
        return Round(
            delays=[self._delays[chat] for chat in OTHERS],
            operations=(commit.operations - before - len(noise)) / len(OTHERS),
            calls=calls / len(OTHERS),
        )


async def run(url: str, pairs: int) -> tuple[list[Round], list[Round]]:
    """-> calm rounds, and those with a chat that is refused."""
    async with open_store(StoreSettings(url=url)) as store:
        bench = Bench(store)
        working = asyncio.create_task(bench.workers.run())
        await bench.begin(*OTHERS, *(f"flooded {n}" for n in range(pairs)))
        await bench.round()
        calm: list[Round] = []
        flooded: list[Round] = []
        for n in range(pairs):
            for with_flood in (False, True) if n % 2 else (True, False):
                found = await bench.round(f"flooded {n}" if with_flood else "")
                (flooded if with_flood else calm).append(found)
        working.cancel()
        await asyncio.wait({working})
    return calm, flooded


def measure(effort: Effort) -> Finding:
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        calm, flooded = runner.run(run(server.url, effort.pick(PAIRS, 9)))
    medians = [median(one.delays) for one in calm]
    later = median(median(b.delays) - a for a, b in zip(medians, flooded, strict=True))
    noise = median(abs(a - b) for a, b in pairwise(medians))
    extra = median(b.calls - a.calls for a, b in zip(calm, flooded, strict=True))
    head = ("rounds", "p50 ms", "p99 ms", "operations", "calls")
    what = "one chat is refused: others'"
    return Finding(
        says=SAYS,
        tables=(Table(head=head, rows=(_row("calm", calm), _row("flooded", flooded))),),
        bounds=(
            Bound(what=f"{what} extra calls", measured=extra, bound=0.0),
            Bound(
                what=f"{what} median delay, against the noise",
                measured=later,
                bound=noise,
                unit="ms",
                by_clock=True,
            ),
        ),
    )


def _row(name: str, rounds: list[Round]) -> tuple[str | float, ...]:
    delays = [delay for one in rounds for delay in one.delays]
    operations, calls = median(r.operations for r in rounds), median(r.calls for r in rounds)
    return name, median(delays), percentile(delays, 99), operations, calls

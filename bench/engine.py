"""What a message costs: Python and Redis microseconds, accepted and for a whole round trip.

Run by `make bench`; `python -m bench.engine --profile` shows where Python's share goes. Callers
work in a closed loop: each waits for its message before it sends the next. One process, one private
Redis on a unix socket with an append-only file synced every second, uvloop.

On a shared machine rates vary by half; the microseconds of processor time are steadier. Compare
rows of one run only.
"""

import argparse
import asyncio
import cProfile
import os
import platform
import pstats
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Final

import msgspec
import uvloop

from core.blocking import Blocking
from core.deliver import Deliverer, Limits
from core.dispatch import Dispatcher
from core.door import Door
from core.errors import AuthenticationError
from core.floods import Floods
from core.ids import new_ulid
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
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.redis_server import RedisServer

ACCOUNT: Final = "bot"
AGENT: Final = Sender(kind=SenderKind.AGENT, id="agent:bench")
CALLERS: Final = (64, 256)
TEXT: Final = "Where is my parcel? It was due on Monday, order 10293."
TOP: Final = 30
ANY: Final = Flooding(
    allowance=Allowance(per_minute_max=1_000_000_000, burst_max=1_000_000), wording=Wording()
)
"""Counted, but never too much."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One row; times a message are in microseconds of processor time, latencies in ms."""

    name: str
    callers: int
    rate: float
    python_us: float
    redis_us: float
    operations: float
    batch: float
    p50_ms: float
    p99_ms: float


class Bench:
    """A process that accepts, answers and sends; the platform takes everything at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._adapter = MemoryAdapter()
        self._handed: dict[str, Lease] = {}
        self._conversations: list[Conversation] = []
        views = Views(store)
        self._views = views
        telling = Telling(store, _now, self._hand_over)
        door = Door(Blocking(store, views, _now), Floods(store, telling, {ACCOUNT: ANY}, _now))
        self._dispatcher = Dispatcher(store, new_ulid, self._hand_over, door=door)
        self._deliverer = Deliverer(store, {ACCOUNT: self._adapter}, Limits(), self._pause)
        self._agents = Agents(store, views, _now, self._hand_over)

    def _hand_over(self, lease: Lease) -> None:
        self._handed[lease.key] = lease

    def _pause(self, account: str, error: AuthenticationError) -> None:
        raise error

    async def prepare(self, threads: int) -> None:
        """Every thread has its leg, so that messages take the home path."""
        for n in range(threads):
            where = thread(f"t{n}")
            await self._dispatcher.accept(says(where, f"p{n}", TEXT))
            await self._dispatcher.dispatch(self._handed.pop(str(where)))
            bound = await self._store.threads.bound(where, "")
            if bound is None:
                raise RuntimeError(f"{where} was not dispatched")
            self._conversations.append(await self._views.conversation(bound.leg))

    async def accept(self, n: int) -> None:
        await self._dispatcher.accept(says(thread(f"t{n}"), f"p{n}", TEXT))

    async def round_trip(self, n: int) -> None:
        """A message in, an agent's reply, and the reply out with its receipt."""
        await self.accept(n)
        conversation = self._conversations[n]
        leg = conversation.legs[0]
        draft = Draft(id=MessageId(new_ulid()), parts=(Text(text=TEXT),), leg=leg.id)
        await self._agents.reply(conversation, AGENT, draft)
        await self._deliverer.deliver(self._handed.pop(str(leg.thread)))
        self._adapter.sent.clear()

    async def measure(
        self, name: str, work: Callable[[int], Awaitable[None]], callers: int, seconds: float
    ) -> Figures:
        waits: list[float] = []
        end = time.perf_counter() + seconds

        async def caller(n: int) -> None:
            while (began := time.perf_counter()) < end:
                await work(n)
                waits.append(time.perf_counter() - began)

        commit = self._store.commit
        trips, operations = commit.round_trips, commit.operations
        redis, python, began = await self._redis_seconds(), time.process_time(), time.perf_counter()
        await asyncio.gather(*(caller(n) for n in range(callers)))
        elapsed, python = time.perf_counter() - began, time.process_time() - python
        redis = await self._redis_seconds() - redis
        count = len(waits)
        return Figures(
            name=name,
            callers=callers,
            rate=count / elapsed,
            python_us=python / count * 1e6,
            redis_us=redis / count * 1e6,
            operations=(commit.operations - operations) / count,
            batch=(commit.operations - operations) / (commit.round_trips - trips),
            p50_ms=median(waits) * 1e3,
            p99_ms=quantiles(waits, n=100)[98] * 1e3,
        )

    async def _redis_seconds(self) -> float:
        used = await self._store.redis.info("cpu")
        return float(used["used_cpu_user"]) + float(used["used_cpu_sys"])


def _now() -> datetime:
    return datetime.now(UTC)


async def run(url: str, seconds: float) -> None:
    async with open_store(StoreSettings(url=url)) as store:
        bench = Bench(store)
        await bench.prepare(max(CALLERS))
        await bench.measure("warm-up", bench.round_trip, CALLERS[0], seconds / 4)
        server = await store.redis.info("server")
        print(_machine(str(server["redis_version"])))
        print(f"{'':<12}{'callers':>8}{'/s':>9}{'Python µs':>11}{'Redis µs':>10}", end="")
        print(f"{'operations':>12}{'a flight':>10}{'p50 ms':>8}{'p99 ms':>8}")
        for name, work in (("accepted", bench.accept), ("round trip", bench.round_trip)):
            for callers in CALLERS:
                print(_row(await bench.measure(name, work, callers, seconds)))
        print(f"one flight at a time; load afterwards {_load()}")


def _row(f: Figures) -> str:
    return (
        f"{f.name:<12}{f.callers:>8}{f.rate:>9.0f}{f.python_us:>11.0f}{f.redis_us:>10.0f}"
        f"{f.operations:>12.1f}{f.batch:>10.1f}{f.p50_ms:>8.1f}{f.p99_ms:>8.1f}"
    )


def _machine(redis: str) -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, CPython {platform.python_version()},"
        f" Redis {redis}, load before {_load()}"
    )


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each of the four rows")
    parser.add_argument("--profile", action="store_true", help="show where Python's time goes")
    chosen = parser.parse_args()
    profile = cProfile.Profile()
    with RedisServer() as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if chosen.profile:
            profile.enable()
        runner.run(run(server.url, chosen.seconds))
        profile.disable()
    if chosen.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(TOP)


if __name__ == "__main__":
    main()

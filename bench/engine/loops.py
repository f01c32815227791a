"""Callers in a closed loop, each of which waits for its message before it sends the next."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

import msgspec

from bench.measuring import percentile, redis_seconds
from core.store.store import Store

Work = Callable[[int], Awaitable[None]]
"""Of a message, in the thread of this number."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """One turn; times a message are in microseconds of processor time, latencies in ms."""

    rate: float
    python_us: float
    redis_us: float
    operations: float
    flights: float
    """Round trips to the server, for a message."""
    p50_ms: float
    p99_ms: float


async def closed_loop(store: Store, work: Work, callers: int, seconds: float) -> Spent:
    """For so long, each caller in its own thread."""
    end = time.perf_counter() + seconds

    async def caller(n: int, waits: list[float]) -> None:
        while (began := time.perf_counter()) < end:
            await work(n)
            waits.append(time.perf_counter() - began)

    return await _measured(store, caller, callers)


async def all_of(store: Store, work: Work, callers: int, threads: Iterator[int]) -> Spent:
    """A message in each of these threads."""

    async def caller(_: int, waits: list[float]) -> None:
        for n in threads:
            began = time.perf_counter()
            await work(n)
            waits.append(time.perf_counter() - began)

    return await _measured(store, caller, callers)


async def _measured(
    store: Store, caller: Callable[[int, list[float]], Awaitable[None]], callers: int
) -> Spent:
    commit, waits = store.commit, list[float]()
    flights, operations = commit.round_trips, commit.operations
    redis, python = await redis_seconds(store.redis), time.process_time()
    began = time.perf_counter()
    await asyncio.gather(*(caller(n, waits) for n in range(callers)))
    elapsed, python = time.perf_counter() - began, time.process_time() - python
    redis = await redis_seconds(store.redis) - redis
    count = len(waits)
    return Spent(
        rate=count / elapsed,
        python_us=python / count * 1e6,
        redis_us=redis / count * 1e6,
        operations=(commit.operations - operations) / count,
        flights=(commit.round_trips - flights) / count,
        p50_ms=percentile(waits, 50) * 1e3,
        p99_ms=percentile(waits, 99) * 1e3,
    )

"""Callers in a closed loop, each of which waits for its message before it sends the next."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import msgspec

from bench.measuring import percentile, redis_seconds
from core.store.store import Store

Work = Callable[[int], Awaitable[None]]


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
    """`work` is called with the caller's number."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def caller(n: int) -> None:
        while (began := time.perf_counter()) < end:
            await work(n)
            waits.append(time.perf_counter() - began)

    commit = store.commit
    flights, operations = commit.round_trips, commit.operations
    redis, python, began = (
        await redis_seconds(store.redis),
        time.process_time(),
        time.perf_counter(),
    )
    await asyncio.gather(*(caller(n) for n in range(callers)))
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

"""taskiq on Redis: its broker over a stream, acknowledged after the task.

At least once: what was not acknowledged for ten minutes is claimed by the next worker. In no order;
a task that was sent twice runs twice. Results are not kept.

Set up for speed as it documents: orjson, no validation of parameters, as many tasks at once and
entries a read as there are callers.
"""

import asyncio
import logging
from contextlib import suppress

from redis.asyncio import Redis
from taskiq.api import run_receiver_task
from taskiq.serializers import ORJSONSerializer
from taskiq_redis import RedisStreamBroker

from bench.peers.closed_loop import Asked, Trips, acknowledged, measure, run

STREAM = GROUP = "taskiq"


async def main(asked: Asked) -> None:
    logging.disable(logging.CRITICAL)
    broker = RedisStreamBroker(asked.url, xread_count=asked.callers)
    broker = broker.with_serializer(ORJSONSerializer())
    trips = Trips(asked.text)

    @broker.task
    async def end(message: str) -> None:
        trips.end(message)

    @broker.task
    async def answer(message: str) -> None:
        await end.kiq(message)

    first = end if asked.hops == 1 else answer

    async def send(key: str) -> None:
        message, through = trips.begin(key)
        await first.kiq(message)
        await through

    await broker.startup()
    working = asyncio.create_task(
        run_receiver_task(
            broker,
            validate_params=False,
            max_async_tasks=asked.callers,
            max_prefetch=asked.callers,
        )
    )
    async with Redis.from_url(asked.url) as redis:
        await measure(redis, send, lambda: acknowledged(redis, [STREAM], GROUP))
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    await broker.shutdown()


if __name__ == "__main__":
    run(main)

"""arq: a sorted set of jobs, each of which is removed when it is done.

At least once: a job of a worker that is gone runs again when its mark has expired. In no order; a
job id that was used before is refused as long as the job or its result is kept. Results are not.

Set up for speed as it documents: no results, no log of them, as many jobs at once as there are
callers, and a queue that is looked at each five milliseconds instead of twice a second.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Any

from arq import Worker, create_pool, func
from arq.connections import ArqRedis, RedisSettings

from bench.peers.closed_loop import Asked, Trips, measure, run


async def main(asked: Asked) -> None:
    logging.disable(logging.CRITICAL)
    trips = Trips(asked.text)
    settings = RedisSettings(unix_socket_path=asked.url.removeprefix("unix://"))
    pool: ArqRedis = await create_pool(settings)

    async def end(_context: dict[Any, Any], message: str) -> None:
        trips.end(message)

    async def answer(_context: dict[Any, Any], message: str) -> None:
        await pool.enqueue_job("end", message)

    worker = Worker(
        [func(end, name="end"), func(answer, name="answer")],
        redis_pool=pool,
        handle_signals=False,
        max_jobs=asked.callers,
        poll_delay=0.005,
        keep_result=0,
        log_results=False,
    )

    async def send(key: str) -> None:
        message, through = trips.begin(key)
        await pool.enqueue_job("end" if asked.hops == 1 else "answer", message)
        await through

    async def settled() -> bool:
        return not await pool.zcard(worker.queue_name)

    working = asyncio.create_task(worker.async_run())
    await measure(pool, send, settled)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    await worker.close()


if __name__ == "__main__":
    run(main)

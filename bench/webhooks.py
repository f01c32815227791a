"""What webhooks cost: deliveries a second, the processor time of each, and of many that only wait.

    python -m bench.webhooks [--events 5000] [--waiting 10000] [--at-once 8]

A real Redis, and a real receiver in a process of its own. Messages are short, spread over 500
conversations of one leg. Processor time is the gateway's side alone: reading the feed, writing to
disk, rendering, signing, sending.
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from core.view import Views
from gateway.settings import WebhookSettings
from gateway.sqlite import Database
from gateway.webhooks.service import WebhookService, webhooks_file
from tests.rigs.assembly import Assembly, fresh_store
from tests.rigs.events import says, thread
from tests.rigs.platform import MemoryAdapter
from tests.rigs.receiver import receiving
from tests.rigs.redis_server import RedisServer
from tests.rigs.waiting import eventually

CONVERSATIONS = 500
IDLE_SECONDS = 20.0
NOBODY = "http://127.0.0.1:1/hook"
EVENTS = ["message.received"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--waiting", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=8)
    asked = parser.parse_args()
    with RedisServer() as server, _receiver() as url:
        asyncio.run(_measure(server.url, url, asked))


async def _measure(redis_url: str, url: str, asked: argparse.Namespace) -> None:
    settings = WebhookSettings(allow_hosts=("127.0.0.1",), at_once_max=asked.at_once)
    with tempfile.TemporaryDirectory() as directory:
        async with fresh_store(redis_url) as store, webhooks_file(Path(directory)) as file:
            service = WebhookService(
                file, store, Views(store), b"k" * 32, settings, lambda: datetime.now(UTC)
            )
            line = Assembly(store, {"bot": MemoryAdapter()})
            await _deliver(service, file, line, url, asked.events)
            await _wait(service, file, line, asked.waiting)


async def _deliver(
    service: WebhookService, file: Database, line: Assembly, url: str, count: int
) -> None:
    """Everything has happened before sending begins."""
    made = await service.managing.create(url, EVENTS, [], "", "sent")
    await _write(line, count)
    began, used = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(service.run())
        await _until(file, "delivered", count)
        work.cancel()
    seconds, used = time.monotonic() - began, time.process_time() - used
    print(f"delivered: {count / seconds:.0f}/s, {used / count * 1e6:.0f} us of processor time each")
    await service.managing.remove(made.webhook.id)


async def _wait(service: WebhookService, file: Database, line: Assembly, count: int) -> None:
    """The receiver is away."""
    await service.managing.create(NOBODY, EVENTS, [], "", "away")
    await _write(line, count)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(service.run())
        await _until(file, "waiting", count)
        await asyncio.sleep(IDLE_SECONDS)  # the first attempts, which come soon after another
        used = time.process_time()
        await asyncio.sleep(IDLE_SECONDS)
        used = time.process_time() - used
        work.cancel()
    print(f"waiting: {count}, {used / IDLE_SECONDS * 100:.2f} % of a core")


async def _until(file: Database, state: str, count: int) -> None:
    async def is_so() -> bool:
        query = "SELECT count(*) FROM deliveries WHERE state = ?"
        found = await file.read(lambda db: db.execute(query, (state,)).fetchone()[0])
        await asyncio.sleep(0.2)
        return bool(found == count)

    await eventually(is_so, timeout_seconds=600)


async def _write(line: Assembly, count: int) -> None:
    for n in range(count):
        name = str(n % CONVERSATIONS)
        await line.dispatcher.accept(says(thread(name), f"customer {name}", f"message {n}"))
        if n < CONVERSATIONS:
            await line.settle()
    await line.settle()
    while await line.store.live.relay(tuple(range(line.store.keys.partitions))):
        pass


@contextmanager
def _receiver() -> Iterator[str]:
    """-> its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_receive, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()


def _receive(pipe: Connection) -> None:
    async def run() -> None:
        async with receiving() as receiver:
            pipe.send(receiver.url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(run())


if __name__ == "__main__":
    main()

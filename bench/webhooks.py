"""What webhooks cost: deliveries a second, the processor time of each, and of many that only wait.

A real Redis, and a real receiver in a process of its own. Messages are short, spread over 500
conversations of one leg. Processor time is the gateway's side alone: reading the feed, writing to
disk, rendering, signing, sending.
"""

import asyncio
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from bench.measuring import Effort
from bench.report.findings import Finding, Table
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
NOBODY = "http://127.0.0.1:1/hook"
EVENTS = ["message.received"]
AT_ONCE = 8
SAYS = f"""Short messages in {CONVERSATIONS} conversations, a receiver in a process of its own,
{AT_ONCE} requests at once: reading the feed, writing to disk, rendering, signing, sending. Then the
receiver is away, and what is to be sent only waits."""


def measure(effort: Effort) -> Finding:
    events, waiting, seconds = effort.pick((5000, 10_000, 20.0), (300, 300, 3.0))
    with RedisServer() as server, _receiver() as url:
        rate, each, idle = asyncio.run(_measured(server.url, url, events, waiting, seconds))
    rows = (
        ("deliveries a second", rate),
        ("a delivery, µs of processor time", each),
        (f"{waiting} that wait, % of a core", idle),
    )
    return Finding(says=SAYS, tables=(Table(head=("what", "measured"), rows=rows),))


async def _measured(
    redis: str, url: str, events: int, waiting: int, seconds: float
) -> tuple[float, ...]:
    settings = WebhookSettings(allow_hosts=("127.0.0.1",), at_once_max=AT_ONCE)
    with tempfile.TemporaryDirectory() as directory:
        async with fresh_store(redis) as store, webhooks_file(Path(directory)) as file:
            service = WebhookService(
                file, store, Views(store), b"k" * 32, settings, lambda: datetime.now(UTC)
            )
            line = Assembly(store, {"bot": MemoryAdapter()})
            delivered = await _deliver(service, file, line, url, events)
            return *delivered, await _wait(service, file, line, waiting, seconds)


async def _deliver(
    service: WebhookService, file: Database, line: Assembly, url: str, count: int
) -> tuple[float, float]:
    """Everything has happened before sending begins. -> how many a second, and µs of each."""
    made = await service.managing.create(url, EVENTS, [], "", "sent")
    await _write(line, count)
    began, used = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(service.run())
        await _until(file, "delivered", count)
        work.cancel()
    seconds, used = time.monotonic() - began, time.process_time() - used
    await service.managing.remove(made.webhook.id)
    return count / seconds, used / count * 1e6


async def _wait(
    service: WebhookService, file: Database, line: Assembly, count: int, idle: float
) -> float:
    """The receiver is away. -> percent of a core."""
    await service.managing.create(NOBODY, EVENTS, [], "", "away")
    await _write(line, count)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(service.run())
        await _until(file, "waiting", count)
        await asyncio.sleep(idle)  # the first attempts, which come soon after another
        used = time.process_time()
        await asyncio.sleep(idle)
        used = time.process_time() - used
        work.cancel()
    return used / idle * 100


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
